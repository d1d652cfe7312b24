"""How large a segment was, day by day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from siyu.domain.kernel import clock, database, days
from siyu.domain.kernel.dialect import Kind, Statement
from siyu.domain.kernel.operation import operation
from siyu.domain.segments.drops import Drop, drops, leaves_out
from siyu.domain.segments.tables import Segment, SegmentChange, SegmentMember, SegmentSize
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.reach import Reach, reach
from siyu.privacy.refusal import Code, Refusal
from siyu.privacy.small import shown

#: Days that are told where it isn't said since when, and the most that are told at once.
DAYS_USUAL: Final = 30
DAYS_MAX: Final = 731
#: No segment is older.
_EARLIEST: Final = date(2000, 1, 1)

#: The type, where a field has its name.
Day: TypeAlias = date


@dataclass(frozen=True, slots=True)
class Size:
    """How many were in a segment as a day ended (today: as it is now), and who came and went that day. Days are the organisation's."""

    date: Day
    count: int
    entered: int = 0
    left: int = 0
    #: The sudden loss of that day, the last where there were several.
    drop: Drop | None = None


@operation(Scope.SEGMENTS_READ)
async def history(
    actor: Actor, segment_ids: Collection[UUID], *, since: date | None = None, until: date | None = None
) -> dict[UUID, list[Size]]:
    """A size for each day from `since` to `until`, both included; the last thirty days where nothing is said. Three statements, or four.

    No day is before the segment was made or after today; a day without change carries on the number of the day before. Where the actor's
    purpose leaves people out (who did not consent, or objected), they are counted on no day.

    Refuses (`LIMIT_EXCEEDED`) more than two years.
    """
    zone = days.here()
    today = clock.today(zone.key)
    last = min(until or today, today)
    if last < _EARLIEST:
        return {segment_id: [] for segment_id in segment_ids}
    first = max(since or last - timedelta(days=DAYS_USUAL - 1), _EARLIEST)
    if (last - first).days >= DAYS_MAX:
        raise Refusal(f"Ask for at most {DAYS_MAX} days at once.", path=("from",), code=Code.LIMIT_EXCEEDED)
    if last < first:
        return {segment_id: [] for segment_id in segment_ids}
    made = await Segment.filter(id__in=list(segment_ids)).values_list("id", "created_at")
    reached = await reach(actor.purpose)
    known = await (_counted(reached, segment_ids, first, last, zone) if leaves_out(reached) else _kept(segment_ids, first, last))
    lost = await drops(actor, segment_ids, since=days.begins(first, zone))
    told: dict[UUID, list[Size]] = {}
    for segment_id, made_at in made:
        by_day = {days.day_of(drop.at, zone): drop for drop in reversed(lost[segment_id])}
        told[segment_id] = _daily(actor, known.get(segment_id, []), by_day, max(first, days.day_of(made_at, zone)), last)
    return told


async def _kept(segment_ids: Collection[UUID], first: date, last: date) -> Mapping[UUID, Sequence[Size]]:
    """As they were written down: the days of the span on which anything changed, and the last such day before it."""
    statement, table = Statement(database.dialect()), SegmentSize._meta.db_table
    since, until = statement.bind(first, Kind.DATE), statement.bind(last, Kind.DATE)
    before = f"(select max(b.day) from {table} b where b.segment_id = z.segment_id and b.day < {since})"  # noqa: S608  # bound values only
    rows = await database.rows(
        f'select z.segment_id, z.day, z.count, z.entered, z."left" from {table} z'  # noqa: S608  # bound values only
        f" where {statement.among('z.segment_id', list(segment_ids), Kind.ID)}"
        f" and (z.day >= {since} or z.day = {before}) and z.day <= {until} order by z.day",
        statement.args,
    )
    found: defaultdict[UUID, list[Size]] = defaultdict(list)
    for row in rows:
        found[_id(row[0])].append(Size(_day(row[1]), int(row[2]), int(row[3]), int(row[4])))
    return found


async def _counted(reached: Reach, segment_ids: Collection[UUID], first: date, last: date, zone: ZoneInfo) -> Mapping[UUID, Sequence[Size]]:
    """The same for the people who are reached now, counted back from who is in by who has entered and left since."""
    found: dict[UUID, list[Size]] = {}
    changes = await _changes(reached, segment_ids, first, last, zone)
    for segment_id, count in (await _members(reached, segment_ids)).items():
        sizes: list[Size] = []
        after, since = count, changes.get(segment_id, {})
        for day in sorted(since, reverse=True):
            entered, left = since[day]
            sizes.append(Size(day, after, entered, left))
            after -= entered - left
        found[segment_id] = [Size(first - timedelta(days=1), after), *(size for size in reversed(sizes) if size.date <= last)]
    return found


async def _members(reached: Reach, segment_ids: Collection[UUID]) -> dict[UUID, int]:
    statement = Statement(database.dialect())
    holds = [statement.among("m.segment_id", list(segment_ids), Kind.ID), reached.condition("m.customer_id", statement.bind)]
    rows = await database.rows(
        f"select m.segment_id, count(*) from {SegmentMember._meta.db_table} m"  # noqa: S608  # bound values only
        f" where {' and '.join(filter(None, holds))} group by m.segment_id",
        statement.args,
    )
    return dict.fromkeys(segment_ids, 0) | {_id(row[0]): int(row[1]) for row in rows}


async def _changes(
    reached: Reach, segment_ids: Collection[UUID], first: date, last: date, zone: ZoneInfo
) -> Mapping[UUID, Mapping[date, tuple[int, int]]]:
    """By day, how often somebody entered and left; what came after the last day stands under the day after it."""
    statement = Statement(database.dialect())
    dates = [first + timedelta(days=number) for number in range((last - first).days + 2)]
    ends = [*(days.begins(day, zone) for day in dates[1:]), datetime(9999, 1, 1, tzinfo=UTC)]
    spans = [(day, days.begins(day, zone), until) for day, until in zip(dates, ends, strict=True)]
    given = statement.table("d", {"day": Kind.DATE, "since": Kind.DATETIME, "until": Kind.DATETIME}, spans)
    holds = [statement.among("x.segment_id", list(segment_ids), Kind.ID), reached.condition("x.customer_id", statement.bind)]
    rows = await database.rows(
        "select x.segment_id, d.day, sum(case when x.entered then 1 else 0 end), sum(case when x.entered then 0 else 1 end)"  # noqa: S608  # bound
        # Days first: each is a piece of the index over who entered and left.
        f" from {given} cross join {SegmentChange._meta.db_table} x"
        f" where x.at >= d.since and x.at < d.until and {' and '.join(filter(None, holds))} group by x.segment_id, d.day",
        statement.args,
    )
    found: defaultdict[UUID, dict[date, tuple[int, int]]] = defaultdict(dict)
    for row in rows:
        found[_id(row[0])][_day(row[1])] = int(row[2]), int(row[3])
    return found


def _daily(actor: Actor, known: Sequence[Size], lost: Mapping[date, Drop], first: date, last: date) -> list[Size]:
    """A size for each day; `known` are days on which anything changed, in their order."""
    by_day, count = {size.date: size for size in known}, 0
    told: list[Size] = []
    for size in known:
        count = size.count if size.date < first else count
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        size = by_day.get(day) or Size(day, count)
        count = size.count
        told.append(Size(day, shown(actor, count), shown(actor, size.entered), shown(actor, size.left), lost.get(day)))
    return told


def _day(value: object) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _id(value: object) -> UUID:
    return value if isinstance(value, UUID) else UUID(str(value))
