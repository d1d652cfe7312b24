"""What is said to us of products. `UNSET` is "left out": it stays as it is; null clears."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_doc import Doc

from siyu.domain.kernel.inputs import UNSET, Unset
from siyu.domain.kernel.money import MoneyGiven
from siyu.domain.kernel.reading import Beginning
from siyu.domain.products import rules


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductGiven:
    sku: Annotated[str, Doc("The article's number in your own system; by it a product is known again.")]
    title: Annotated[str, Doc("The article's name.")]
    category: Annotated[str | Unset | None, Doc("The article's category.")] = UNSET
    brand: Annotated[str | Unset | None, Doc("The article's brand.")] = UNSET
    price: Annotated[MoneyGiven | Unset | None, Doc("The usual price.")] = UNSET
    tags: Annotated[list[str] | Unset | None, Doc("Words of your own; they replace those that are there.")] = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductsUpsert:
    products: Annotated[list[ProductGiven], Doc("At most 1,000; of one number twice the last counts.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductFilter:
    """Every member that is given must hold."""

    search: Annotated[
        str | None,
        Doc("Words of title or number."),
        Beginning("title", table="product_words", word="word", by="product_id", words=rules.asked),
    ] = None
