"""Any rule whose nodes are whole, whatever it speaks of: for what holds of every rule, be there such tags or not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from siyu.domain.customers import ActivityState, LifecycleStage
from siyu.domain.kernel.inputs import IntRange
from siyu.domain.rules import (
    AnniversaryCondition,
    AnniversaryOf,
    AttributeCondition,
    Comparison,
    ConsentCondition,
    EventCondition,
    LifecycleCondition,
    OrderCondition,
    OrderMetric,
    PointsCondition,
    PointsMetric,
    ProfileCondition,
    ProfileField,
    PropertyCondition,
    RfmCondition,
    Rule,
    SegmentCondition,
    TagCondition,
    Window,
)

_NUMBERS = {
    Comparison.IS_SET: (0, 0),
    Comparison.IS_NOT_SET: (0, 0),
    Comparison.BETWEEN: (2, 2),
    Comparison.IN: (1, 3),
    Comparison.NOT_IN: (1, 3),
}

#: Quotes, line ends, what looks like a day or like a word of the language among them.
TEXTS = st.one_of(
    st.text(max_size=8), st.sampled_from(['"', "\\", "'", "“老客户”", "a\nb", "2026-01-31", "2026-99-99", "and", "(", "last 3 days"])
)
_INTS = st.integers(-(10**9), 10**9)
_VALUES = st.one_of(TEXTS, st.booleans(), _INTS, st.floats(allow_nan=False, allow_infinity=False))
_DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12)
_MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2199, 1, 1), timezones=st.just(UTC)) | st.sampled_from(
    [datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)]
)


def _some(of: SearchStrategy[object]) -> SearchStrategy[list[object]]:
    return st.lists(of, min_size=1, max_size=3)


@st.composite
def _compared(draw: st.DrawFn, of: SearchStrategy[object]) -> tuple[Comparison, list[object]]:
    comparison = draw(st.sampled_from(Comparison))
    least, most = _NUMBERS.get(comparison, (1, 1))
    return comparison, draw(st.lists(of, min_size=least, max_size=most))


def _values(values: list[object]) -> list[object] | None:
    return values or None


_PROFILES = st.builds(
    lambda field, compared: Rule(profile=ProfileCondition(field=field, is_=compared[0], values=_values(compared[1]))),
    st.sampled_from(ProfileField),
    _compared(_VALUES),
)
_ATTRIBUTES = st.builds(
    lambda key, compared: Rule(attribute=AttributeCondition(key=key, is_=compared[0], values=_values(compared[1]))),
    TEXTS,
    _compared(_VALUES),
)
_PROPERTIES = st.builds(
    lambda key, compared: PropertyCondition(key=key, is_=compared[0], values=_values(compared[1])),
    TEXTS | st.sampled_from(["price", "where", "last", "true"]),
    _compared(_VALUES),
)


def _parts(**parts: SearchStrategy[object]) -> SearchStrategy[dict[str, Any]]:
    """At least one of these."""
    return st.fixed_dictionaries({}, optional=parts).filter(bool)


_SPANS = st.builds(IntRange, min=st.none() | _INTS, max=st.none() | _INTS).filter(lambda span: span != IntRange())
_TAGS = _parts(any=_some(TEXTS), all=_some(TEXTS), none=_some(TEXTS)).map(lambda parts: Rule(tag=TagCondition(**parts)))
_SEGMENTS = _parts(in_=_some(st.uuids()), not_in=_some(st.uuids())).map(lambda parts: Rule(segment=SegmentCondition(**parts)))
_STATES = _parts(stages=_some(st.sampled_from(LifecycleStage)), activity=_some(st.sampled_from(ActivityState))).map(
    lambda parts: Rule(lifecycle=LifecycleCondition(**parts))
)
_RFM = _parts(groups=_some(TEXTS), recency=_SPANS, frequency=_SPANS, monetary=_SPANS).map(lambda parts: Rule(rfm=RfmCondition(**parts)))
_WINDOWS = st.builds(lambda days: Window(last_days=days), st.integers(1, 3650)) | _parts(from_=_MOMENTS, before=_MOMENTS).map(
    lambda parts: Window(**parts)
)
_EVENTS = st.builds(
    lambda more, name, count: Rule(event=EventCondition(name=name, count=count, **more)),
    st.fixed_dictionaries({}, optional={"window": _WINDOWS, "where": _some(_PROPERTIES)}),
    TEXTS,
    _SPANS,
)
_LISTS = {name: _some(TEXTS) for name in ("categories", "brands", "skus", "channels")}
_ORDERS = st.builds(
    lambda more, metric, compared: Rule(order=OrderCondition(metric=metric, is_=compared[0], values=compared[1], **more)),
    st.fixed_dictionaries({}, optional={"window": _WINDOWS, **_LISTS}),
    st.sampled_from(OrderMetric),
    _compared(_DECIMALS),
)
_POINTS = st.builds(
    lambda metric, compared, window: Rule(points=PointsCondition(metric=metric, is_=compared[0], values=compared[1], window=window)),
    st.sampled_from(PointsMetric),
    _compared(_VALUES),
    st.none() | _WINDOWS,
)
_CONSENTS = st.builds(lambda purpose, granted: Rule(consent=ConsentCondition(purpose=purpose, granted=granted)), TEXTS, st.booleans())
_ANNIVERSARIES = st.builds(
    lambda of, days: Rule(anniversary=AnniversaryCondition(of=of, within_days=days)), st.sampled_from(AnniversaryOf), st.integers(0, 365)
)
CONDITIONS = st.one_of(_PROFILES, _ATTRIBUTES, _TAGS, _SEGMENTS, _STATES, _RFM, _EVENTS, _ORDERS, _POINTS, _CONSENTS, _ANNIVERSARIES)


def _branches(below: SearchStrategy[Rule]) -> SearchStrategy[Rule]:
    nodes = st.lists(below, min_size=1, max_size=3)
    return nodes.map(lambda each: Rule(all=each)) | nodes.map(lambda each: Rule(any=each)) | below.map(lambda each: Rule(not_=each))


RULES = st.recursive(CONDITIONS, _branches, max_leaves=6)
