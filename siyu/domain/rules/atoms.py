"""A condition as what it lets in of each thing that it speaks of, for the linter. Pure.

What is said here is cautious: conditions that nobody meets may be missed, none is called so that somebody may meet.
"""

from __future__ import annotations

import operator
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final, TypeAlias, cast
from zoneinfo import ZoneInfo

from siyu.domain import scoring
from siyu.domain.attributes import AttributeType
from siyu.domain.customers import ActivityState, LifecycleStage
from siyu.domain.rules.inputs import (
    Comparison,
    OrderCondition,
    OrderMetric,
    PointsCondition,
    PointsMetric,
    ProfileField,
    PropertyCondition,
    RfmCondition,
    Rule,
)
from siyu.domain.rules.limits import ANNIVERSARY_DAYS_MAX
from siyu.domain.rules.regions import END, EVERY_NAME, EVERY_NUMBER, START, Allowed, Cut, Region, Spans, some, whole
from siyu.domain.rules.register import Register, taken_by
from siyu.domain.rules.values import POINTS, PROFILE, WHOLE, Taken, Type, span


@dataclass(frozen=True, slots=True)
class Atom:
    """Of one thing that a customer has one of, what is let in; `everything` is all that there can be of it."""

    subject: Hashable
    allowed: Allowed
    everything: Allowed

    def negated(self) -> Atom:
        """What the atom does not let in."""
        return Atom(self.subject, Allowed(~self.allowed.known, not self.allowed.unknown) & self.everything, self.everything)


@dataclass(frozen=True, slots=True)
class Joint:
    """All of these (`both`), or at least one of these."""

    parts: tuple[Formula, ...]
    both: bool

    def negated(self) -> Joint:
        """The opposite."""
        return Joint(tuple(part.negated() for part in self.parts), not self.both)


Formula: TypeAlias = Atom | Joint

_YES: Final = some([True])
_EITHER: Final = Allowed(some([True, False]))
_ALWAYS_KNOWN: Final = frozenset({ProfileField.CREATED_AT, ProfileField.UPDATED_AT})
_MANY: Final = AttributeType.MULTI_CHOICE
_RANKED: Final = {Comparison.GT: operator.gt, Comparison.GTE: operator.ge, Comparison.LT: operator.lt, Comparison.LTE: operator.le}


def formula(rule: Rule, register: Register, zone: ZoneInfo) -> Formula:
    """What a rule that was checked says."""
    if rule.all is not None or rule.any is not None:
        return Joint(tuple(formula(each, register, zone) for each in rule.all or rule.any or ()), rule.all is not None)
    if rule.not_ is not None:
        return formula(rule.not_, register, zone).negated()
    return Joint(tuple(_parts(rule, register, zone)), True)


def _parts(rule: Rule, register: Register, zone: ZoneInfo) -> Iterable[Formula]:
    """What one condition says, all of it."""
    if rule.profile:
        taken, said = PROFILE[rule.profile.field], rule.profile
        known = said.field in _ALWAYS_KNOWN
        yield _atom(("profile", said.field), taken, said.is_, said.values or (), zone, known=known)
    elif rule.attribute and register.attributes[rule.attribute.key].type is not _MANY:
        taken = taken_by(register.attributes[rule.attribute.key])
        yield _atom(("attribute", rule.attribute.key), taken, rule.attribute.is_, rule.attribute.values or (), zone)
    elif rule.tag:
        yield from _having("tag", rule.tag.any, rule.tag.all, rule.tag.none)
    elif rule.segment:
        yield from _having("segment", rule.segment.in_, None, rule.segment.not_in)
    elif rule.lifecycle:
        if rule.lifecycle.stages:
            yield Atom("stage", Allowed(some(rule.lifecycle.stages)), Allowed(some(LifecycleStage)))
        if rule.lifecycle.activity:
            yield Atom("activity", Allowed(some(rule.lifecycle.activity)), Allowed(some(ActivityState)))
    elif rule.rfm:
        yield _cells(rule.rfm, register.model)
    elif rule.event:
        window, where = rule.event.window, tuple(map(repr, rule.event.where or ()))
        counts = whole(rule.event.count.min, rule.event.count.max) & whole(0, None)
        yield Atom(("event", rule.event.name, window, where), Allowed(counts), Allowed(whole(0, None)))
    elif rule.order:
        yield _order(rule.order, zone)
    elif rule.points:
        yield _points(rule.points, register, zone)
    elif rule.consent:
        yield Atom(("consent", rule.consent.purpose), Allowed(some([rule.consent.granted])), _EITHER)
    elif rule.anniversary:
        every = Allowed(whole(0, ANNIVERSARY_DAYS_MAX + 1), True)  # in a leap year the next one may be so far away
        yield Atom(("anniversary", rule.anniversary.of), Allowed(whole(0, rule.anniversary.within_days)), every)
    else:
        yield Atom(("whole", repr(rule)), Allowed(_YES), _EITHER)


def properties(where: Sequence[PropertyCondition], zone: ZoneInfo) -> Joint:
    """What is said of one and the same event. A property holds values of one type at a time."""

    def typed(each: PropertyCondition) -> Type:
        value = (each.values or [""])[0]
        return Type.BOOLEAN if isinstance(value, bool) else Type.TEXT if isinstance(value, str) else Type.NUMBER

    kinds = [(each, typed(each)) for each in where]
    return Joint(tuple(_atom((each.key, kind), Taken(kind), each.is_, each.values or (), zone) for each, kind in kinds), True)


