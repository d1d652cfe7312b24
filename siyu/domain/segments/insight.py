"""What a segment comes to: people, orders, money, who comes back, and at which stage they are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final
from uuid import UUID

from siyu.domain import customers, orders
from siyu.domain.customers import LifecycleStage
from siyu.domain.kernel import boot, database
from siyu.domain.kernel.dialect import Kind, Statement, money_from_e4
from siyu.domain.kernel.operation import operation
from siyu.domain.segments.tables import SegmentMember
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.reach import reach
from siyu.privacy.small import hides, parts, shown

_HUNDREDTH_E4: Final = 100


@dataclass(frozen=True, slots=True)
class Amount:
    """An exact amount in units of its currency."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class StageCount:
    """How many are at a stage."""

    stage: LifecycleStage
    count: int


@dataclass(frozen=True, slots=True)
class Insight:
    """The same measures for each segment, amounts in the organisation's currency."""

    customers: int
    orders: int
    revenue: Amount
    #: Mean of the orders in the revenue, rounded to hundredths; None without any.
    average_order_value: Amount | None
    #: The part of those who ordered that ordered at least twice, from 0 to 1; None where nobody ordered, or it would tell of few.
    repeat_purchase_rate: float | None
    #: Every stage once, in their order.
    by_lifecycle: list[StageCount]
    #: No answers are known by which to tell.
    satisfaction: float | None = None


@dataclass(slots=True)
class _Sums:
    """What the members of one segment who are reached come to."""

    stages: dict[LifecycleStage, int] = field(default_factory=lambda: dict.fromkeys(LifecycleStage, 0))
    orders: int = 0
    revenue_e4: int = 0
    buyers: int = 0
    repeaters: int = 0
    #: Orders that count but are not in the revenue, since no rate of their currency is known.
    unconverted: int = 0


@operation(Scope.SEGMENTS_READ, Scope.ORDERS_READ)
async def insight(actor: Actor, segment_ids: Collection[UUID]) -> dict[UUID, Insight]:
    """What the members whom the actor's purpose reaches come to, of all these segments. Two statements, however many they are.

    To a token no number tells of fewer than ten people: see `docs/segments.md`.
    """
    found: dict[UUID, _Sums] = {each: _Sums() for each in segment_ids}
    if found:
        await _people(actor, found)
        await _unconverted(actor, found)
    base = boot.current().settings.currency
    return {segment_id: _told(actor, sums, base) for segment_id, sums in found.items()}


async def _people(actor: Actor, found: dict[UUID, _Sums]) -> None:
    statement = Statement(database.dialect())
    base = statement.bind(boot.current().settings.currency)
    rows = await database.rows(
        "select m.segment_id, c.lifecycle_stage, count(*), sum(c.orders_count),"  # noqa: S608  # bound values only
        f" sum(case when c.spent_currency = {base} then c.spent_e4 else 0 end),"
        " sum(case when c.orders_count > 0 then 1 else 0 end), sum(case when c.orders_count > 1 then 1 else 0 end)"
        f" from {SegmentMember._meta.db_table} m join {customers.CUSTOMER.table} c on c.id = m.customer_id"
        f" where {await _reached(actor, statement, list(found))} and c.merged_into_id is null group by m.segment_id, c.lifecycle_stage",
        statement.args,
    )
    for row in rows:
        sums = found[UUID(str(row[0]))]
        sums.stages[LifecycleStage(row[1])] = int(row[2])
        sums.orders += int(row[3])
        sums.revenue_e4 += int(row[4])
        sums.buyers += int(row[5])
        sums.repeaters += int(row[6])


async def _unconverted(actor: Actor, found: dict[UUID, _Sums]) -> None:
    statement = Statement(database.dialect())
    rows = await database.rows(
        f"select m.segment_id, sum(s.unconverted_count) from {SegmentMember._meta.db_table} m"  # noqa: S608  # bound values only
        f" join {orders.CURRENCY_SUMMARY.table} s on s.customer_id = m.customer_id"
        f" where {await _reached(actor, statement, list(found))} and s.unconverted_count > 0 group by m.segment_id",
        statement.args,
    )
    for row in rows:
        found[UUID(str(row[0]))].unconverted = int(row[1])


async def _reached(actor: Actor, statement: Statement, segment_ids: Sequence[UUID]) -> str:
    """SQL that holds for memberships `m` in these segments of people whom the actor's purpose reaches."""
    among = statement.among("m.segment_id", segment_ids, Kind.ID)
    return " and ".join(filter(None, (among, (await reach(actor.purpose)).condition("m.customer_id", statement.bind))))


def _told(actor: Actor, sums: _Sums, currency: str) -> Insight:
    """What this actor is told of the sums."""
    people, buyers = sum(sums.stages.values()), shown(actor, sums.buyers)
    averaged = max(0, sums.orders - sums.unconverted) if buyers else 0
    # Who ordered once and who ordered again: a share that splits off few of either tells of these few.
    few = hides(actor, sums.repeaters) or hides(actor, sums.buyers - sums.repeaters)
    return Insight(
        customers=shown(actor, people),
        orders=sums.orders if buyers else 0,
        revenue=Amount(money_from_e4(sums.revenue_e4 if buyers else 0), currency),
        average_order_value=Amount(money_from_e4(_mean(sums.revenue_e4, averaged)), currency) if averaged else None,
        repeat_purchase_rate=round(sums.repeaters / buyers, 4) if buyers and not few else None,
        by_lifecycle=[StageCount(stage, count) for stage, count in parts(actor, sums.stages).items()],
    )


def _mean(sum_e4: int, count: int) -> int:
    """Rounded to hundredths, halves up, as a customer's own."""
    return (2 * sum_e4 + _HUNDREDTH_E4 * count) // (2 * _HUNDREDTH_E4 * count) * _HUNDREDTH_E4
