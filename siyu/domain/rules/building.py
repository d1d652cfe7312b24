"""From the syntax of a text to the rule's tree. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from lark import Token

from siyu.domain.customers import ActivityState, LifecycleStage
from siyu.domain.rules import tokens
from siyu.domain.rules.inputs import (
    AnniversaryCondition,
    AnniversaryOf,
    AttributeCondition,
    ConsentCondition,
    EventCondition,
    LifecycleCondition,
    OrderCondition,
    OrderMetric,
    PointsCondition,
    PointsMetric,
    ProfileCondition,
    ProfileField,
    RfmCondition,
    Rule,
    SegmentCondition,
    TagCondition,
)
from siyu.domain.rules.limits import DEPTH_MAX
from siyu.domain.rules.phrases import Reading, counted, once, ranged, tokens_of
from siyu.domain.rules.text import Misread, Place, Syntax
from siyu.domain.rules.tokens import place
from siyu.domain.rules.tree import Path, sdl

#: The parts of a condition that has several, by the grammar's names, and the tree's.
_PARTS: Final = {"tag_any": "any", "tag_all": "all", "tag_none": "none", "segment_in": "in_", "segment_not_in": "not_in"}

#: What may stand in the brackets behind points, beside a fixed window.
_WINDOWED: Final = frozenset({"last"})
_EXPIRING: Final = frozenset({"coming"})


def segment_names(syntax: Syntax) -> dict[str, Place]:
    """The codes, and ids as text, by which a text names segments, each with where it does so first."""
    found: dict[str, Place] = {}
    for name in ("segment_in", "segment_not_in"):
        for part in syntax.find_data(name):
            for token in tokens_of(part):
                found.setdefault(tokens.text(token), place(token))
    return found


def built(syntax: Syntax, segments: Mapping[str, UUID], zone: ZoneInfo) -> tuple[Rule, dict[Path, Place]]:
    """The rule of a syntax, and where in the text its nodes, their members and their values stand; raises `Misread`.

    `segments` are those of `segment_names`; days are days in `zone`.
    """
    reading = Reading(segments, zone)
    return _node(reading, syntax, (), 1), reading.places


def _node(reading: Reading, syntax: Syntax, path: Path, depth: int) -> Rule:
    reading.places[path] = place(syntax)
    if depth > DEPTH_MAX:
        raise Misread(f"A rule has at most {DEPTH_MAX} levels.", place(syntax))
    name = str(syntax.data)
    if name in _CONDITIONS:
        return _CONDITIONS[name](reading, syntax, path)
    below = cast(list[Syntax], syntax.children)
    if name == "not":
        return Rule(not_=_node(reading, below[0], (*path, "not"), depth + 1))
    nodes = [_node(reading, each, (*path, name, str(number)), depth + 1) for number, each in enumerate(below)]
    return Rule(all=nodes) if name == "all" else Rule(any=nodes)


def _parts(reading: Reading, syntax: Syntax, path: Path, read: Callable[[Syntax, Path], object]) -> dict[str, Any]:
    """What the parts of a condition say, by the tree's names; each once."""
    given: dict[str, Any] = {}
    for part in cast(list[Syntax], syntax.children):
        name = _PARTS.get(str(part.data), str(part.data))
        once(given, name, part)
        reading.places[(*path, sdl(name))] = place(part)
        given[name] = read(part, (*path, sdl(name)))
    return given


def _profile(reading: Reading, syntax: Syntax, path: Path) -> Rule:
    field, comparison = cast(tuple[Token, Syntax], syntax.children)
    at = (*path, "profile")
    reading.mark(at, field=field)
    known = tokens.member(field, ProfileField, "A field of the profile")
    is_, values = reading.compared(comparison, at, tokens.value)
    return Rule(profile=ProfileCondition(field=known, is_=is_, values=values or None))


def _attribute(reading: Reading, syntax: Syntax, path: Path) -> Rule:
    key, comparison = cast(tuple[Token, Syntax], syntax.children)
    at = (*path, "attribute")
    reading.mark(at, key=key)
    is_, values = reading.compared(comparison, at, tokens.value)
    return Rule(attribute=AttributeCondition(key=tokens.text(key), is_=is_, values=values or None))


