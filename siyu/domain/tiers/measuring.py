"""Where customers stand and what they come to, as SQL: of just these, or of everybody page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from siyu.domain.kernel import clock, database, days
from siyu.domain.kernel.dialect import Kind, Statement, decoder
from siyu.domain.orders import COUNTED
from siyu.domain.tiers.rules import Measure, Rung, Standing, placed
from siyu.domain.tiers.tables import TierQualification

_STATUSES: Final = ", ".join(f"'{status.value}'" for status in COUNTED)
#: What was earned, less what was taken back of that, whenever it was.
_EARNED: Final = "e.points + coalesce((select sum(r.points) from points_entries r where r.reverses_id = e.id), 0)"


@dataclass(frozen=True, slots=True)
class Measured:
    """One customer: where they were, and what they come to."""

    customer_id: UUID
    was: Standing
    values: dict[Measure, int]


@dataclass(frozen=True, slots=True)
class Ladder:
    """By what and when it is told."""

    rungs: tuple[Rung, ...]
    now: datetime
    zone: ZoneInfo

    def standing(self, measured: Measured) -> Standing:
        """Where somebody is now."""
        return placed(self.rungs, measured.was, measured.values, at=self.now, zone=self.zone)


def ladder(rungs: tuple[Rung, ...]) -> Ladder:
    """These tiers, asked now, by the organisation's days."""
    return Ladder(rungs, clock.now(), days.here())


async def measured(by: Ladder, customer_ids: Sequence[UUID]) -> list[Measured]:
    """These customers, those that there are. One statement.

    Who was merged into somebody else is left out, and who restricted processing: they stay where they were.
    """
    statement = Statement(database.dialect())
    return await _rows(by, statement, statement.among("c.id", list(customer_ids), Kind.ID), "")


async def page(by: Ladder, after: UUID | None, limit: int) -> list[Measured]:
    """The same of everybody, the next `limit` by id. One statement."""
    statement = Statement(database.dialect())
    where = f"c.id > {statement.bind(after, Kind.ID)}" if after is not None else "true"
    return await _rows(by, statement, where, f" order by c.id limit {limit}")


async def _rows(by: Ladder, statement: Statement, where: str, end: str) -> list[Measured]:
    measures = list(dict.fromkeys(rung.measure for rung in by.rungs))
    asked = ", ".join(["c.id", "a.tier_id", "a.tier_since", "a.tier_until", *(_measure(statement, by, each) for each in measures)])
    found = await database.rows(
        f"select {asked} from customers c left join points_accounts a on a.customer_id = c.id"  # noqa: S608  # bound values only
        f" where {where} and c.merged_into_id is null and not exists (select 1 from restrictions r where r.customer_id = c.id){end}",
        statement.args,
    )
    return [_read(row, measures, statement) for row in found]


def _read(row: database.DriverRow, measures: Sequence[Measure], statement: Statement) -> Measured:
    key, tier_id, since, until, *values = row
    moment = decoder(statement.dialect, Kind.DATETIME) or (lambda value: value)
    was = Standing(
        None if tier_id is None else UUID(str(tier_id)),
        None if since is None else cast(datetime, moment(since)),
        None if until is None else cast(datetime, moment(until)),
    )
    return Measured(UUID(str(key)), was, {measure: int(value) for measure, value in zip(measures, values, strict=True)})


def _measure(statement: Statement, by: Ladder, measure: Measure) -> str:
    """What a customer `c` with the account `a` comes to, never null."""
    qualification, window_days = measure
    if qualification is TierQualification.BALANCE:
        return "coalesce(a.balance, 0)"
    if qualification is TierQualification.LIFETIME_POINTS:
        return "coalesce(a.lifetime_earned, 0)"
    assert window_days is not None, "it was refused"
    since = statement.bind(days.ago(window_days, at=by.now, zone=by.zone), Kind.DATETIME)
    if qualification is TierQualification.POINTS_IN_WINDOW:
        return (
            f"coalesce((select sum({_EARNED}) from points_entries e"  # noqa: S608  # bound values only
            f" where e.customer_id = c.id and e.kind = 'EARN' and e.created_at >= {since}), 0)"
        )
    return (
        "coalesce((select sum(o.worth_e4) from orders o"  # noqa: S608  # bound values only
        f" where o.customer_id = c.id and o.status in ({_STATUSES}) and o.placed_at >= {since}), 0)"
    )
