"""Writing orders that come from elsewhere: what is new, what changes, what was known, what comes too late."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

from tortoise.exceptions import IntegrityError

from siyu.domain import customers, products, rates
from siyu.domain.kernel import clock, database
from siyu.domain.kernel.inputs import UNSET, Unset
from siyu.domain.kernel.operation import touch
from siyu.domain.kernel.touching import Change
from siyu.domain.orders import sums
from siyu.domain.orders.rules import LATE, NOTHING, Share, SumKey, next_status, share
from siyu.domain.orders.spelling import Line, OrderGiven, completed
from siyu.domain.orders.tables import Order, OrderLine
from siyu.privacy.actor import Actor
from siyu.privacy.refusal import Code, NotFound, Refusal

#: How often a batch is tried when somebody else records one of its orders at the same moment.
_TRIES: Final = 3
_SAID: Final = ("total_e4", "currency", "channel", "placed_at", "items_count", "lines_digest")
_WRITTEN: Final = (*_SAID, "status", "said_at", "worth_e4", "worth_currency", "updated_at")


@dataclass(slots=True)
class Recorded:
    """What became of a batch. Orders that did not fit are refused one by one, the others are written all the same."""

    recorded: int = 0
    updated: int = 0
    duplicates: int = 0
    #: Words that were older than what was known: nothing of them was taken.
    late: int = 0
    refusals: list[Refusal] = field(default_factory=list)


async def write(actor: Actor, given: Sequence[OrderGiven], *, trusted: bool = False) -> Recorded:
    """Write orders with their lines and bring their customers' sums up to date: a fixed number of statements whatever the number.

    Of one order number twice, the second comes after the first. `trusted`: a status is taken as it is said, back and forth.
    """
    for last in reversed(range(_TRIES)):
        try:
            async with database.transaction():
                return await _write(actor, given, trusted=trusted)
        except IntegrityError:
            if not last:
                raise
    raise AssertionError("the last try returns or raises")


async def _write(actor: Actor, given: Sequence[OrderGiven], *, trusted: bool) -> Recorded:
    present = await customers.reserve(actor, {order.customer_id for order in given})
    book = _Book(await Order.filter(external_id__in=list({order.external_id for order in given})))
    for order in given:
        try:
            book.take(order, present, trusted=trusted)
        except Refusal as refusal:
            book.result.refusals.append(Refusal(refusal.message, path=(*order.path, *refusal.path), code=refusal.code))
    # In the order of their numbers: no two batches that hold some in common wait for each other.
    fresh, changed = (
        [book.fresh[number] for number in sorted(book.fresh)],
        [book.known[number] for number in book.changed if number not in book.fresh],
    )
    await _convert(actor, [*fresh, *(row for row in changed if row.worth_currency is not None)])
    if fresh:
        await Order.bulk_create(fresh)
    if changed:
        await Order.bulk_create(changed, update_fields=_WRITTEN, on_conflict=["id"])
    await _write_lines(actor, book)
    await sums.add(actor, book.differences())
    touch(Change.ORDER, [row.customer_id for row in (*fresh, *changed)])
    return book.result


class _Book:
    """What is known of a batch's orders, and what becomes of it."""

    def __init__(self, rows: Sequence[Order]) -> None:
        self.known = {row.external_id: row for row in rows}
        self.before = {row.external_id: _standing(row) for row in rows}
        self.fresh: dict[str, Order] = {}
        #: Numbers of the orders to write, in their order.
        self.changed: dict[str, None] = {}
        self.lines: dict[str, Sequence[Line]] = {}
        self.result = Recorded()

    def take(self, order: OrderGiven, present: Collection[object], *, trusted: bool) -> None:
        """Take one word about an order; refuses what can't be."""
        if order.customer_id not in present:
            raise NotFound("The customer is not there any more.", path=("customer",))
        row = self.known.get(order.external_id)
        if row is None:
            row = self.fresh[order.external_id] = self.known[order.external_id] = _made(order)
            self.changed[order.external_id] = None
            self.result.recorded += 1
        elif row.customer_id != order.customer_id:
            raise Refusal("This order is another customer's.", path=("customer",), code=Code.CONFLICT)
        elif (status := order.status if trusted else _next(row, order)) is LATE:
            self.result.late += 1
            return
        else:
            changes = _changes(row, order) | ({"status": status} if status != row.status else {})
            _check(row, order)
            newer = order.said_at is not None and (row.said_at is None or order.said_at > row.said_at)
            if changes or newer:
                row.update_from_dict({**changes, **({"said_at": order.said_at} if newer else {}), "updated_at": clock.now()})
                self.changed[order.external_id] = None
            self.result.updated += bool(changes)
            self.result.duplicates += not changes
            if "lines_digest" not in changes:
                return
        if not isinstance(order.lines, Unset):
            self.lines[order.external_id] = order.lines

    def differences(self) -> dict[SumKey, Share]:
        """What the orders add now that they did not before, by customer and currency."""
        found: dict[SumKey, Share] = {}
        for number in self.changed:
            for key, each in (
                *([(self.before[number][0], -self.before[number][1])] if number in self.before else ()),
                _standing(self.known[number]),
            ):
                found[key] = found.get(key, NOTHING) + each
        return found


