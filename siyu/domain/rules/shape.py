"""Whether a rule makes sense by itself, whatever the names in it stand for. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from siyu.domain.rules.comparisons import compared, name, number_fault, of_property, one_given, ranged, texts, windowed
from siyu.domain.rules.inputs import (
    AnniversaryCondition,
    AttributeCondition,
    Comparison,
    ConsentCondition,
    EventCondition,
    LifecycleCondition,
    OrderCondition,
    PointsCondition,
    PointsMetric,
    ProfileCondition,
    RfmCondition,
    Rule,
    SegmentCondition,
    TagCondition,
)
from siyu.domain.rules.limits import ANNIVERSARY_DAYS_MAX, CONDITIONS_MAX, DEPTH_MAX, VALUES_MAX
from siyu.domain.rules.problems import Problem
from siyu.domain.rules.tree import BRANCHES, Path, children, given, nodes, sdl
from siyu.domain.rules.values import POINTS, PROFILE, amount_fault
from siyu.privacy.refusal import Code

_MEMBERS: Final = ", ".join(sdl(each) for each in Rule.__dataclass_fields__)


def too_large(rule: Rule) -> Problem | None:
    """Whether a rule is too deep or has too many conditions to be looked at any further."""
    waiting: list[tuple[Path, Rule, int]] = [((), rule, 1)]
    conditions = 0
    while waiting:
        path, node, depth = waiting.pop()
        if depth > DEPTH_MAX:
            return Problem(f"A rule has at most {DEPTH_MAX} levels.", path, code=Code.LIMIT_EXCEEDED)
        below = children(node)
        conditions += not below
        waiting += [((*path, *steps), each, depth + 1) for steps, each in below]
        if conditions > CONDITIONS_MAX or len(waiting) > CONDITIONS_MAX * DEPTH_MAX:
            return Problem(f"A rule has at most {CONDITIONS_MAX} conditions.", code=Code.LIMIT_EXCEEDED)
    return None


def faults(rule: Rule) -> Iterator[Problem]:
    """All that is wrong with a rule that is not too large, node by node."""
    for path, node in nodes(rule):
        members = given(node)
        if len(members) != 1:
            yield Problem(f"Give exactly one of {_MEMBERS}.", path, code=Code.INVALID if members else Code.BLANK)
            continue
        member, at = members[0], (*path, sdl(members[0]))
        said = getattr(node, member)
        if member not in BRANCHES:
            yield from _CONDITIONS[member](said, at)
        elif said == []:
            yield Problem("A branch needs one condition at least.", at, code=Code.BLANK)


def _profile(said: ProfileCondition, path: Path) -> Iterator[Problem]:
    yield from compared(said.is_, said.values, PROFILE[said.field], path)


def _attribute(said: AttributeCondition, path: Path) -> Iterator[Problem]:
    """Values are checked against the attribute's type, once that is known."""
    yield from name(said.key, (*path, "key"))


def _tag(said: TagCondition, path: Path) -> Iterator[Problem]:
    yield from one_given((said.any, said.all, said.none), "any, all or none of which tags", path)
    for part, names in (("any", said.any), ("all", said.all), ("none", said.none)):
        yield from texts(names, (*path, part))


def _segment(said: SegmentCondition, path: Path) -> Iterator[Problem]:
    yield from one_given((said.in_, said.not_in), "in or not in which segments", path)
    for part, ids in (("in", said.in_), ("notIn", said.not_in)):
        yield from _some(ids, (*path, part))


def _lifecycle(said: LifecycleCondition, path: Path) -> Iterator[Problem]:
    yield from one_given((said.stages, said.activity), "at which stages, or how active", path)
    yield from _some(said.stages, (*path, "stages"))
    yield from _some(said.activity, (*path, "activity"))


def _some(values: list[object] | list[str] | object, path: Path) -> Iterator[Problem]:
    if values == []:
        yield Problem("Name one at least.", path, code=Code.BLANK)
    elif isinstance(values, list) and len(values) > VALUES_MAX:
        yield Problem(f"Name at most {VALUES_MAX}.", path, code=Code.LIMIT_EXCEEDED)


def _rfm(said: RfmCondition, path: Path) -> Iterator[Problem]:
    spans = {"recency": said.recency, "frequency": said.frequency, "monetary": said.monetary}
    yield from one_given((said.groups, *spans.values()), "which groups, or which scores", path)
    yield from texts(said.groups, (*path, "groups"))
    for part, span in spans.items():
        yield from ranged(span, (*path, part), least=1)


def _event(said: EventCondition, path: Path) -> Iterator[Problem]:
    yield from name(said.name, (*path, "name"))
    yield from windowed(said.window, (*path, "window"))
    yield from ranged(said.count, (*path, "count"), least=0)
    if len(said.where or ()) > CONDITIONS_MAX:
        yield Problem(f"Give at most {CONDITIONS_MAX} properties.", (*path, "where"), code=Code.LIMIT_EXCEEDED)
        return
    for number, each in enumerate(said.where or ()):
        yield from of_property(each, (*path, "where", str(number)))


def _order(said: OrderCondition, path: Path) -> Iterator[Problem]:
    yield from windowed(said.window, (*path, "window"))
    for part in ("categories", "brands", "skus", "channels"):
        yield from texts(getattr(said, part), (*path, part))
    wrong = number_fault(said.is_, said.values)
    if wrong is not None:
        yield Problem(wrong, (*path, "values"), code=Code.INVALID if said.values else Code.BLANK)
        return
    bad = [(number, found) for number, value in enumerate(said.values) if (found := amount_fault(said.metric, value))]
    for number, found in bad:
        yield Problem(found, (*path, "values", str(number)))
    if said.is_ is Comparison.BETWEEN and not bad and said.values[0] > said.values[1]:
        yield Problem("The first value is above the second.", (*path, "values"))


def _points(said: PointsCondition, path: Path) -> Iterator[Problem]:
    yield from windowed(said.window, (*path, "window"))
    if said.window is not None and said.metric not in (PointsMetric.LIFETIME, PointsMetric.EXPIRING):
        yield Problem(f"{said.metric} has no window: it is what it is now.", (*path, "window"))
    if said.metric is not PointsMetric.TIER:
        yield from compared(said.is_, said.values, POINTS, path)
        return
    if said.is_ is Comparison.BETWEEN:
        yield Problem("Tiers are compared one by one: give two conditions.", (*path, "is"))
    else:
        wrong = number_fault(said.is_, said.values)
        if wrong is not None:
            yield Problem(wrong, (*path, "values"), code=Code.INVALID if said.values else Code.BLANK)
        for number, value in enumerate(said.values if wrong is None else ()):
            if isinstance(value, str):
                yield from name(value, (*path, "values", str(number)))
            else:
                yield Problem("Give the code of a tier.", (*path, "values", str(number)))


def _consent(said: ConsentCondition, path: Path) -> Iterator[Problem]:
    yield from name(said.purpose, (*path, "purpose"))


def _anniversary(said: AnniversaryCondition, path: Path) -> Iterator[Problem]:
    if not 0 <= said.within_days <= ANNIVERSARY_DAYS_MAX:
        yield Problem(f"Give a number of days from 0 to {ANNIVERSARY_DAYS_MAX}.", (*path, "withinDays"))


_CONDITIONS: Final[dict[str, Callable[..., Iterator[Problem]]]] = {
    "profile": _profile,
    "attribute": _attribute,
    "tag": _tag,
    "segment": _segment,
    "lifecycle": _lifecycle,
    "rfm": _rfm,
    "event": _event,
    "order": _order,
    "points": _points,
    "consent": _consent,
    "anniversary": _anniversary,
}
