"""Recording orders, and paying them back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from tortoise.exceptions import IntegrityError

from siyu.domain import customers, rates
from siyu.domain.customers import Unknown
from siyu.domain.kernel import clock, database
from siyu.domain.kernel.money import amount_e4, currency_code
from siyu.domain.kernel.operation import operation, touch
from siyu.domain.kernel.touching import Change
from siyu.domain.orders import sums
from siyu.domain.orders.inputs import OrdersRecord, RefundGiven
from siyu.domain.orders.recording import Recorded, write
from siyu.domain.orders.rules import digest, refundable, refunded_status, share
from siyu.domain.orders.spelling import OrderGiven, spelled
from siyu.domain.orders.tables import Order, OrderRefund
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, NotFound, Refusal

#: Orders a call.
ORDERS_MAX: Final = 1_000
#: Letters of an idempotency key.
KEY_MAX: Final = 200


@operation(Scope.ORDERS_WRITE, writes=True)
async def record(actor: Actor, wish: OrdersRecord) -> Recorded:
    """Write orders, each known again by its number: sent twice, nothing changes. One that does not fit never loses the others.

    Customers are found by their identities; for a new order, one that nobody is known by is made unless the caller refuses it.
    """
    if len(wish.orders) > ORDERS_MAX:
        raise Refusal(f"Send at most {ORDERS_MAX:,} orders at once.", path=("input", "orders"), code=Code.LIMIT_EXCEEDED)
    refusals: list[Refusal] = []
    fitting: dict[int, OrderGiven] = {}
    for number, said in enumerate(wish.orders):
        try:
            fitting[number] = spelled(said, clock.now(), ("input", "orders", str(number)))
        except Refusal as refusal:
            refusals.append(refusal)
    theirs = await _theirs(actor, wish, fitting, refusals)
    result = await write(actor, [replace(fitting[number], customer_id=customer_id) for number, customer_id in theirs.items()])
    result.refusals = sorted([*refusals, *result.refusals], key=lambda each: int(each.path[2]))
    return result


async def _theirs(actor: Actor, wish: OrdersRecord, fitting: dict[int, OrderGiven], refusals: list[Refusal]) -> dict[int, UUID]:
    """Whose the orders are, by their place. Nobody is made for an order that is there already: it has its customer."""
    numbers = [each.external_id for each in fitting.values()]
    known = {row.external_id for row in await Order.filter(external_id__in=numbers).only("id", "external_id")}
    there = [number for number, each in fitting.items() if each.external_id in known]
    new = [number for number, each in fitting.items() if each.external_id not in known]
    found: dict[int, UUID] = {}
    for places, unknown in ((there, Unknown.REFUSE), (new, wish.unknown_customers)):
        identities = [wish.orders[number].customer for number in places]
        recognised = await customers.recognise(actor, identities, unknown=unknown) if places else []
        for number, each in zip(places, recognised, strict=True):
            path = ("input", "orders", str(number), "customer")
            if each.customer_id is not None:
                found[number] = each.customer_id
            elif each.refusal is not None and (places is new or each.refusal.code is not Code.NOT_FOUND):
                refusals.append(Refusal(each.refusal.message, path=(*path, *each.refusal.path), code=each.refusal.code))
            else:
                refusals.append(Refusal("This order is another customer's.", path=path, code=Code.CONFLICT))
    return dict(sorted(found.items()))


@operation(Scope.ORDERS_IMPORT, writes=True)
async def record_batch(actor: Actor, given: Sequence[OrderGiven]) -> Recorded:
    """Write the orders of a file, their customers known: a few statements whatever the number. A file's status is taken as it is."""
    return await write(actor, given, trusted=True)


@operation(Scope.ORDERS_WRITE, writes=True)
async def refund(actor: Actor, wish: RefundGiven) -> UUID:
    """Pay back a part of an order, or all that is left. The order's id.

    The same key with the same input changes nothing; with another input it is refused (`CONFLICT`).
    """
    path = ("input", "amount")
    currency = currency_code(wish.amount.currency, (*path, "currency"))
    amount = amount_e4(wish.amount.amount, (*path, "amount"))
    key = _key(wish.idempotency_key)
    named = await Order.get_or_none(id=wish.order_id)
    if named is None:
        raise NotFound("There is no such order.", path=("input", "order_id"))
    present = await customers.reserve(actor, [named.customer_id])
    known = await OrderRefund.get_or_none(key=key)
    if known is not None:
        return _again(known, wish.order_id, amount, currency)
    row = await Order.get_or_none(id=wish.order_id)
    if row is None or row.customer_id not in present:
        raise Refusal("This order is another customer's since a moment ago: send it again.", path=("input", "order_id"), code=Code.CONFLICT)
    if currency != row.currency:
        raise Refusal(f"This order is in {row.currency}.", path=(*path, "currency"))
    try:
        refundable(row.status, row.total_e4, row.refunded_e4, amount)
    except Refusal as refusal:
        raise Refusal(refusal.message, path=("input", *refusal.path), code=refusal.code) from None
    made = OrderRefund(customer_id=row.customer_id, order_id=row.id, key=key, amount_e4=amount, currency=currency)
    try:
        async with database.transaction():
            await made.save(force_create=True)
    except IntegrityError:  # another order's refund took the key meanwhile
        return _again(await OrderRefund.get(key=key), wish.order_id, amount, currency)
    await _paid_back(actor, row, amount)
    return row.id


def _key(text: str) -> bytes:
    if not text.strip():
        raise Refusal("This can't be blank.", path=("input", "idempotency_key"), code=Code.BLANK)
    if len(text) > KEY_MAX:
        raise Refusal(f"At most {KEY_MAX} characters.", path=("input", "idempotency_key"), code=Code.TOO_LONG)
    return digest(text.encode("utf-8", "surrogatepass"))


def _again(known: OrderRefund, order_id: UUID, amount: int, currency: str) -> UUID:
    if (known.order_id, known.amount_e4, known.currency) != (order_id, amount, currency):
        raise Refusal("This key was used for another refund.", path=("input", "idempotency_key"), code=Code.CONFLICT)
    return known.order_id


async def _paid_back(actor: Actor, row: Order, amount_e4: int) -> None:
    before = share(row.status, row.total_e4, row.refunded_e4, row.worth_e4)
    row.refunded_e4 += amount_e4
    row.status = refunded_status(row.status, row.total_e4, row.refunded_e4)
    row.updated_at = clock.now()
    if row.worth_currency is not None:
        table = await rates.between(actor, [row.currency], first=row.placed_at, last=row.placed_at)
        row.worth_e4, row.worth_currency = table.worth(row.total_e4 - row.refunded_e4, row.currency, row.placed_at), table.base
    await row.save(update_fields=["refunded_e4", "status", "worth_e4", "worth_currency", "updated_at"])
    after = share(row.status, row.total_e4, row.refunded_e4, row.worth_e4)
    await sums.add(actor, {(row.customer_id, row.currency): after + -before})
    touch(Change.ORDER, [row.customer_id])
