"""Conditions on what was done, and how often."""

from __future__ import annotations

from siyu.domain.kernel.dialect import Kind
from siyu.domain.kernel.inputs import IntRange
from siyu.domain.rules.calendar import bounds
from siyu.domain.rules.comparing import inside, within
from siyu.domain.rules.forms import Draft, Form, Own, Sums
from siyu.domain.rules.inputs import Comparison, EventCondition, PropertyCondition
from siyu.domain.rules.kinds.jsons import scalar
from siyu.domain.rules.kinds.shown import Shown


def form(condition: EventCondition, draft: Draft) -> Form:
    """How many events of the name there are that fulfil all that is said of them."""
    return Own("true") if condition.count == IntRange() else _sums(condition, draft)


def shown(condition: EventCondition, draft: Draft) -> Shown:
    """How many there are."""
    sums = _sums(condition, draft)
    return Shown((f"(select count(*) from {sums.table} x where x.customer_id = t.id and {sums.rows})",), lambda values: values[0])  # noqa: S608  # bound


def _sums(condition: EventCondition, draft: Draft) -> Sums:
    since, before = bounds(condition.window, draft.at)
    where = [f"x.name = {draft.bind(condition.name, Kind.TEXT)}"]
    if before is not None:
        where.append(f"x.occurred_at < {draft.bind(before, Kind.DATETIME)}")
    where += [_property(each, draft) for each in condition.where or ()]

    def over(only: str) -> str:
        count = f"count(case when {only} then 1 end)" if only else "count(*)"
        return f"({within(count, condition.count, lambda number: draft.bind(number, Kind.INT))})"

    return Sums(
        "events",
        tuple(where),
        over,
        inside(0, condition.count),
        draft.since("x.occurred_at", since),
    )


def _property(condition: PropertyCondition, draft: Draft) -> str:
    """What is said of one property at the top of an event's JSON; a missing one is as one that is null."""
    key, values = draft.bind(condition.key, Kind.TEXT), condition.values or []
    if draft.postgres:
        return f"coalesce({scalar(condition.is_, values, draft, f'(x.properties -> {key})')}, false)"
    unset = condition.is_ is Comparison.IS_NOT_SET
    holds = scalar(Comparison.IS_SET if unset else condition.is_, values, draft, "e")
    there = f"exists (select 1 from json_each(x.properties) e where e.key = {key} and {holds})"  # noqa: S608  # bound values only
    return f"not {there}" if unset else there
