"""Recording orders, finding them, paying them back."""

from __future__ import annotations

from uuid import UUID

import strawberry

from siyu.domain import orders
from siyu.domain.customers import Unknown
from siyu.domain.kernel.paging import Slice
from siyu.domain.orders import OrderSort
from siyu.schema import planned
from siyu.schema.connections import Connection
from siyu.schema.context import Info
from siyu.schema.customers import IdentityInput
from siyu.schema.errors import Payload, mutation, refused
from siyu.schema.money import MoneyInput
from siyu.schema.orders import Order
from siyu.schema.planned import PageOf, RowOf
from siyu.schema.taking import Input, takes

__all__ = ["IdentityInput", "MoneyInput", "Mutation", "Query"]  # the inputs here are made of those

strawberry.enum(Unknown, name="UnknownCustomers", description="What becomes of an identity that nobody is known by.")


@takes
class OrderLineInput(Input[orders.LineGiven]):
    """One article of an order."""


@takes
class OrderInput(Input[orders.OrderSaid]):
    """An order as your system knows it now. What is left out stays."""


@takes
class OrdersRecordInput(Input[orders.OrdersRecord]):
    """Orders to write."""


@takes
class OrderRefundInput(Input[orders.RefundGiven]):
    """What was paid back of which order."""


@takes
class OrderFilter(Input[orders.OrderFilter]):
    """Every member that is given must hold."""


@strawberry.type(description="What became of a batch of orders. Each counts once, in one of the numbers or in `userErrors`.")
class OrdersRecordPayload(Payload):
    recorded: int = strawberry.field(default=0, description="Orders that were new.")
    updated: int = strawberry.field(default=0, description="Orders that were known, and changed.")
    duplicates: int = strawberry.field(default=0, description="Orders that were known just so: nothing changed.")
    late: int = strawberry.field(default=0, description="Orders of which something newer was known: nothing changed.")


@strawberry.type(description="The order that was written.")
class OrderPayload(Payload):
    order_id: strawberry.Private[UUID | None] = None
    order: Order | None = planned.written(orders.ORDER, by="order_id")


@strawberry.type
class Query:
    @planned.query(Order | None)
    async def order(self, info: Info, id: strawberry.ID | None = None, external_id: str | None = None) -> RowOf:
        """One order, by id or by its number in your own system; null when there is none."""
        return RowOf(orders.ORDER, await orders.resolve(info.context.actor, planned.key("Order", id), external_id))

    @planned.query(Connection[Order])
    def orders(
        self,
        info: Info,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        filter: OrderFilter | None = None,
        sort: OrderSort | None = None,
    ) -> PageOf:
        """Orders, the newest first where no other order is asked. Under a purpose that needs consent: of those who gave it."""
        return PageOf(orders.ORDER, planned.filtered(filter), sort, Slice(first, after, last, before))


@strawberry.type
class Mutation:
    @mutation
    async def orders_record(self, info: Info, input: OrdersRecordInput) -> OrdersRecordPayload:
        """Write orders, each known again by its number: sent twice, nothing changes. At most 1,000; one that does not fit is named in
        `userErrors`, and the others are written. Scope `orders:write`."""
        return _recorded(await orders.record(info.context.actor, input.to_domain()))

    @mutation
    async def order_refund(self, info: Info, input: OrderRefundInput) -> OrderPayload:
        """Say that a part of an order, or all that is left of it, was paid back. The same key twice is one refund. Scope `orders:write`."""
        return OrderPayload(order_id=await orders.refund(info.context.actor, input.to_domain()))


def _recorded(done: orders.Recorded) -> OrdersRecordPayload:
    return OrdersRecordPayload(
        recorded=done.recorded, updated=done.updated, duplicates=done.duplicates, late=done.late, user_errors=refused(done.refusals)
    )
