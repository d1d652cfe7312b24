"""Why a rule holds for somebody, or does not; and which condition has lost people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from siyu.domain.kernel import database
from siyu.domain.kernel.dialect import Kind, Statement
from siyu.domain.kernel.operation import operation
from siyu.domain.rules import kinds
from siyu.domain.rules.calendar import asked
from siyu.domain.rules.forms import Draft
from siyu.domain.rules.inputs import Rule
from siyu.domain.rules.printing import condition_text
from siyu.domain.rules.references import codes
from siyu.domain.rules.scopes import needed
from siyu.domain.rules.spelling import of_each
from siyu.domain.rules.tree import Path, children, conditions, nodes
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import NotFound

#: People that one statement asks about.
_TOGETHER: Final = 5_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one node of a rule."""

    #: By the SDL's names, such as `("all", "1")`; empty for the whole.
    path: Path
    #: The node on one line.
    condition: str
    matched: bool
    #: The value that decided it, as JSON could hold it; None for a branch, for what is not known, and where the caller lacks a scope.
    actual: object
    #: What somebody must be allowed to read to see `actual`.
    scopes: frozenset[Scope]


@operation()
async def explained(actor: Actor, rule: Rule, customer_id: UUID) -> list[Verdict]:
    """Each node of a checked rule with what it comes to for this customer, a branch before what it holds. One statement, and one more for
    the codes of segments where the rule speaks of some.

    Of nodes only: whoever was merged or restricted meets no rule, whatever they say. The caller has asked whether the customer may be seen:
    no purpose is asked here. Raises `NotFound` where there is no such customer.
    """
    draft, leaves, spelled = Draft(Statement(database.dialect()), asked()), dict(conditions(rule)), await codes(actor, rule)
    shown = {path: kinds.shown(leaf, draft) for path, leaf in leaves.items() if all(actor.may(scope) for scope in needed(leaf))}
    verdicts = [of_each(kinds.form(leaf, draft)) for leaf in leaves.values()]
    asks = [sql for each in shown.values() for sql in each.sql]
    who = draft.bind(customer_id, Kind.ID)
    found = await database.rows(f"select {', '.join([*verdicts, *asks])} from customers t where t.id = {who}", draft.statement.args)  # noqa: S608  # bound
    if not found:
        raise NotFound("There is no such customer.", path=("customer_id",))
    row = iter(found[0])
    matched = {path: bool(next(row)) for path in leaves}
    actual = {path: each.told([next(row) for _ in each.sql]) for path, each in shown.items()}
    texts = {path: condition_text(node, spelled) for path, node in nodes(rule)}
    return [Verdict(path, texts[path], _holds(node, path, matched), actual.get(path), needed(node)) for path, node in nodes(rule)]


def _holds(node: Rule, path: Path, matched: Mapping[Path, bool]) -> bool:
    if path in matched:
        return matched[path]
    below = [_holds(each, (*path, *steps), matched) for steps, each in children(node)]
    return not below[0] if node.not_ is not None else all(below) if node.all is not None else any(below)


@operation()
async def lost(actor: Actor, rule: Rule, customer_ids: Sequence[UUID]) -> dict[Path, tuple[str, int]]:
    """For each condition by its path: the condition on one line, and how many of these customers it keeps out.

    Below an odd number of `not` a condition keeps those out for whom it holds; its line then begins with `not`. One statement for each few
    thousand customers, and one for the codes of segments where the rule speaks of some.
    """
    at, spelled, leaves = asked(), await codes(actor, rule), dict(conditions(rule))
    counts = dict.fromkeys(leaves, 0)
    for start in range(0, len(customer_ids), _TOGETHER):
        draft = Draft(Statement(database.dialect()), at)
        out = [f"{'' if _denied(path) else 'not '}{of_each(kinds.form(leaf, draft))}" for path, leaf in leaves.items()]
        these = draft.among("t.id", list(customer_ids[start : start + _TOGETHER]), Kind.ID)
        sums = ", ".join(f"count(case when {each} then 1 end)" for each in out)
        found = await database.rows(f"select {sums} from customers t where {these}", draft.statement.args)  # noqa: S608  # bound values only
        for path, count in zip(leaves, found[0], strict=True):
            counts[path] += int(count)
    return {path: (("not " if _denied(path) else "") + condition_text(leaf, spelled), counts[path]) for path, leaf in leaves.items()}


def _denied(path: Path) -> bool:
    return path.count("not") % 2 == 1
