"""Making and changing products, many at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from tortoise.exceptions import IntegrityError

from siyu.domain.kernel import clock, database
from siyu.domain.kernel.inputs import UNSET
from siyu.domain.kernel.money import MoneyGiven, amount_e4, currency_code
from siyu.domain.kernel.operation import operation
from siyu.domain.kernel.wording import optional_line, required_code, required_line
from siyu.domain.products import rules
from siyu.domain.products.inputs import ProductGiven, ProductsUpsert
from siyu.domain.products.tables import Product, ProductWord
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, Refusal

#: Products a call, tags of a product, and letters of a tag.
PRODUCTS_MAX: Final = 1_000
TAGS_MAX: Final = 50
TAG_MAX: Final = 80
#: How often a batch is tried when somebody else makes the same products at the same moment.
_TRIES: Final = 3
_COLUMNS: Final = ("title", "category", "brand", "price_e4", "price_currency", "tags")


@dataclass(slots=True)
class Upserted:
    """What became of a batch. Products that did not fit are refused one by one; the others are written all the same."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refusals: list[Refusal] = field(default_factory=list)


@operation(Scope.PRODUCTS_WRITE, writes=True)
async def upsert(actor: Actor, wish: ProductsUpsert) -> Upserted:
    """Make the products whose number is new, and change the others: a fixed number of statements whatever the number of products."""
    if len(wish.products) > PRODUCTS_MAX:
        raise Refusal(f"Send at most {PRODUCTS_MAX:,} products at once.", path=("input", "products"), code=Code.LIMIT_EXCEEDED)
    refusals: list[Refusal] = []
    spelled: dict[str, dict[str, object]] = {}
    for number, each in enumerate(wish.products):
        try:
            sku, columns = _spelled(each, ("input", "products", str(number)))
            spelled.setdefault(sku, {}).update(columns)
        except Refusal as refusal:
            refusals.append(refusal)
    for last in reversed(range(_TRIES)):
        try:
            async with database.transaction():
                return await _written(spelled, refusals)
        except IntegrityError:
            if not last:
                raise
    raise AssertionError("the last try returns or raises")


def _spelled(given: ProductGiven, path: tuple[str, ...]) -> tuple[str, dict[str, object]]:
    """The number, and what was said by column."""
    columns: dict[str, object] = {"title": required_line(given.title, (*path, "title"), most=200, impersonal=False)}
    for name, text in (("category", given.category), ("brand", given.brand)):
        if text is not UNSET:
            columns[name] = optional_line(text, (*path, name), most=80, impersonal=False)
    if given.price is None:
        columns.update(price_e4=None, price_currency=None)
    elif isinstance(given.price, MoneyGiven):
        columns["price_currency"] = currency_code(given.price.currency, (*path, "price", "currency"))
        columns["price_e4"] = amount_e4(given.price.amount, (*path, "price", "amount"))
    if given.tags is not UNSET:
        columns["tags"] = _tags(given.tags or [], (*path, "tags"))
    return required_code(given.sku, (*path, "sku"), most=80), columns


def _tags(tags: Sequence[str], path: tuple[str, ...]) -> list[str]:
    if len(tags) > TAGS_MAX:
        raise Refusal(f"A product has at most {TAGS_MAX} tags.", path=path, code=Code.LIMIT_EXCEEDED)
    spelled = (required_line(each, (*path, str(number)), most=TAG_MAX, impersonal=False) for number, each in enumerate(tags))
    return list(dict.fromkeys(spelled))


async def _written(spelled: dict[str, dict[str, object]], refusals: list[Refusal]) -> Upserted:
    known = {row.sku: row for row in await Product.filter(sku__in=list(spelled)).order_by("id").select_for_update()}
    made, changed, renamed = [], [], []
    for sku, columns in sorted(spelled.items()):  # so that no two batches wait for each other
        row = known.get(sku)
        if row is None:
            made.append(Product(sku=sku, **columns))
        elif differing := {name: value for name, value in columns.items() if getattr(row, name) != value}:
            row.update_from_dict({**differing, "updated_at": clock.now()})
            changed.append(row)
            renamed += [row] if "title" in differing else []
    if made:
        await Product.bulk_create(made)
    if changed:
        await Product.bulk_create(changed, update_fields=[*_COLUMNS, "updated_at"], on_conflict=["id"])
    if renamed:
        await ProductWord.filter(product_id__in=[row.id for row in renamed]).delete()
    if made or renamed:
        await ProductWord.bulk_create(
            [ProductWord(product_id=row.id, word=word) for row in (*made, *renamed) for word in sorted(rules.words(row.sku, row.title))]
        )
    return Upserted(len(made), len(changed), len(spelled) - len(made) - len(changed), refusals)
