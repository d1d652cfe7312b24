"""Checking what is given as a rule, whichever way it is written."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from siyu.domain.kernel import boot
from siyu.domain.kernel.operation import operation
from siyu.domain.kernel.touching import Change
from siyu.domain.rules import circles, shape, tree
from siyu.domain.rules.building import built, segment_names
from siyu.domain.rules.catalogue import named
from siyu.domain.rules.inputs import Rule
from siyu.domain.rules.limits import EXPRESSION_MAX
from siyu.domain.rules.linting import warnings
from siyu.domain.rules.printing import printed
from siyu.domain.rules.problems import Problem
from siyu.domain.rules.register import Register, barred, looked_up, quoted, spoken_of, unknown
from siyu.domain.rules.scopes import needed
from siyu.domain.rules.tables import HolderKind
from siyu.domain.rules.text import Misread, Place, parsed
from siyu.domain.rules.tree import Path
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, Forbidden, Refusal, Refusals

Holder = tuple[HolderKind, UUID]
#: Characters of a text that is read in no time.
_SHORT: Final = 2_000


@dataclass(frozen=True, slots=True)
class Checked:
    """A rule that can be used."""

    rule: Rule
    #: As it is stored: the SDL's `SegmentRuleInput` as JSON, without nulls.
    tree: dict[str, object]
    #: The same as text, in its one spelling; segments by their codes.
    expression: str
    #: What it speaks of, as `touching.Touched` names it; "" where the kind of change says it all.
    references: frozenset[tuple[Change, str]]
    #: What somebody must be allowed to read to use it.
    scopes: frozenset[Scope]


@dataclass(frozen=True, slots=True)
class Inspected:
    """What there is to say about a rule before it is used."""

    valid: bool
    #: None when it is not valid.
    checked: Checked | None
    #: Faults and warnings.
    problems: tuple[Problem, ...]


@operation()
async def check(
    actor: Actor,
    rule: Rule | None,
    expression: str | None,
    *,
    path: tuple[str, ...] = ("input",),
    holder: Holder | None = None,
) -> Checked:
    """The rule that was given as tree or as text, checked.

    `path` leads to the input that has both: faults of a tree are refused at `(*path, "rule", …)`, all of them at once, those of a text at
    `(*path, "expression")` with line and column in the message. `holder` is the segment or tag that is to have the rule, for refusing
    circles; a new one needs none. Raises `Forbidden` for conditions on what the caller may not read.
    """
    examined = await _examined(actor, rule, expression, holder)
    if isinstance(examined, tuple):
        return examined[0]
    refusals = [_refusal(problem, path) for problem in examined]
    lacking = next((each for each in refusals if each.code is Code.FORBIDDEN), None)
    raise Forbidden(lacking.message, path=lacking.path) if lacking else Refusals(refusals)


@operation()
async def inspect(actor: Actor, rule: Rule | None, expression: str | None) -> Inspected:
    """The same check without a refusal, and with the linter's warnings: for whoever edits a rule. Never raises for bad input."""
    examined = await _examined(actor, rule, expression, None)
    if not isinstance(examined, tuple):
        return Inspected(False, None, tuple(examined))
    checked, register, places = examined
    return Inspected(True, checked, tuple(_placed(warnings(checked.rule, register, _zone()), places)))


def _refusal(problem: Problem, path: Path) -> Refusal:
    if problem.line is None:
        return Refusal(problem.message, path=(*path, "rule", *problem.path), code=problem.code)
    return Refusal(f"Line {problem.line}, column {problem.column}: {problem.message}", path=(*path, "expression"), code=problem.code)


_Places = dict[Path, Place]


async def _examined(
    actor: Actor, rule: Rule | None, expression: str | None, holder: Holder | None
) -> tuple[Checked, Register, _Places] | list[Problem]:
    """The rule with what its names stand for and where it stands in the text, or all that is wrong with it."""
    if (rule is None) == (expression is None):
        said = "Give the rule as a tree or as a text." if rule is None else "Give the rule as a tree or as a text, not as both."
        return [Problem(said, code=Code.BLANK if rule is None else Code.INVALID)]
    places: _Places = {}
    if expression is not None:
        read = await _read(actor, expression)
        if isinstance(read, Problem):
            return [read]
        rule, places = read
    assert rule is not None, "one of the two is given"
    large = shape.too_large(rule)
    problems = [large] if large else [*shape.faults(rule)] or [*barred(actor, rule)]
    if not problems:
        register = await looked_up(actor, rule)
        problems = [*unknown(rule, register)]
        if not problems:
            checked = _checked(rule, register)
            problems = [*_too_long(checked)] or (await circles.found(checked.references, holder) if holder else [])
            if not problems:
                return checked, register, places
    return [*_placed(problems, places)]


def _zone() -> ZoneInfo:
    return ZoneInfo(boot.current().settings.timezone)


async def _read(actor: Actor, expression: str) -> tuple[Rule, _Places] | Problem:
    """The rule of a text and its places, or why there is none."""
    try:
        # A long text takes a good part of a second, in which others want an answer.
        syntax = await asyncio.to_thread(parsed, expression) if len(expression) > _SHORT else parsed(expression)
        names = segment_names(syntax)
        if names and not actor.may(Scope.SEGMENTS_READ):
            return _at(f"This needs the scope {Scope.SEGMENTS_READ}.", next(iter(names.values())), Code.FORBIDDEN)
        known = await named(actor, Change.SEGMENT, names.keys())
        missing = next((name for name in names if name not in known), None)
        if missing is not None:
            return _at(f"There is no segment {quoted(missing)}.", names[missing], Code.NOT_FOUND)
        return built(syntax, {name: known[name].id for name in names}, _zone())
    except Misread as misread:
        return _at(misread.message, misread.place, Code.INVALID)


def _at(message: str, place: Place, code: Code) -> Problem:
    return Problem(message, line=place.line, column=place.column, code=code)


def _checked(rule: Rule, register: Register) -> Checked:
    settled = tree.retagged(tree.settled(rule), {name: each.name for name, each in register.tags.items()})
    scopes = frozenset(scope for _, node in tree.conditions(rule) for scope in needed(node))
    expression = printed(settled, register.codes, _zone())
    return Checked(settled, tree.stored(settled), expression, spoken_of(rule, register), scopes)


def _too_long(checked: Checked) -> Iterator[Problem]:
    """A rule that could not be read again from its text."""
    if len(checked.expression) > EXPRESSION_MAX:
        yield Problem(f"As text, a rule has at most {EXPRESSION_MAX:,} characters.", code=Code.LIMIT_EXCEEDED)


def _placed(problems: Iterable[Problem], places: _Places) -> Iterator[Problem]:
    """The problems with their places in the text, where it is one: that of the nearest part whose place is known."""
    for problem in problems:
        steps = next((problem.path[:end] for end in range(len(problem.path), -1, -1) if problem.path[:end] in places), None)
        place = places[steps] if steps is not None else None
        yield replace(problem, line=place.line, column=place.column) if place else problem
