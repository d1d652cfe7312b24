"""Keeping customers where they are while something is hung on them."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from siyu.domain.kernel import database
from siyu.domain.kernel.dialect import Kind, Statement
from siyu.domain.kernel.operation import operation
from siyu.privacy.actor import Actor

#: Merges of merges are followed so far; more make no sense.
_STEPS_MAX = 5


@operation(writes=True)
async def hold(actor: Actor, customer_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Who each of them is now: the same, or whom they were merged into; whoever is no customer is missing.

    Until the transaction ends none of them is erased or merged. One statement, and one more where somebody was merged.
    """
    wanted: set[UUID] = set(customer_ids)
    stands: dict[UUID, UUID] = {}
    for _ in range(_STEPS_MAX):
        statement = Statement(database.dialect())
        sql = f"select t.id, t.merged_into_id from {statement.sought('customers', 'id', list(wanted), Kind.ID)}"  # noqa: S608  # bound values only
        if statement.dialect == "postgres":
            sql += " order by t.id for key share of t"
        for found, into in await database.rows(sql, statement.args):
            stands[as_id(found)] = as_id(into or found)
        wanted = set(stands.values()) - stands.keys()
        if not wanted:
            break
    return {given: now for given in customer_ids if (now := _end(given, stands)) is not None}


def as_id(value: object) -> UUID:
    """The driver's spelling of a key; PostgreSQL's own kind of key is hashed and compared faster than any other."""
    return value if isinstance(value, UUID) else UUID(str(value))


def _end(given: UUID, stands: dict[UUID, UUID]) -> UUID | None:
    for _ in range(_STEPS_MAX):
        now = stands.get(given)
        if now is None or now == given:
            return now
        given = now
    return None
