"""What is odd about a rule that can be used: what can never match, always does, contradicts itself or is said twice. Pure."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping
from itertools import combinations
from typing import Final
from zoneinfo import ZoneInfo

from siyu.domain.rules.atoms import Formula, Joint, formula, properties
from siyu.domain.rules.inputs import Comparison, EventCondition, PropertyCondition, Rule
from siyu.domain.rules.printing import printed
from siyu.domain.rules.problems import Problem
from siyu.domain.rules.regions import Allowed
from siyu.domain.rules.register import Register, quoted
from siyu.domain.rules.tree import Path, children, given, nodes, sdl

_JSON: Final = {bool: "boolean", int: "number", float: "number", str: "string"}
_SHOWN_MAX: Final = 120


def warnings(rule: Rule, register: Register, zone: ZoneInfo) -> list[Problem]:
    """The warnings about a rule that was checked, in its order."""
    found = [*_impossible(rule, register, zone), *_repeated(rule), *_of_names(rule, register), *_of_events(rule, register, zone)]
    places = {path: number for number, (path, _) in enumerate(nodes(rule))}

    def order(problem: Problem) -> int:
        return max(number for path, number in places.items() if path == problem.path[: len(path)])

    return sorted(found, key=order)


def _warning(message: str, path: Path) -> Problem:
    return Problem(message, path, warning=True)


def possible(said: Formula, context: Mapping[Hashable, Allowed]) -> bool:
    """Whether somebody may be as it says, of whom the context is known; False only where that is sure."""
    known = dict(context)
    waiting: list[Formula] = [said]
    choices: list[Joint] = []
    while waiting:
        while waiting:
            part = waiting.pop()
            if isinstance(part, Joint):
                if part.both or len(part.parts) == 1:
                    waiting += part.parts
                else:
                    choices.append(part)
                continue
            known[part.subject] = part.allowed & known[part.subject] if part.subject in known else part.allowed
            if not known[part.subject]:
                return False
        left: list[Joint] = []
        for choice in choices:
            open_ = tuple(each for each in choice.parts if possible(each, known))
            if not open_:
                return False
            (waiting if len(open_) == 1 else left).append(Joint(open_, False))  # what has to be so tells more of the others
        choices = left
    return True


def _impossible(rule: Rule, register: Register, zone: ZoneInfo) -> list[Problem]:
    """The smallest nodes that nobody meets, or everybody does."""
    found: list[Problem] = []
    seen: set[Path] = set()
    for path, node in sorted(nodes(rule), key=lambda each: -len(each[0])):
        if any(other[: len(path)] == path for other in seen):
            continue
        said = formula(node, register, zone)
        if not possible(said, {}):
            found.append(_warning(_why_never(node, register, zone), path))
        elif not possible(said.negated(), {}):
            found.append(_warning(f"{_told(node, register, zone)} holds for everybody.", path))
        else:
            continue
        seen.add(path)
    return found


def _why_never(node: Rule, register: Register, zone: ZoneInfo) -> str:
    if node.rfm:
        return "No cell of the model of scores is reached by this."
    for one, other in combinations([each for _, each in children(node)] if node.all else [], 2):
        if not possible(Joint((formula(one, register, zone), formula(other, register, zone)), True), {}):
            return f"{_told(one, register, zone)} and {_told(other, register, zone)} contradict each other: nobody is both."
    return f"{_told(node, register, zone)} holds for nobody."


def _told(node: Rule, register: Register, zone: ZoneInfo) -> str:
    text = printed(node, register.codes, zone)
    return f"“{text}”" if len(text) <= _SHOWN_MAX else "This"


def _repeated(rule: Rule) -> Iterator[Problem]:
    """What is said twice: conditions of a branch, and values of a list."""
    for path, node in nodes(rule):
        below = children(node)
        for number, (steps, each) in enumerate(below):
            if each in [other for _, other in below[:number]]:
                yield _warning("This condition is said twice.", (*path, *steps))
        for name in given(node):
            said = getattr(node, name)
            if not isinstance(said, list | Rule):
                yield from _repeated_values(said, (*path, sdl(name)))


def _repeated_values(said: object, path: Path) -> Iterator[Problem]:
    for name in getattr(said, "__dataclass_fields__", ()):
        values = getattr(said, name)
        if not isinstance(values, list):
            continue
        seen: set[tuple[type, object]] = set()
        for number, value in enumerate(values):
            at = (*path, sdl(name), str(number))
            if isinstance(value, PropertyCondition):
                yield from _repeated_values(value, at)
            key = (type(value), repr(value) if isinstance(value, PropertyCondition) else value)
            if key in seen and getattr(said, "is_", None) is not Comparison.BETWEEN:
                yield _warning("This is named twice.", at)
            seen.add(key)


def _of_names(rule: Rule, register: Register) -> Iterator[Problem]:
    """Tags, segments and groups of scores by which nobody can be found."""
    reached = {*register.model.cells().values()} if register.model else set()
    for path, node in nodes(rule):
        if node.rfm:
            unreached = [None if name in reached else f"No cell reaches the group {quoted(name)}." for name in node.rfm.groups or ()]
            yield from _warned(unreached, (*path, "rfm", "groups"))
        if node.tag:
            for part, names in (("any", node.tag.any), ("all", node.tag.all), ("none", node.tag.none)):
                yield from _warned([register.tags[name].warning for name in names or ()], (*path, "tag", part))
        if node.segment:
            for part, keys in (("in", node.segment.in_), ("notIn", node.segment.not_in)):
                yield from _warned([register.segments[str(key)].warning for key in keys or ()], (*path, "segment", part))


def _warned(messages: Collection[str | None], path: Path) -> Iterator[Problem]:
    return (_warning(message, (*path, str(number))) for number, message in enumerate(messages) if message)


def _of_events(rule: Rule, register: Register, zone: ZoneInfo) -> Iterator[Problem]:
    """Properties that no event has shown, or not with such values, or that can't be all at once."""
    for path, node in nodes(rule):
        if node.event is None or not node.event.where:
            continue
        if not possible(properties(node.event.where, zone), {}):
            yield _warning("No event has all these properties at once.", (*path, "event", "where"))
        for number, each in enumerate(node.event.where):
            wrong = _unseen(each, node.event, register)
            if wrong:
                yield _warning(wrong, (*path, "event", "where", str(number)))


def _unseen(said: PropertyCondition, event: EventCondition, register: Register) -> str | None:
    known = register.events[event.name]
    types = known.types.get(said.key)
    if types is None:
        return None if known.full else f"No event {quoted(event.name)} has had a property {quoted(said.key)} yet."
    given = {_JSON[type(value)] for value in said.values or ()}
    fits = not given or given & types or ("string" in given and "date" in types)
    return None if fits else f"The property {quoted(said.key)} has had no such values yet: {', '.join(sorted(types))} only."
