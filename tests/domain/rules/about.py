"""Rules that are about the people of `population`."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from siyu.domain.customers import ActivityState, LifecycleStage
from siyu.domain.customers.tables import Gender
from siyu.domain.kernel import ids
from siyu.domain.rules import (
    AnniversaryCondition,
    AnniversaryOf,
    Asked,
    AttributeCondition,
    Comparison,
    ConsentCondition,
    EventCondition,
    IntRange,
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
from tests.domain.rules import population

_NEAR: Final = st.sampled_from([0, 1, 7, 30, 364, 365])
_MANY: Final = (Comparison.IN, Comparison.NOT_IN)
_SET: Final = (Comparison.IS_SET, Comparison.IS_NOT_SET)
_EQUALITY: Final = (Comparison.EQ, Comparison.NEQ, *_MANY, *_SET)


def rules(at: Asked) -> SearchStrategy[Rule]:
    """Any rule, a few nodes deep."""
    return st.recursive(
        conditions(at),
        lambda below: st.one_of(
            st.lists(below, min_size=1, max_size=4).map(lambda parts: Rule(all=parts)),
            st.lists(below, min_size=1, max_size=4).map(lambda parts: Rule(any=parts)),
            below.map(lambda part: Rule(not_=part)),
        ),
        max_leaves=8,
    )


def conditions(at: Asked) -> SearchStrategy[Rule]:
    """Any condition; those on orders and events, which are worked out together, more often."""
    order, event = st.builds(Rule, order=_orders(at)), st.builds(Rule, event=_events(at))
    return st.one_of(
        st.builds(Rule, profile=_profiles(at)),
        st.builds(Rule, attribute=_attributes()),
        st.builds(Rule, tag=st.builds(TagCondition, any=_few(population.TAGS), all=_few(population.TAGS), none=_few(population.TAGS))),
        st.builds(Rule, segment=st.builds(SegmentCondition, in_=_few(population.SEGMENTS), not_in=_few(population.SEGMENTS))),
        st.builds(Rule, lifecycle=st.builds(LifecycleCondition, stages=_few([*LifecycleStage]), activity=_few([*ActivityState]))),
        st.builds(Rule, rfm=st.builds(RfmCondition, groups=_few(population.GROUPS), recency=_spans(3), monetary=_spans(3))),
        st.builds(Rule, consent=st.builds(ConsentCondition, purpose=st.sampled_from(population.PURPOSES), granted=st.booleans())),
        st.builds(Rule, anniversary=st.builds(AnniversaryCondition, of=st.sampled_from(AnniversaryOf), within_days=_NEAR)),
        st.builds(Rule, points=_points(at)), st.builds(Rule, points=_points(at)),
        order, order, order, event, event,
    )  # fmt: skip


def _few(values: Sequence[Any]) -> SearchStrategy[list[Any] | None]:
    return st.none() | st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True)


def _spans(most: int) -> SearchStrategy[IntRange]:
    return st.builds(IntRange, min=st.none() | st.integers(0, most), max=st.none() | st.integers(0, most))


@st.composite
def _compared(draw: st.DrawFn, comparisons: Sequence[Comparison], values: SearchStrategy[Any]) -> tuple[Comparison, list[Any]]:
    comparison = draw(st.sampled_from(comparisons))
    if comparison in _SET:
        return comparison, []
    if comparison is Comparison.BETWEEN:
        return comparison, sorted([draw(values), draw(values)])
    return comparison, draw(st.lists(values, min_size=1, max_size=3 if comparison in _MANY else 1))


def _profiles(at: Asked) -> SearchStrategy[ProfileCondition]:
    moments = population.moments(at).map(lambda moment: moment.isoformat())
    days = population.moments(at).map(lambda moment: moment.astimezone(at.zone).date().isoformat())
    fields: list[tuple[ProfileField, Sequence[Comparison], SearchStrategy[Any]]] = [
        (ProfileField.CITY, _EQUALITY, st.sampled_from(population.CITIES)),
        (ProfileField.GENDER, _EQUALITY, st.sampled_from([each.value for each in Gender])),
        (ProfileField.OWNER, _EQUALITY, st.sampled_from([ids.spelled("Staff", each) for each in population.STAFF])),
        (ProfileField.BIRTH_MONTH, [*Comparison], st.integers(1, 12)),
        (ProfileField.CREATED_AT, [*Comparison], moments),
        (ProfileField.CREATED_AT, [*Comparison], days),
    ]

    def field(chosen: tuple[ProfileField, Sequence[Comparison], SearchStrategy[Any]]) -> SearchStrategy[ProfileCondition]:
        name, comparisons, values = chosen
        return _compared(comparisons, values).map(lambda said: ProfileCondition(field=name, is_=said[0], values=said[1]))

    return st.sampled_from(fields).flatmap(field)


def _attributes() -> SearchStrategy[AttributeCondition]:
    def attribute(key: str) -> SearchStrategy[AttributeCondition]:
        values = ("golf", "tea", "swim") if key == "likes" else population.ATTRIBUTES[key]
        comparisons = [*Comparison] if key in ("size", "since") else _EQUALITY
        return _compared(comparisons, st.sampled_from(values)).map(lambda said: AttributeCondition(key=key, is_=said[0], values=said[1]))

    return st.sampled_from([*population.ATTRIBUTES]).flatmap(attribute)


def _windows(at: Asked) -> SearchStrategy[Window | None]:
    moments = st.none() | population.moments(at)
    rolling = st.builds(Window, last_days=st.sampled_from([0, 1, 7, 30, 90, 10**7]), before=st.none())
    return st.one_of(st.none(), rolling, st.builds(Window, from_=moments, before=moments))


def _events(at: Asked) -> SearchStrategy[EventCondition]:
    key = st.sampled_from(["colour", 'q"$.'])
    scalars = st.sampled_from([each for each in population.PROPERTIES if isinstance(each, str | int | float)])
    same = _compared(_EQUALITY, scalars)
    numbers = _compared([*Comparison], st.sampled_from([5, 2.5, 3]))
    where = st.tuples(key, same | numbers).map(lambda said: PropertyCondition(key=said[0], is_=said[1][0], values=said[1][1]))
    return st.builds(
        EventCondition,
        name=st.sampled_from(population.EVENTS),
        window=_windows(at),
        where=st.none() | st.lists(where, min_size=1, max_size=2),
        count=_spans(2),
    )


def _orders(at: Asked) -> SearchStrategy[OrderCondition]:
    def metric(of: OrderMetric) -> SearchStrategy[OrderCondition]:
        whole = st.sampled_from([Decimal(each) for each in (-1, 0, 1, 2, 7, 30, 90, 365)])
        values = population.amounts() if of in (OrderMetric.TOTAL, OrderMetric.AVERAGE) else whole
        lines = st.none() | st.just(["shoes"])
        return _compared([*Comparison], values).flatmap(
            lambda said: st.builds(
                OrderCondition,
                metric=st.just(of),
                is_=st.just(said[0]),
                values=st.just(said[1]),
                window=_windows(at),
                channels=_few(population.CHANNELS),
                categories=lines,
                brands=st.none() | st.none() | _few(["A", "B"]),
                skus=st.none() | st.none() | _few(["1", "2"]),
            )
        )

    return st.sampled_from([*OrderMetric]).flatmap(metric)


def _points(at: Asked) -> SearchStrategy[PointsCondition]:
    def metric(of: PointsMetric) -> SearchStrategy[PointsCondition]:
        tiers, numbers = st.sampled_from(population.TIERS), st.sampled_from([-5, 0, 1, 10, 60, 100])
        comparisons = [each for each in Comparison if of is not PointsMetric.TIER or each is not Comparison.BETWEEN]
        windows = _windows(at) if of in (PointsMetric.LIFETIME, PointsMetric.EXPIRING) else st.none()
        return st.tuples(_compared(comparisons, tiers if of is PointsMetric.TIER else numbers), windows).map(
            lambda said: PointsCondition(metric=of, is_=said[0][0], values=said[0][1], window=said[1])
        )

    return st.sampled_from([*PointsMetric]).flatmap(metric)
