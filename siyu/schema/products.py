"""Products in the SDL."""

from __future__ import annotations

from datetime import datetime

import strawberry

from siyu.domain import products
from siyu.domain.kernel.paging import Slice
from siyu.domain.products import ProductFilter
from siyu.schema import planned
from siyu.schema.binding import reads
from siyu.schema.connections import Connection
from siyu.schema.context import Info
from siyu.schema.errors import Payload, mutation, refused
from siyu.schema.money import Money
from siyu.schema.planned import PageOf, RowOf
from siyu.schema.relay import Node
from siyu.schema.taking import Input, takes


@reads(products.PRODUCT)
class Product(Node):
    sku: str
    title: str
    category: str | None
    brand: str | None
    price: Money | None
    tags: list[str]
    created_at: datetime
    updated_at: datetime


@takes
class ProductInput(Input[products.ProductGiven]):
    """A product as it shall be. What is left out stays, null clears."""


@takes
class ProductsUpsertInput(Input[products.ProductsUpsert]):
    """Products to write."""


@strawberry.type(description="What became of a batch of products.")
class ProductsUpsertPayload(Payload):
    created: int = strawberry.field(default=0, description="Products that were new.")
    updated: int = strawberry.field(default=0, description="Products that were known, and changed.")
    unchanged: int = strawberry.field(default=0, description="Products that were known just so.")


@strawberry.type
class Query:
    @planned.query(Product | None)
    async def product(self, info: Info, id: strawberry.ID | None = None, sku: str | None = None) -> RowOf:
        """One product, by id or by its number; null when there is none."""
        return RowOf(products.PRODUCT, await products.resolve(info.context.actor, planned.key("Product", id), sku))

    @planned.query(Connection[Product])
    def products(
        self,
        info: Info,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        search: str | None = None,
    ) -> PageOf:
        """Products, the newest first."""
        return PageOf(products.PRODUCT, ProductFilter(search=search) if search else None, None, Slice(first, after, last, before))


@strawberry.type
class Mutation:
    @mutation
    async def products_upsert(self, info: Info, input: ProductsUpsertInput) -> ProductsUpsertPayload:
        """Make the products whose number is new, and change the others. At most 1,000; one that does not fit is named in `userErrors`,
        and the others are written. Scope `products:write`."""
        return _upserted(await products.upsert(info.context.actor, input.to_domain()))


def _upserted(done: products.Upserted) -> ProductsUpsertPayload:
    return ProductsUpsertPayload(created=done.created, updated=done.updated, unchanged=done.unchanged, user_errors=refused(done.refusals))
