"""What customers' orders come to: changed by differences in the transaction that changes an order, or worked out anew."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final
from uuid import UUID

from siyu.domain import customers, rates
from siyu.domain.kernel import boot, clock, database, ids
from siyu.domain.kernel.dialect import Kind, Statement, decoder
from siyu.domain.kernel.joining import refreshes
from siyu.domain.kernel.operation import operation, touch
from siyu.domain.kernel.touching import Change
from siyu.domain.orders.rules import COUNTED, NOTHING, Share, SumKey
from siyu.domain.orders.tables import Order, OrderSum
from siyu.privacy.actor import Actor

_COUNTED_SQL: Final = ", ".join(f"'{status.value}'" for status in COUNTED)
_ADDED: Final = ("orders_count", "spent_e4", "unconverted_count", "unconverted_e4", "worth_e4")
_COLUMNS: Final = {
    "id": Kind.ID, "created_at": Kind.DATETIME, "customer_id": Kind.ID, "currency": Kind.TEXT, **dict.fromkeys(_ADDED, Kind.INT),
}  # fmt: skip


async def add(actor: Actor, differences: Mapping[SumKey, Share]) -> None:
    """Add to the sums what orders add now and did not before. The customers are reserved.

    Where orders of one of them wait to be converted, that customer's sums are worked out anew instead: an older process may have
    written them.
    """
    touched = {customer_id for customer_id, _ in differences}
    if not touched:
        return
    waiting = await _waiting(touched)
    changed = {key: share for key, share in differences.items() if share != NOTHING and key[0] not in waiting}
    if changed:
        await _added(changed)
    if waiting:
        await _settle(actor, waiting)
    await _tell(actor, touched)


@refreshes
@operation(writes=True)
async def refresh(actor: Actor, customer_ids: Sequence[UUID]) -> None:
    """Convert what waits for it, and work out the sums of these customers anew from all their orders: a few statements."""
    await customers.reserve(actor, customer_ids)
    await _settle(actor, customer_ids)
    await _tell(actor, customer_ids)
    touch(Change.ORDER, customer_ids)


async def _waiting(customer_ids: Collection[UUID]) -> set[UUID]:
    statement = Statement(database.dialect())
    among = statement.among("customer_id", list(customer_ids), Kind.ID)
    sql = f"select distinct customer_id from orders where worth_currency is null and {among}"  # noqa: S608  # bound values only
    return {_id(row[0]) for row in await database.rows(sql, statement.args)}


async def _settle(actor: Actor, customer_ids: Collection[UUID]) -> None:
    await _convert(actor, customer_ids)
    await OrderSum.filter(customer_id__in=list(customer_ids)).delete()
    statement = Statement(database.dialect())
    among = statement.among("customer_id", list(customer_ids), Kind.ID)
    left = "total_e4 - refunded_e4"
    sql = (
        f"select customer_id, currency, count(*), sum({left}), count(*) - count(worth_e4),"  # noqa: S608  # bound values only
        f" sum(case when worth_e4 is null then {left} else 0 end), coalesce(sum(worth_e4), 0)"
        f" from orders where {among} and status in ({_COUNTED_SQL}) group by customer_id, currency"
    )
    found = await database.rows(sql, statement.args)
    await _added({(_id(row[0]), str(row[1])): Share(*(int(row[n]) for n in range(2, 7))) for row in found})


async def _convert(actor: Actor, customer_ids: Collection[UUID]) -> None:
    """Convert the orders of these customers that wait for it."""
    rows = await Order.filter(customer_id__in=list(customer_ids), worth_currency__isnull=True).only(
        "id", "currency", "total_e4", "refunded_e4", "placed_at"
    )
    if not rows:
        return
    moments = [row.placed_at for row in rows]
    table = await rates.between(actor, {row.currency for row in rows}, first=min(moments), last=max(moments))
    statement = Statement(database.dialect())
    worths = [(row.id, table.worth(row.total_e4 - row.refunded_e4, row.currency, row.placed_at)) for row in rows]
    given = statement.table("g", {"id": Kind.ID, "worth": Kind.INT}, worths)
    base = statement.bind(table.base)
    await database.run(
        f"update orders set worth_e4 = g.worth, worth_currency = {base} from {given} where orders.id = g.id",  # noqa: S608  # bound values only
        statement.args,
    )


async def _added(differences: Mapping[SumKey, Share]) -> None:
    if not differences:
        return
    statement, now = Statement(database.dialect()), clock.now()
    given = statement.table(
        "g",
        _COLUMNS,
        [
            (ids.uuid7(), now, *key, each.count, each.spent_e4, each.unconverted_count, each.unconverted_e4, each.worth_e4)
            for key, each in differences.items()
        ],
    )
    names = ", ".join(_COLUMNS)
    changes = ", ".join(f"{name} = order_sums.{name} + excluded.{name}" for name in _ADDED)
    await database.run(
        f"insert into order_sums ({names}) select {names} from {given} where true"  # noqa: S608  # bound values only
        f" on conflict (customer_id, currency) do update set {changes}",
        statement.args,
    )
    await OrderSum.filter(customer_id__in=list({customer_id for customer_id, _ in differences}), orders_count=0).delete()


async def _tell(actor: Actor, customer_ids: Collection[UUID]) -> None:
    """Have customers know their sums; the first and the last order are looked up in an index, whatever their number."""
    statement = Statement(database.dialect())
    people = statement.table("k", {"id": Kind.ID}, [(each,) for each in customer_ids])
    among = statement.among("customer_id", list(customer_ids), Kind.ID)
    edge = (
        f"(select o.placed_at from orders o where o.customer_id = k.id and o.status in ({_COUNTED_SQL})"  # noqa: S608  # bound values only
        " order by o.placed_at {0}, o.id {0} limit 1)"
    )
    sql = (
        f"select k.id, coalesce(s.n, 0), coalesce(s.worth, 0), {edge.format('asc')}, {edge.format('desc')} from {people}"  # noqa: S608  # bound values only
        " left join (select customer_id, sum(orders_count) as n, sum(worth_e4) as worth from order_sums"
        f" where {among} group by customer_id) s on s.customer_id = k.id"
    )
    base, moment = boot.current().settings.currency, decoder(statement.dialect, Kind.DATETIME) or (lambda value: value)
    await customers.ordered(
        actor,
        [
            customers.OrderedGiven(
                customer_id=_id(key),
                count=int(count),
                spent_e4=int(worth),
                currency=base,
                first_at=first and moment(first),  # type: ignore[arg-type]  # the column's kind
                last_at=last and moment(last),  # type: ignore[arg-type]  # the column's kind
            )
            for key, count, worth, first, last in await database.rows(sql, statement.args)
        ],
    )


def _id(value: object) -> UUID:
    return value if isinstance(value, UUID) else UUID(str(value))
