"""The statements that score: ranks of everybody, and what the ranks make of each customer.

Ranks give cuts, the least value that has each score; a customer's scores follow from the cuts. For those who were ranked this is the
same as their rank says, since a score never falls as the value grows and equal values share it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from siyu.domain import orders
from siyu.domain.kernel import days
from siyu.domain.kernel.dialect import Kind, Statement
from siyu.domain.scoring.rules import OTHER, Model
from siyu.privacy.reach import Reach

_COUNTED: Final = ", ".join(f"'{status.value}'" for status in orders.COUNTED)
#: By axis, what is ranked and cut; days are numbered from 1970 on.
AXES: Final = {"recency": "last_day", "frequency": "orders_count", "monetary": "spent_e4"}
#: An order may be placed so far ahead of our clock.
_AHEAD: Final = timedelta(days=2)

#: By axis, the scores that there are with the least value of each, the highest first.
Cuts = dict[str, list[list[int]]]


@dataclass(frozen=True, slots=True)
class Ranked:
    """By what, when and for whom it is ranked."""

    model: Model
    now: datetime
    zone: ZoneInfo
    reach: Reach

    @property
    def since(self) -> datetime:
        """Orders from this moment on are in the window."""
        return days.ago(self.model.window_days, at=self.now, zone=self.zone)


def cutting(statement: Statement, by: Ranked) -> str:
    """`axis, score, least value`. A score is 1 + (bins x people with a lower value) / people, rounded down."""
    day = days.numbered(statement, "b.last_ordered_at", by.zone, first=by.since, last=by.now + _AHEAD)
    counts = " union all ".join(
        f"select '{axis}' as axis, {day if axis == 'recency' else f'b.{value}'} as value, count(*) as people from bought b group by 2"  # noqa: S608  # ours
        for axis, value in AXES.items()
    )
    upto = "cast(sum(h.people) over (partition by h.axis order by h.value) as bigint)"
    everybody = "cast(sum(h.people) over (partition by h.axis) as bigint)"
    return (
        f"with {bought(statement, by, None)},"  # noqa: S608  # bound values only
        f" scored as (select h.axis, h.value, 1 + {by.model.bins} * ({upto} - h.people) / {everybody} as score from ({counts}) h)"
        " select axis, score, min(value) from scored group by axis, score order by axis, score desc"
    )


def changing(statement: Statement, by: Ranked, cuts: Cuts) -> str:
    """Of all customers, whose stored scores are not what the cuts say: `customer id`, and 1 for who is to have none any more, else 0."""
    return f"select x.customer_id, case when x.last_ordered_at is null then 1 else 0 end from ({differing(statement, by, cuts, None)}) x"  # noqa: S608  # ours


def differing(statement: Statement, by: Ranked, cuts: Cuts, people: Sequence[UUID] | None) -> str:
    """What is stored otherwise than the cuts say: `customer id`, what it is, and the scores and group that are stored, if any.

    What it is is null for who has scores and is not to have any. `people`: of these only. Restricted people are left as they are.
    """
    n, k = ("n.last_ordered_at, n.orders_count, n.spent_e4, n.recency, n.frequency, n.monetary, n.group_name"), _STORED
    # Said of each table, or a planner that expects many goes over all of it.
    among = f" and {statement.among('k.customer_id', people, Kind.ID)}" if people is not None else ""
    nothing = ", ".join("null" for _ in n.split(", "))
    free = " and not exists (select 1 from restrictions r where r.customer_id = k.customer_id)" if by.reach.restrictions else ""
    return (
        f"with {bought(statement, by, people)}, {named(statement, by, cuts)}"  # noqa: S608  # bound values only
        f" select n.customer_id, {n}, {k} from named n left join rfm_scores k on k.customer_id = n.customer_id{among}"
        f" where k.customer_id is null or {DIFFERS}"
        f" union all select k.customer_id, {nothing}, {k} from rfm_scores k left join named n on n.customer_id = k.customer_id"
        f" where n.customer_id is null{among}{free}"
    )


_STORED: Final = "k.recency, k.frequency, k.monetary, k.group_name"
#: What a line of history says, and what a row of scores says beside it.
NOTED: Final = ("recency", "frequency", "monetary", "group_name")
COMPARED: Final = (*NOTED, "orders_count", "spent_e4", "last_ordered_at")
DIFFERS: Final = " or ".join(f"n.{name} <> k.{name}" for name in COMPARED)


def bought(statement: Statement, by: Ranked, people: Sequence[UUID] | None) -> str:
    """What each customer whom the purpose reaches bought in the window."""
    reached = by.reach.condition("c.id", statement.bind)
    free = f"c.merged_into_id is null{' and ' + reached if reached else ''}"
    sums = "max(o.placed_at) as last_ordered_at, count(*) as orders_count, cast(coalesce(sum(o.worth_e4), 0) as bigint) as spent_e4"
    counted = f"o.status in ({_COUNTED}) and o.placed_at >= {statement.bind(by.since, Kind.DATETIME)}"
    if people is not None and statement.dialect == "postgres":  # or it goes over all orders for a few thousand people
        return (
            f"bought as materialized (select c.id as customer_id, s.* from {statement.parents(people)} as p(id)"  # noqa: S608  # bound
            f" join customers c on c.id = p.id cross join lateral (select {sums} from orders o where o.customer_id = p.id and {counted}) s"
            f" where s.orders_count > 0 and {free})"
        )
    among = f"{statement.among('o.customer_id', people, Kind.ID)} and " if people is not None else ""
    return (
        f"bought as materialized (select s.* from (select o.customer_id, {sums} from orders o where {among}{counted}"  # noqa: S608  # bound
        f" group by o.customer_id) s join customers c on c.id = s.customer_id where {free})"
    )


def named(statement: Statement, by: Ranked, cuts: Cuts) -> str:
    """What they bought, with scores by the cuts, and the group."""
    scores = []
    for axis, value in AXES.items():
        column = "b.last_ordered_at" if axis == "recency" else f"b.{value}"
        cases = " ".join(f"when {column} >= {_bound(statement, axis, least, by.zone)} then {score}" for score, least in cuts.get(axis, ()))
        scores.append(f"{f'case {cases} else 1 end' if cases else '1'} as {axis}")
    groups = " ".join(
        f"when s.recency between {each.recency.min} and {each.recency.max} and s.frequency between {each.frequency.min}"
        f" and {each.frequency.max} and s.monetary between {each.monetary.min} and {each.monetary.max} then {statement.bind(each.name)}"
        for each in by.model.groups
    )
    return (
        f"named as materialized (select s.*, case {groups} else '{OTHER}' end as group_name"  # noqa: S608  # bound values only
        f" from (select b.*, {', '.join(scores)} from bought b) s)"
    )


def _bound(statement: Statement, axis: str, least: int, zone: ZoneInfo) -> str:
    if axis == "recency":
        return statement.bind(days.begins(days.numbered_day(least), zone), Kind.DATETIME)
    return statement.bind(least, Kind.INT)
