"""Products: made, changed, found by words."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from siyu.domain import products
from siyu.domain.kernel import database
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.reading import Ask, Reader
from siyu.domain.products import PRODUCT, ProductFilter, ProductGiven, ProductsUpsert, Upserted
from siyu.domain.products.rules import asked, words
from siyu.domain.products.tables import Product, ProductWord
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, Forbidden, Refusal
from tests import actors
from tests.domain.orders.said import money


async def put(admin: Actor, *given: ProductGiven) -> tuple[int, int, int]:
    done = await products.upsert(admin, ProductsUpsert(products=list(given)))
    assert done.refusals == []
    return done.created, done.updated, done.unchanged


def product(sku: str, title: str = "Green tea", **more: Any) -> ProductGiven:
    return ProductGiven(sku=sku, title=title, **more)


async def found(admin: Actor, search: str) -> list[str]:
    ask = Ask(PRODUCT)
    ask.want("sku")
    page = await Reader(admin).page(ask, where=ProductFilter(search=search))
    return sorted(str(row["sku"]) for row in page.rows)


async def test_made_changed_and_left_alone(house: House, admin: Actor) -> None:
    full = product("A", category="Tea", price=money("12.5"), tags=["new", "new", "hot"])
    assert await put(admin, full, product("B")) == (2, 0, 0)
    assert await put(admin, full, product("B", "Black tea")) == (0, 1, 1)
    assert await put(admin, product("A")) == (0, 0, 1)
    row = await Product.get(sku="A")
    assert (row.category, row.price_e4, row.price_currency, row.tags) == ("Tea", 125_000, "CNY", ["new", "hot"])
    assert await put(admin, product("A", category=None, price=None, tags=[])) == (0, 1, 0)
    row = await Product.get(sku="A")
    assert (row.category, row.price_e4, row.price_currency, row.tags) == (None, None, None, [])


async def test_one_bad_product_never_loses_the_others(house: House, admin: Actor) -> None:
    wrong = [product(" "), product("B", " "), product("C", price=money("-1")), product("D", tags=["x" * 81]), product("E")]
    done = await products.upsert(admin, ProductsUpsert(products=wrong))
    assert [(each.path[2:], each.code) for each in done.refusals] == [
        (("0", "sku"), Code.BLANK), (("1", "title"), Code.BLANK), (("2", "price", "amount"), Code.INVALID),
        (("3", "tags", "0"), Code.TOO_LONG),
    ]  # fmt: skip
    assert [row.sku for row in await Product.all()] == ["E"]


async def test_words_of_a_search_begin_words_of_what_is_found(house: House, admin: Actor) -> None:
    await put(admin, product("SK-100", "Silk Dress"), product("SK-200", "真丝连衣裙 2026"), product("C_1", "ＣＵＰ ß"))
    for search, expected in {
        "silk": ["SK-100"], "SI dr": ["SK-100"], "ilk": [], "sk": ["SK-100", "SK-200"], "sk-2": ["SK-200"], "200": ["SK-200"],
        "连衣": ["SK-200"], "裙": ["SK-200"], "裙真": [], "cup": ["C_1"], "ss": ["C_1"], "%": [], "silk 裙": [],
    }.items():  # fmt: skip
        assert await found(admin, search) == expected, search
    await put(admin, product("SK-100", "Linen"))
    assert (await found(admin, "silk"), await found(admin, "lin")) == ([], ["SK-100"])


def test_words_are_bounded() -> None:
    assert max(map(len, words("x" * 200, "裙" * 200))) <= 3 * 24
    assert len(asked(" ".join("abcdefghijkl"))) == 8
    assert words("...") == frozenset()


async def test_statements_do_not_grow(house: House, admin: Actor) -> None:
    async def sent(count: int, title: str) -> int:
        with database.counting() as counting:
            await products.upsert(admin, ProductsUpsert(products=[product(f"{count}-{n}", title) for n in range(count)]))
        return len(counting)

    assert await sent(2, "One") == await sent(80, "One")
    assert await sent(2, "Two") == await sent(80, "Two")


async def test_too_many_at_once_and_callers_without_the_scope_change_nothing(house: House, admin: Actor) -> None:
    with pytest.raises(Refusal) as refused:
        await products.upsert(admin, ProductsUpsert(products=[product("A")] * 1001))
    assert refused.value.code is Code.LIMIT_EXCEEDED
    with pytest.raises(Forbidden):
        await products.upsert(actors.holder(Scope.PRODUCTS_READ), ProductsUpsert(products=[product("A")]))
    assert await Product.all().count() + await ProductWord.all().count() == 0


async def test_twins_make_one_product(house: House, admin: Actor) -> None:
    wish = ProductsUpsert(products=[product("A"), product("B")])
    done: list[Upserted] = await asyncio.gather(*(products.upsert(admin, wish) for _ in range(3)))
    assert (sum(each.created for each in done), sum(each.unchanged for each in done)) == (2, 4)
    assert await Product.all().count() == 2