def _standing(row: Order) -> tuple[SumKey, Share]:
    return (row.customer_id, row.currency), share(row.status, row.total_e4, row.refunded_e4, row.worth_e4)


def _made(order: OrderGiven) -> Order:
    return Order.fresh(
        external_id=order.external_id,
        customer_id=order.customer_id,
        total_e4=order.total_e4,
        currency=order.currency,
        status=order.status,
        channel=None if isinstance(order.channel, Unset) else order.channel,
        placed_at=order.placed_at,
        items_count=0 if isinstance(order.items_count, Unset) else order.items_count,
        said_at=order.said_at,
        lines_digest=order.lines_digest,
    )


def _next(row: Order, order: OrderGiven) -> object:
    return next_status(row.status, order.status, known_at=row.said_at, said_at=order.said_at)


def _changes(row: Order, order: OrderGiven) -> dict[str, object]:
    said = {name: getattr(order, name) for name in _SAID}
    if order.lines_digest is None:
        del said["lines_digest"]
    return {name: value for name, value in said.items() if value is not UNSET and _plain(getattr(row, name)) != value}


def _plain(value: object) -> object:
    return bytes(value) if isinstance(value, memoryview | bytearray) else value


def _check(row: Order, order: OrderGiven) -> None:
    """Money that was paid back stays within its order."""
    if row.refunded_e4 and order.currency != row.currency:
        raise Refusal("Some of this order was paid back in another currency.", path=("total", "currency"), code=Code.CONFLICT)
    if order.total_e4 < row.refunded_e4:
        raise Refusal("More than this was paid back already.", path=("total", "amount"), code=Code.CONFLICT)


async def _convert(actor: Actor, rows: Sequence[Order]) -> None:
    """Say what the orders are worth in the organisation's currency."""
    if not rows:
        return
    moments = [row.placed_at for row in rows]
    table = await rates.between(actor, {row.currency for row in rows}, first=min(moments), last=max(moments))
    for row in rows:
        row.worth_e4 = table.worth(row.total_e4 - row.refunded_e4, row.currency, row.placed_at)
        row.worth_currency = table.base


async def _write_lines(actor: Actor, book: _Book) -> None:
    if not book.lines:
        return
    replaced = [book.known[number].id for number in book.lines if number not in book.fresh]
    if replaced:
        await OrderLine.filter(order_id__in=replaced).delete()
    lines = (line for lines in book.lines.values() for line in lines)
    lacking = {line.sku for line in lines if line.sku and not (line.title and line.category and line.brand)}
    known = await products.known(actor, lacking)
    rows = [
        _line(book.known[number], place, completed(line, known)) for number, lines in book.lines.items() for place, line in enumerate(lines)
    ]
    if rows:
        await OrderLine.bulk_create(rows)


def _line(order: Order, place: int, line: Line) -> OrderLine:
    return OrderLine.fresh(
        customer_id=order.customer_id,
        order_id=order.id,
        position=place,
        sku=line.sku,
        title=line.title,
        category=line.category,
        brand=line.brand,
        quantity=line.quantity,
        unit_price_e4=line.unit_price_e4,
        currency=order.currency,
    )
