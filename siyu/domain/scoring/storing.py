"""Scoring very many at once: the database writes what it finds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from siyu.domain.kernel import database, ids
from siyu.domain.kernel.dialect import Kind, Statement
from siyu.domain.scoring.ranking import COMPARED, DIFFERS, NOTED, Cuts, Ranked, bought, named

_MOVED: Final = " or ".join(f"n.{name} <> k.{name}" for name in NOTED)
_SAID: Final = ", ".join(f"n.{name}" for name in NOTED)
_SCORES: Final = ", ".join(f"n.{name}" for name in COMPARED)
_HISTORY: Final = f"insert into rfm_changes (id, created_at, customer_id, {', '.join(NOTED)})"
_STORED: Final = f"insert into rfm_scores (id, scored_at, customer_id, {', '.join(COMPARED)})"
_REPLACED: Final = "on conflict (customer_id) do update set " + ", ".join(f"{name} = excluded.{name}" for name in (*COMPARED, "scored_at"))


async def store(by: Ranked, cuts: Cuts, people: Sequence[UUID]) -> list[UUID]:
    """Store the scores of those of these people who have some, and a line of history where score or group are others; whose they are.

    The caller has reserved the people. One statement on PostgreSQL, so that scores and history say the same; two on SQLite, where a
    transaction that writes is alone.
    """
    statement = Statement(database.dialect())
    key, at = statement.key(by.now), statement.typed(by.now, Kind.DATETIME)
    if statement.dialect == "postgres":
        found = f"{_differing(statement, people)} and (k.customer_id is null or {DIFFERS})"
        rows = await database.rows(
            f"with {_worked_out(statement, by, cuts, people)},"  # noqa: S608  # bound values only
            f" n as materialized (select n.*, k.customer_id is null or {_MOVED} as moved {found}),"
            f" stored as ({_STORED} select {key}, {at}, n.customer_id, {_SCORES} from n {_REPLACED})"
            f" {_HISTORY} select {key}, {at}, n.customer_id, {_SAID} from n where n.moved returning customer_id",
            statement.args,
        )
    else:
        with_, differing = _worked_out(statement, by, cuts, people), _differing(statement, people)
        rows = await database.rows(
            f"{_HISTORY} with {with_} select {key}, {at}, n.customer_id, {_SAID} {differing}"
            f" and (k.customer_id is null or {_MOVED}) returning customer_id",
            statement.args,
        )
        await database.run(
            f"{_STORED} with {with_} select {key}, {at}, n.customer_id, {_SCORES} {differing}"
            f" and (k.customer_id is null or {DIFFERS}) {_REPLACED}",
            statement.args,
        )
    return [ids.read(row[0]) for row in rows]


def _worked_out(statement: Statement, by: Ranked, cuts: Cuts, people: Sequence[UUID]) -> str:
    return f"{bought(statement, by, people)}, {named(statement, by, cuts)}"


def _differing(statement: Statement, people: Sequence[UUID]) -> str:
    among = statement.among("k.customer_id", people, Kind.ID)
    return f"from named n left join rfm_scores k on k.customer_id = n.customer_id and {among} where 1=1"
