"""What is owed to customers in points, and how it came to that, month by month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from siyu.domain.kernel import clock, database, days
from siyu.domain.kernel.database import DriverRow
from siyu.domain.kernel.dialect import Kind, Statement
from siyu.domain.kernel.operation import operation
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.small import shown

#: Months of one answer, and how many where none is asked.
MONTHS_MAX: Final = 60
MONTHS_USUAL: Final = 12
_SOON: Final = timedelta(days=30)

_REDEEMED: Final = "e.kind = 'REDEEM' or (e.kind = 'REVERSE' and o.kind = 'REDEEM')"
#: Whatever is neither spent nor expired was issued: earned, adjusted, transferred, or taken back of these.
_SUMS: Final = (
    f"cast(coalesce(sum(case when {_REDEEMED} then e.points end), 0) as bigint) as redeemed,"
    " cast(coalesce(sum(case when e.kind = 'EXPIRE' then e.points end), 0) as bigint) as expired,"
    " cast(coalesce(sum(case when e.kind = 'ACTIVATE' then 0 else e.points end), 0) as bigint) as points"
)
_ENTRIES: Final = "points_entries e left join points_entries o on o.id = e.reverses_id"


@dataclass(frozen=True, slots=True)
class Moved:
    """Points of a time: issued less what was taken back, redeemed, and expired; each as a number of points, gone ones too."""

    issued: int
    redeemed: int
    expired: int


@dataclass(frozen=True, slots=True)
class Liability:
    """`outstanding` + `pending` = `issued` - `redeemed` - `expired`, exactly, since the ledger began."""

    outstanding: int
    pending: int
    expiring_in30_days: int
    issued: int
    redeemed: int
    expired: int


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month of the organisation's time zone; `owed` is outstanding and pending together at its end, or now."""

    month: date
    issued: int
    redeemed: int
    expired: int
    owed: int


@operation(Scope.POINTS_READ)
async def liability(actor: Actor) -> Liability:
    """What is owed now, of everybody. To an access token all of it is 0 where it is of fewer than ten people. Three statements."""
    statement = Statement(database.dialect())
    owed = (
        await database.rows(
            "select count(case when last_sequence > 0 then 1 end) as people, cast(coalesce(sum(balance), 0) as bigint) as balance,"
            " cast(coalesce(sum(pending), 0) as bigint) as pending from points_accounts"
        )
    )[0]
    if not shown(actor, int(owed["people"])):
        return Liability(0, 0, 0, 0, 0, 0)
    soon = (
        await database.rows(
            "select cast(coalesce(sum(remaining), 0) as bigint) from points_lots"  # noqa: S608  # bound values only
            f" where open and expires_at <= {statement.bind(clock.now() + _SOON, Kind.DATETIME)}",
            statement.args,
        )
    )[0]
    moved = _moved((await database.rows(f"select {_SUMS} from {_ENTRIES}"))[0])  # noqa: S608  # our own words only
    return Liability(int(owed["balance"]), int(owed["pending"]), int(soon[0]), moved.issued, moved.redeemed, moved.expired)


@operation(Scope.POINTS_READ)
async def months(actor: Actor, since: date | None = None, until: date | None = None) -> list[Month]:
    """The months from that of `since` to that of `until`, in order: the last twelve where they are left out. To an access token a month in
    which fewer than ten people's points moved has zeros. Two statements."""
    zone = days.here()
    last = (until or days.day_of(clock.now(), zone)).replace(day=1)
    first = (since or _later(last, 1 - MONTHS_USUAL)).replace(day=1)
    firsts = [_later(first, number) for number in range(min(MONTHS_MAX, max(0, _number(last) - _number(first) + 1)))]
    if not firsts:
        return []
    statement = Statement(database.dialect())
    spans = [(each, days.begins(each, zone), days.begins(_later(each, 1), zone)) for each in firsts]
    columns = {"month": Kind.TEXT, "since": Kind.DATETIME, "until": Kind.DATETIME}
    given = statement.table("m", columns, [(str(month), begins, ends) for month, begins, ends in spans])
    rows = await database.rows(
        f"select m.month, count(distinct e.customer_id) as people, {_SUMS} from {given}"  # noqa: S608  # bound values only
        f" join points_entries e on e.created_at >= m.since and e.created_at < m.until"
        " left join points_entries o on o.id = e.reverses_id group by m.month",
        statement.args,
    )
    found = {date.fromisoformat(row["month"]): row for row in rows}
    return _running(actor, firsts, found, await _owed_before(spans[0][1]))


def _running(actor: Actor, firsts: Sequence[date], found: dict[date, DriverRow], owed: int) -> list[Month]:
    answer = []
    for each in firsts:
        row = found.get(each)
        moved = _moved(row) if row is not None else Moved(0, 0, 0)
        owed += moved.issued - moved.redeemed - moved.expired
        seen = row is None or shown(actor, int(row["people"]))
        told = moved if seen else Moved(0, 0, 0)
        answer.append(Month(each, told.issued, told.redeemed, told.expired, owed if seen else 0))
    return answer


async def _owed_before(moment: object) -> int:
    statement = Statement(database.dialect())
    rows = await database.rows(
        f"select {_SUMS} from {_ENTRIES} where e.created_at < {statement.bind(moment, Kind.DATETIME)}",  # noqa: S608  # bound values only
        statement.args,
    )
    return int(rows[0]["points"])


def _moved(row: DriverRow) -> Moved:
    redeemed, expired = -int(row["redeemed"]), -int(row["expired"])
    return Moved(int(row["points"]) + redeemed + expired, redeemed, expired)


def _number(month: date) -> int:
    return month.year * 12 + month.month - 1


def _later(month: date, count: int) -> date:
    year, number = divmod(_number(month) + count, 12)
    return date(year, number + 1, 1)
