"""The audit trail: who did what, about whom (a pseudonym), which fields, for what purpose. Never a value.

Lines are chained by their hashes. Those of requests that wait at the same moment are committed together; a line that is written inside a
transaction is committed with it and chained a moment later. Either way it is stored when `record` and the transaction are over.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import cast

import orjson

from siyu.privacy import clock
from siyu.privacy.actor import Actor
from siyu.privacy.dialect import Database, Id
from siyu.privacy.trail import BATCH, FIRST, MAIN, Line, Trail

__all__ = ["Detail", "Line", "Problem", "Trail", "current", "record", "running", "verify"]

#: JSON of what a line may hold besides its fields: codes, counts and ids of our own things, never a personal value.
Detail = dict[str, str | int | float | bool | None]


@dataclass(frozen=True, slots=True)
class Problem:
    """A place where the chain doesn't hold."""

    sequence: int
    what: str


async def record(
    actor: Actor, action: str, *, subjects: Collection[Id] = (), fields: Collection[str] = (), detail: Detail | None = None
) -> None:
    """One line: committed when this returns, or together with the transaction that it is called in."""
    trail = current()
    line = Line(
        at=clock.now(),
        actor=f"{actor.kind}:{actor.id}" if actor.id else actor.name,
        action=action,
        subjects=trail.pseudonyms(subjects),
        fields=_listed(frozenset(fields)),
        purpose=actor.purpose,
        request=actor.request,
        detail=None if detail is None else orjson.dumps(detail, option=orjson.OPT_SORT_KEYS).decode(),
    )
    await trail.add(line)


@lru_cache(maxsize=2_048)
def _listed(fields: frozenset[str]) -> str:
    return orjson.dumps(sorted(fields)).decode()


async def verify() -> list[Problem]:
    """Every place where a line was changed, dropped, added or put elsewhere; none when the trail is whole."""
    await current().settle()
    main = Database(MAIN)
    problems: list[Problem] = []
    sequence, previous = 0, FIRST
    select = f"SELECT * FROM audit_events WHERE sequence > {main.mark(1)} ORDER BY sequence LIMIT {BATCH}"
    while rows := await main.rows(select, sequence):
        for row in rows:
            here = cast(int, row["sequence"])
            if here != sequence + 1:
                problems.append(Problem(sequence + 1, f"Lines {sequence + 1} to {here - 1} are missing."))
            if row["previous"] != previous:
                problems.append(Problem(here, "It does not follow the line before it."))
            if row["hash"] != _read(row).hash(here, cast(bytes, row["previous"])):
                problems.append(Problem(here, "It was changed."))
            sequence, previous = here, cast(bytes, row["hash"])
    head = (await main.rows("SELECT sequence, hash FROM audit_heads WHERE id = 1"))[0]
    if (head["sequence"], head["hash"]) != (sequence, previous):
        problems.append(Problem(sequence + 1, f"The trail ends at {sequence}, and ended at {head['sequence']}."))
    return problems


def _read(row: object) -> Line:
    values = cast(dict[str, object], row)
    at = values["at"]
    moment = at if isinstance(at, datetime) else datetime.fromisoformat(cast(str, at))
    names = ("actor", "action", "subjects", "fields", "purpose", "request", "detail")
    return Line(moment, *(cast(str, values[name]) for name in names))


_running: list[Trail] = []


def current() -> Trail:
    """This process's trail."""
    assert _running, "The audit trail is closed: run inside `opening.opened(...)`, which boot does."
    return _running[-1]


@asynccontextmanager
async def running() -> AsyncIterator[Trail]:
    """The trail for as long as the block runs; what waits at its end is written before it is over."""
    main = Database(MAIN)
    await main.run(
        f"INSERT INTO audit_heads (id, sequence, hash) VALUES ({main.marks(3)}) ON CONFLICT (id) DO NOTHING",
        1,
        0,
        FIRST,
    )
    trail = Trail()
    _running.append(trail)
    try:
        await trail.settle()
        yield trail
    finally:
        await trail.close()
        _running.remove(trail)
