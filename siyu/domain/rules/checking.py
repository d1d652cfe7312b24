"""Checking what is given as a rule, whichever way it is written."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from siyu.domain.kernel.operation import operation
from siyu.domain.kernel.touching import Change
from siyu.domain.rules import tree
from siyu.domain.rules.inputs import Rule
from siyu.domain.rules.tables import HolderKind
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a rule, or, as a warning, what is odd about it."""

    #: In a sentence for people.
    message: str
    #: Where in the tree, by the SDL's names: `("all", "1", "order", "values")`; empty for the whole, and where a text can't be read.
    path: tuple[str, ...] = ()
    #: Where in the text, from 1; None for a tree.
    line: int | None = None
    column: int | None = None
    #: Whether the rule can be used all the same.
    warning: bool = False


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
    #: Faults and warnings, in the order of the rule.
    problems: tuple[Problem, ...]


@operation()
async def check(
    actor: Actor,
    rule: Rule | None,
    expression: str | None,
    *,
    path: tuple[str, ...] = ("input",),
    holder: tuple[HolderKind, UUID] | None = None,
) -> Checked:
    """The rule that was given as tree or as text, checked.

    `path` leads to the input that has both: faults of a tree are refused at `(*path, "rule", …)`, all of them at once, those of a text at
    `(*path, "expression")` with line and column in the message. `holder` is the segment or tag that is to have the rule, for refusing
    circles; a new one needs none. Raises `Forbidden` for conditions on what the caller may not read.
    """
    if rule is None:
        raise Refusal("Give the rule.", path=(*path, "rule"))
    return Checked(rule, tree.stored(rule), expression or "", frozenset(), frozenset())


@operation()
async def inspect(actor: Actor, rule: Rule | None, expression: str | None) -> Inspected:
    """The same check without a refusal, and with the linter's warnings: for whoever edits a rule. Never raises for bad input."""
    return Inspected(True, await check(actor, rule, expression), ())