def _tag(reading: Reading, syntax: Syntax, path: Path) -> Rule:
    def names(part: Syntax, at: Path) -> list[str]:
        return reading.values(tokens_of(part), at, tokens.text)

    return Rule(tag=TagCondition(**_parts(reading, syntax, (*path, "tag"), names)))


def _segment(reading: Reading, syntax: Syntax, path: Path) -> Rule:
    def ids(part: Syntax, at: Path) -> list[UUID]:
        return reading.values(tokens_of(part), at, lambda token: reading.segments[tokens.text(token)])

    return Rule(segment=SegmentCondition(**_parts(reading, syntax, (*path, "segment"), ids)))


def _lifecycle(reading: Reading, syntax: Syntax, path: Path) -> Rule:
    def states(part: Syntax, at: Path) -> object:
        if part.data == "stages":
            return reading.values(tokens_of(part), at, lambda token: tokens.member(token, LifecycleStage, "A stage"))
        return reading.values(tokens_of(part), at, lambda token: tokens.member(token, ActivityState, "An activity"))

    return Rule(lifecycle=LifecycleCondition(**_parts(reading, syntax, (*path, "lifecycle"), states)))


def _rfm(reading: Reading, syntax: Syntax, path: Path) -> Rule:
    def said(part: Syntax, at: Path) -> object:
        if part.data == "groups":
            return reading.values(tokens_of(part), at, tokens.text)
        return ranged(cast(Syntax, part.children[0]))

    return Rule(rfm=RfmCondition(**_parts(reading, syntax, (*path, "rfm"), said)))


def _events(reading: Reading, syntax: Syntax, path: Path) -> Rule:
    name, *arguments, comparison = cast(list[Any], syntax.children)
    at = (*path, "event")
    reading.mark(at, name=name, count=comparison)
    given: dict[str, Any] = reading.arguments(arguments, at, frozenset({"last", "where"}))
    is_, values = reading.compared(comparison, at, tokens.whole)
    return Rule(event=EventCondition(name=tokens.text(name), count=counted(is_, values, place(comparison)), **given))


def _orders(reading: Reading, syntax: Syntax, path: Path) -> Rule:
    name, *arguments, comparison = cast(list[Any], syntax.children)
    at = (*path, "order")
    reading.mark(at, metric=name)
    metric = tokens.member(name, OrderMetric, "What is reckoned of orders")
    given: dict[str, Any] = reading.arguments(arguments, at, frozenset({"last", "narrowed"}))
    is_, values = reading.compared(comparison, at, tokens.exact)
    return Rule(order=OrderCondition(metric=metric, is_=is_, values=values, **given))


def _points(reading: Reading, syntax: Syntax, path: Path) -> Rule:
    name, *arguments, comparison = cast(list[Any], syntax.children)
    at = (*path, "points")
    reading.mark(at, metric=name)
    metric = tokens.member(name, PointsMetric, "What is known of points")
    given: dict[str, Any] = reading.arguments(arguments, at, _EXPIRING if metric is PointsMetric.EXPIRING else _WINDOWED)
    is_, values = reading.compared(comparison, at, tokens.value)
    return Rule(points=PointsCondition(metric=metric, is_=is_, values=values, **given))


def _consent(reading: Reading, syntax: Syntax, path: Path) -> Rule:
    purpose = cast(Token, syntax.children[0])
    reading.mark((*path, "consent"), purpose=purpose)
    return Rule(consent=ConsentCondition(purpose=tokens.text(purpose), granted=syntax.data == "granted"))


def _anniversary(reading: Reading, syntax: Syntax, path: Path) -> Rule:
    of, days = cast(tuple[Token, Token], syntax.children)
    reading.mark((*path, "anniversary"), of=of, withinDays=days)
    what = tokens.member(of, AnniversaryOf, "What comes round every year")
    return Rule(anniversary=AnniversaryCondition(of=what, within_days=tokens.whole(days)))


_CONDITIONS: Final[dict[str, Callable[[Reading, Syntax, Path], Rule]]] = {
    "profile": _profile,
    "attribute": _attribute,
    "tag": _tag,
    "segment": _segment,
    "lifecycle": _lifecycle,
    "rfm": _rfm,
    "events": _events,
    "orders": _orders,
    "points": _points,
    "granted": _consent,
    "missing": _consent,
    "anniversary": _anniversary,
}
