"""A rule as SQL: one statement for everybody, or for just these people, on either database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from siyu.domain.kernel import database
from siyu.domain.kernel.dialect import Kind, Statement
from siyu.domain.kernel.operation import operation
from siyu.domain.rules.calendar import Asked, asked
from siyu.domain.rules.inputs import Rule
from siyu.privacy.actor import Actor


def matching(statement: Statement, rule: Rule, at: Asked, *, people: Sequence[UUID] | None = None) -> str:
    """SQL `select t.id from …`, each customer once, for whom the rule holds; for a subquery in brackets or a statement by itself.

    Nobody who was merged into another or restricted processing is in it. With `people` every pass inside looks at these only, so that its
    cost does not grow with the number of customers. The rule was checked.
    """
    mine = "" if people is None else f" and {statement.among('t.id', list(people), Kind.ID)}"
    return f"select t.id from customers t where t.merged_into_id is null{mine}"  # noqa: S608  # bound values only


@operation()
async def matches(actor: Actor, rules: Mapping[UUID, Rule], customer_ids: Sequence[UUID]) -> dict[UUID, set[UUID]]:
    """For each rule, by its key, those of these customers for whom it holds. One statement, more only for many rules.

    The caller decides who may know: no purpose and no scope is asked here.
    """
    if not rules or not customer_ids:
        return {key: set() for key in rules}
    found: dict[UUID, set[UUID]] = {}
    for key, rule in rules.items():
        statement = Statement(database.dialect())
        rows = await database.rows(matching(statement, rule, asked(), people=customer_ids), statement.args)
        found[key] = {UUID(str(row[0])) for row in rows}
    return found
