"""Conditions on points and tiers."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, cast

from siyu.domain.kernel.dialect import Kind
from siyu.domain.rules.calendar import bounds
from siyu.domain.rules.comparing import OTHERS, compared, holds
from siyu.domain.rules.forms import Draft, Form, Never, Own, Some, Sums
from siyu.domain.rules.inputs import Comparison, PointsCondition, PointsMetric, Window
from siyu.domain.rules.kinds.shown import Shown
from siyu.domain.rules.values import SET

_ACCOUNTS: Final = "points_accounts"
_COLUMNS: Final = {PointsMetric.BALANCE: "balance", PointsMetric.LIFETIME: "lifetime_earned"}
#: What was earned, less what was taken back of that, whenever it was.
_EARNED: Final = "x.points + coalesce((select sum(r.points) from points_entries r where r.reverses_id = x.id), 0)"
_RANKED: Final = {Comparison.GT: ">", Comparison.GTE: ">=", Comparison.LT: "<", Comparison.LTE: "<="}


def form(condition: PointsCondition, draft: Draft) -> Form:
    """A comparison with the account, or with what its lots or entries come to; whoever has none has 0, and no tier."""
    if condition.metric is PointsMetric.TIER:
        return _tier(condition, draft)
    if condition.is_ in SET:
        return Own("true" if condition.is_ is Comparison.IS_SET else "false")
    if _summed(condition):
        return _sums(condition, draft)
    column = f"x.{_COLUMNS[condition.metric]}"
    said = _compared(condition, column, draft)
    if holds(condition.is_, Decimal(0), _numbers(condition)):
        return Never(Some(_ACCOUNTS, f"not {said}", narrow=False))
    return Some(_ACCOUNTS, said, narrow=False)


def shown(condition: PointsCondition, draft: Draft) -> Shown:
    """The number, or the code of the tier; None without one."""
    if condition.metric is PointsMetric.TIER:
        asked = "(select g.code from points_accounts x join tiers g on g.id = x.tier_id where x.customer_id = t.id)"
        return Shown((asked,), lambda values: values[0])
    if _summed(condition):
        sums = _sums(condition, draft)
        asked = f"(select coalesce(sum({_value(condition)}), 0) from {sums.table} x where x.customer_id = t.id and {sums.rows})"  # noqa: S608  # bound
    else:
        asked = f"coalesce((select x.{_COLUMNS[condition.metric]} from {_ACCOUNTS} x where x.customer_id = t.id), 0)"  # noqa: S608  # our own names
    return Shown((asked,), lambda values: int(cast(int, values[0])))


def _summed(condition: PointsCondition) -> bool:
    return condition.metric is PointsMetric.EXPIRING or condition.window is not None


def _value(condition: PointsCondition) -> str:
    return "x.remaining" if condition.metric is PointsMetric.EXPIRING else _EARNED


def _sums(condition: PointsCondition, draft: Draft) -> Sums:
    window = condition.window
    if condition.metric is PointsMetric.EXPIRING:
        table, where, first = "points_lots", _expiring(window, draft), None
    else:
        since, before = bounds(window, draft.at)
        table, where, first = "points_entries", ["x.kind = 'EARN'"], draft.since("x.created_at", since)
        where += [f"x.created_at < {draft.bind(before, Kind.DATETIME)}"] if before is not None else []
    value = _value(condition)

    def over(only: str) -> str:
        return _compared(condition, f"coalesce(sum({f'case when {only} then {value} end' if only else value}), 0)", draft)

    absent = holds(condition.is_, Decimal(0), _numbers(condition))
    return Sums(table, tuple(where), over, absent, first)


def _expiring(window: Window | None, draft: Draft) -> list[str]:
    """Which lots are meant: what expires at the midnight that ends a day belongs to that day."""
    where = ["x.open", "x.expires_at is not null"]
    if window is None:
        return where
    before = window.before if window.last_days is None else draft.at.begins(window.last_days + 1)
    for sign, moment in ((">", window.from_), ("<=", before)):
        if moment is not None:
            where.append(f"x.expires_at {sign} {draft.bind(moment, Kind.DATETIME)}")
    return where


def _numbers(condition: PointsCondition) -> Sequence[Decimal]:
    return [Decimal(cast(int, value)) for value in condition.values]


def _compared(condition: PointsCondition, sql: str, draft: Draft) -> str:
    return compared(condition.is_, _numbers(condition), lambda sign, value: f"{sql} {sign} {draft.bind(int(value), Kind.INT)}", "")


def _tier(condition: PointsCondition, draft: Draft) -> Form:
    """The tier itself, or one of a higher or lower rank than its own."""
    comparison = condition.is_
    if comparison in SET:
        there = Some(_ACCOUNTS, "x.tier_id is not null", narrow=False)
        return there if comparison is Comparison.IS_SET else Never(there)
    codes = draft.among("g.code", [str(value) for value in condition.values], Kind.TEXT)
    if comparison in _RANKED:
        rank = f"(select min(g.rank) from tiers g where {codes})"  # noqa: S608  # bound values only
        return Some(_ACCOUNTS, f"x.tier_id in (select o.id from tiers o where o.rank {_RANKED[comparison]} {rank})", narrow=False)  # noqa: S608  # as above
    among = f"x.tier_id in (select g.id from tiers g where {codes})"  # noqa: S608  # as above
    if comparison in OTHERS:
        return Some(_ACCOUNTS, f"x.tier_id is not null and not ({among})", narrow=False)
    return Some(_ACCOUNTS, among)