def _having(
    kind: str, any_: Sequence[Hashable] | None, all_: Sequence[Hashable] | None, none: Sequence[Hashable] | None
) -> Iterable[Formula]:
    """Having at least one of these, all of these, none of these; each is a thing by itself."""

    def having(each: Hashable) -> Atom:
        return Atom((kind, each), Allowed(_YES), _EITHER)

    if any_:
        yield Joint(tuple(map(having, any_)), False)
    yield from map(having, all_ or ())
    yield from (having(each).negated() for each in none or ())


def _cells(said: RfmCondition, model: scoring.Model | None) -> Atom:
    """The cells of the model that a condition takes. Without orders there is no score."""
    assert model is not None, "it was looked up"
    spans = (said.recency, said.frequency, said.monetary)
    cells = _of(model)
    fit = [
        cell
        for cell, group in cells.items()
        if (not said.groups or group in said.groups)
        and all(
            span is None or ((span.min or 0) <= score and (span.max is None or score <= span.max))
            for score, span in zip(cell, spans, strict=True)
        )
    ]
    return Atom("rfm", Allowed(some(fit)), Allowed(some(cells), True))


@lru_cache(maxsize=8)
def _of(model: scoring.Model) -> Mapping[tuple[int, int, int], str]:
    """The model's cells with their groups, worked out once."""
    return model.cells()


def _order(said: OrderCondition, zone: ZoneInfo) -> Atom:
    lists = (tuple(sorted(each)) if each else None for each in (said.categories, said.brands, said.skus, said.channels))
    known = said.metric in (OrderMetric.COUNT, OrderMetric.TOTAL)
    least = 0 if said.metric is OrderMetric.COUNT else None
    taken = Taken(Type.NUMBER)
    subject = ("order", said.metric, said.window, *lists)
    made = _atom(subject, taken, said.is_, said.values, zone, known=known, integers=said.metric in WHOLE)
    every = Allowed(whole(least, None), not known)
    return Atom(subject, made.allowed & every, every)


def _points(said: PointsCondition, register: Register, zone: ZoneInfo) -> Atom:
    if said.metric is not PointsMetric.TIER:
        subject = ("points", said.metric, said.window)
        made = _atom(subject, POINTS, said.is_, said.values, zone, known=True, integers=True)
        every = Allowed(whole(None if said.metric is PointsMetric.BALANCE else 0, None))
        return Atom(subject, made.allowed & every, every)
    ranks = {rung.code: rung.rank for rung in register.tiers}
    if said.is_ in _RANKED:
        fit = [code for code, rank in ranks.items() if _RANKED[said.is_](rank, ranks[str(said.values[0])])]
        return _atom("tier", Taken(Type.TEXT, tuple(ranks)), Comparison.IN, fit, zone)
    return _atom("tier", Taken(Type.TEXT, tuple(ranks)), said.is_, said.values, zone)


def _atom(
    subject: Hashable,
    taken: Taken,
    comparison: Comparison,
    values: Sequence[object],
    zone: ZoneInfo,
    *,
    known: bool = False,
    integers: bool = False,
) -> Atom:
    """A comparison with a thing that is always known, or that may be unknown."""
    ordered = taken.type in (Type.NUMBER, Type.DATE, Type.MOMENT)
    every: Region = EVERY_NUMBER if ordered else EVERY_NAME
    if taken.least is not None:
        every, integers = whole(taken.least, taken.most), True
    elif taken.choices is not None or taken.type is Type.BOOLEAN:
        every = some(taken.choices if taken.choices is not None else (True, False))
    everything = Allowed(every, not known)
    if comparison is Comparison.IS_SET:
        return Atom(subject, Allowed(every), everything)
    if comparison is Comparison.IS_NOT_SET:
        return Atom(subject, Allowed(~every, not known) & everything, everything)
    region: Region = _ordered(comparison, [_cuts(value, taken.type, zone, integers) for value in values]) if ordered else some(values)
    if not ordered and comparison in (Comparison.NEQ, Comparison.NOT_IN):
        region = ~region
    return Atom(subject, Allowed(region) & everything, everything)


def _cuts(value: object, kind: Type, zone: ZoneInfo, integers: bool) -> tuple[Cut, Cut]:
    """Where a value begins and ends."""
    if kind in (Type.DATE, Type.MOMENT):
        first, after = span(str(value), zone)
        return (first.timestamp(), 0), (after.timestamp(), 0)
    number = cast(Decimal, value)  # or an integer, or a float: nothing is rounded
    return (number, 0), (number + 1, 0) if integers and number % 1 == 0 else (number, 1)


def _ordered(comparison: Comparison, cuts: Sequence[tuple[Cut, Cut]]) -> Spans:
    first, after = cuts[0]
    match comparison:
        case Comparison.GT:
            return Spans.of((after, END))
        case Comparison.GTE:
            return Spans.of((first, END))
        case Comparison.LT:
            return Spans.of((START, first))
        case Comparison.LTE:
            return Spans.of((START, after))
        case Comparison.BETWEEN:
            return Spans.of((first, cuts[1][1]))
        case Comparison.NEQ | Comparison.NOT_IN:
            return ~Spans.of(*cuts)
        case _:
            return Spans.of(*cuts)
