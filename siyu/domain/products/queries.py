"""Finding products."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from siyu.domain.kernel import normal
from siyu.domain.kernel.operation import operation
from siyu.domain.products.tables import Product
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Article:
    """What a product lends to a line of an order that says no more than its number."""

    title: str
    category: str | None
    brand: str | None


@operation(Scope.PRODUCTS_READ)
async def resolve(actor: Actor, product_id: UUID | None, sku: str | None) -> UUID | None:
    """The product named by an id or by its number; exactly one of the two is given."""
    if (product_id is None) == (sku is None):
        raise Refusal("Give an id or a sku.", path=("sku",))
    if product_id is not None or sku is None:
        return product_id
    spelled = normal.code(sku)
    return None if "\0" in spelled else cast("UUID | None", await Product.get_or_none(sku=spelled).values_list("id", flat=True))


@operation()
async def known(actor: Actor, skus: Collection[str]) -> dict[str, Article]:
    """What is known of these numbers; for nouns that name articles. One statement, or none where there are no numbers."""
    if not skus:
        return {}
    found = await Product.filter(sku__in=list(skus)).values_list("sku", "title", "category", "brand")
    return {sku: Article(title, category, brand) for sku, title, category, brand in found}
