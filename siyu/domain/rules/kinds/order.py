"""Conditions on what was bought."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, cast

from siyu.domain.kernel.dialect import Kind, decoder, money_from_e4, money_to_e4
from siyu.domain.orders.rules import COUNTED
from siyu.domain.rules.calendar import bounds
from siyu.domain.rules.comparing import compared, holds
from siyu.domain.rules.forms import Draft, Form, Own, Sums
from siyu.domain.rules.inputs import Comparison, OrderCondition, OrderMetric
from siyu.domain.rules.kinds.shown import Shown

_STATUSES: Final = ", ".join(f"'{status.value}'" for status in COUNTED)
_COUNTED: Final = f"x.status in ({_STATUSES})"
_EDGES: Final = {OrderMetric.DAYS_SINCE_LAST: "max", OrderMetric.DAYS_SINCE_FIRST: "min"}
#: Metrics that are 0 without any order.
_NONE_IS_ZERO: Final = frozenset({OrderMetric.COUNT, OrderMetric.TOTAL})


def form(condition: OrderCondition, draft: Draft) -> Form:
    """A comparison with what the orders that are meant come to."""
    if condition.metric in _NONE_IS_ZERO and condition.is_ in (Comparison.IS_SET, Comparison.IS_NOT_SET):
        return Own("true" if condition.is_ is Comparison.IS_SET else "false")  # whoever has none has 0
    return _sums(condition, draft)


def shown(condition: OrderCondition, draft: Draft) -> Shown:
    """Number and days as numbers, total and mean as exact text in the organisation's currency."""
    sums, metric = _sums(condition, draft), condition.metric
    asked = {
        OrderMetric.COUNT: ("count(*)",),
        OrderMetric.TOTAL: ("coalesce(sum(x.worth_e4), 0)",),
        OrderMetric.AVERAGE: ("sum(x.worth_e4)", "count(x.worth_e4)"),
    }.get(metric) or (f"{_EDGES[metric]}(x.placed_at)",)
    moment = decoder(draft.statement.dialect, Kind.DATETIME) or (lambda value: value)

    def told(values: Sequence[object]) -> object:
        first = cast("int | Decimal | None", values[0])
        if metric is OrderMetric.COUNT or first is None:
            return first
        if metric is OrderMetric.TOTAL:
            return str(money_from_e4(int(first)))
        if metric is OrderMetric.AVERAGE:
            mean = Decimal(first) / int(cast(int, values[1])) / 10_000
            return str(mean.quantize(Decimal("0.01"), ROUND_HALF_UP))
        return (draft.at.today - draft.at.day_of(moment(first))).days  # type: ignore[arg-type]  # the column's kind

    return Shown(tuple(f"(select {each} from {sums.table} x where x.customer_id = t.id and {sums.rows})" for each in asked), told)  # noqa: S608  # bound


def _sums(condition: OrderCondition, draft: Draft) -> Sums:
    since, before = bounds(condition.window, draft.at)
    # SQLite does not know that most orders count: it shall look for them by customer or by moment.
    where, lines = [_COUNTED if draft.postgres else f"+{_COUNTED}"], _lines(condition, draft)
    if before is not None:
        where.append(f"x.placed_at < {draft.bind(before, Kind.DATETIME)}")
    if condition.channels:
        where.append(draft.among("x.channel", condition.channels, Kind.TEXT))
    zero = condition.metric in _NONE_IS_ZERO
    absent = holds(condition.is_, Decimal(0) if zero else None, condition.values)
    return Sums(
        "orders",
        tuple([*where, lines] if lines else where),
        lambda only: _over(condition, draft, only),
        absent,
        draft.since("x.placed_at", since),
        joins=not lines,
    )


def _lines(condition: OrderCondition, draft: Draft) -> str:
    """One line that is all that is said of lines."""
    said = [
        draft.among(column, values, Kind.TEXT)
        for column, values in (("l.category", condition.categories), ("l.brand", condition.brands), ("l.sku", condition.skus))
        if values
    ]
    return f"exists (select 1 from order_lines l where l.order_id = x.id and {' and '.join(said)})" if said else ""  # noqa: S608  # bound values only


def _over(condition: OrderCondition, draft: Draft, only: str) -> str:
    """The comparison over those of the orders that fulfil `only`; never null."""
    metric, comparison = condition.metric, condition.is_

    def those(value: str) -> str:
        return f"case when {only} then {value} end" if only else value

    if metric in _EDGES:
        return _days(comparison, condition.values, draft, f"{_EDGES[metric]}({those('x.placed_at')})")
    if metric is OrderMetric.COUNT:
        return compared(comparison, condition.values, lambda sign, value: _count(f"count({those('1')})", sign, value, draft), "")
    total, number = f"sum({those('x.worth_e4')})", f"count({those('x.worth_e4')})"
    if metric is OrderMetric.TOTAL:
        return compared(comparison, condition.values, lambda sign, value: f"coalesce({total}, 0) {sign} {_e4(value, draft)}", "")
    mean = compared(
        comparison, condition.values, lambda sign, value: f"{total} {sign} {_e4(value, draft)} * cast({number} as numeric)", f"{number} > 0"
    )
    return f"coalesce({mean}, false)"


def _count(count: str, sign: str, value: Decimal, draft: Draft) -> str:
    """None is spelled as fewer than one: PostgreSQL takes an exact number for rare, and no orders are not."""
    return f"{count} < 1" if sign == "=" and value == 0 else f"{count} {sign} {draft.bind(int(value), Kind.INT)}"


def _e4(value: Decimal, draft: Draft) -> str:
    return draft.bind(money_to_e4(value), Kind.INT)


def _days(comparison: Comparison, values: Sequence[Decimal], draft: Draft, moment: str) -> str:
    """Whole calendar days from that of the moment until today, compared by the moments at which days begin."""

    def compares(sign: str, value: Decimal) -> str:
        if sign == "=":
            return f"({moment} >= {begins(value)} and {moment} < {begins(value - 1)})"
        return f"{moment} {'<' if '>' in sign else '>='} {begins(value - 1 if sign in ('>=', '<') else value)}"

    def begins(days_ago: Decimal) -> str:
        return draft.bind(draft.at.begins(-int(days_ago)), Kind.DATETIME)

    return f"coalesce({compared(comparison, values, compares, f'{moment} is not null')}, false)"
