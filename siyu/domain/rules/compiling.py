"""A rule as SQL: one statement for everybody, or for just these people, on either database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from siyu.domain.kernel import database
from siyu.domain.kernel.dialect import Kind, Statement
from siyu.domain.kernel.operation import operation
from siyu.domain.rules import kinds
from siyu.domain.rules.calendar import Asked, asked
from siyu.domain.rules.forms import Draft, Form, either, every, opposite
from siyu.domain.rules.inputs import Rule
from siyu.domain.rules.spelling import of_all, of_each, whom
from siyu.privacy.actor import Actor

#: Rules that one statement asks about, and values after which it gets no further rule: databases bind some 32,000.
_TOGETHER: Final = 100
_BOUND: Final = 5_000


def matching(statement: Statement, rule: Rule, at: Asked, *, people: Sequence[UUID] | None = None) -> str:
    """SQL `select t.id from …`, each customer once, for whom the rule holds; for a subquery in brackets or a statement by itself.

    Nobody who was merged into another or restricted processing is in it. With `people` each look inside is at one of these only, so that
    its cost does not grow with the number of customers. The rule was checked.
    """
    draft = Draft(statement, at)
    form = formed(rule, draft)
    if people is None:
        return of_all(draft, form)
    these = draft.among("t.id", list(people), Kind.ID)
    return f"select t.id from customers t where {these} and {whom(draft)} and {of_each(form)}"  # noqa: S608  # bound values only


@operation()
async def matches(actor: Actor, rules: Mapping[UUID, Rule], customer_ids: Sequence[UUID]) -> dict[UUID, set[UUID]]:
    """For each rule, by its key, those of these customers for whom it holds. One statement, more only for many rules.

    The caller decides who may know: no purpose and no scope is asked here.
    """
    found: dict[UUID, set[UUID]] = {key: set() for key in rules}
    at, waiting = asked(), list(rules.items() if customer_ids else ())
    while waiting:
        draft, verdicts = Draft(Statement(database.dialect()), at), dict[UUID, str]()
        while waiting and len(verdicts) < _TOGETHER and len(draft.statement.args) < _BOUND:
            key, rule = waiting.pop()
            verdicts[key] = of_each(formed(rule, draft))
        these = draft.among("t.id", list(customer_ids), Kind.ID)
        sql = f"select t.id, {', '.join(verdicts.values())} from customers t where {these} and {whom(draft)}"  # noqa: S608  # bound values only
        for row in await database.rows(sql, draft.statement.args):
            customer_id = row[0] if isinstance(row[0], UUID) else UUID(row[0])
            for place, key in enumerate(verdicts, 1):
                if row[place]:
                    found[key].add(customer_id)
    return found


def formed(rule: Rule, draft: Draft) -> Form:
    """What a rule comes to."""
    if rule.all is not None:
        return every([formed(each, draft) for each in rule.all])
    if rule.any is not None:
        return either([formed(each, draft) for each in rule.any])
    if rule.not_ is not None:
        return opposite(formed(rule.not_, draft))
    return kinds.form(rule, draft)
