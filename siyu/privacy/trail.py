"""How the audit trail is written: lines in groups, each chained to the one before by its hash."""

from __future__ import annotations

import asyncio
import contextvars
import hashlib
import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple, cast

import orjson
from tortoise.transactions import in_transaction
from uuid_utils.compat import uuid7

from siyu.privacy import keyring, vault
from siyu.privacy.dialect import Database, Id, raw

MAIN = "default"
BATCH = 500
#: What the first line is chained to.
FIRST = bytes(32)
_SWEEP_SECONDS = 1.0
#: Where several wait at once, groups begin this far apart: a commit costs as much as ten lines. Who comes alone never waits for it.
_PACE_SECONDS = 0.003
#: How long lines that another process left pending when it died may wait while this one writes.
_LOOK_SECONDS = 10.0
_PSEUDONYMS_MAX = 50_000

_log = logging.getLogger(__name__)


class Line(NamedTuple):
    """What is hashed, besides its place in the chain. JSON is text, so that no database spells it anew."""

    at: datetime
    actor: str
    action: str
    subjects: str
    fields: str
    purpose: str | None
    request: str
    detail: str | None

    def hash(self, sequence: int, previous: bytes) -> bytes:
        """The line's hash at this place."""
        return hashlib.sha256(previous + orjson.dumps([sequence, *self], option=orjson.OPT_UTC_Z)).digest()

    def spelled(self) -> str:
        """The line as one text."""
        return orjson.dumps(self._asdict()).decode()

    @classmethod
    def read(cls, text: str) -> Line:
        """The line that was spelled so."""
        parts = orjson.loads(text)
        return cls(**{**parts, "at": datetime.fromisoformat(parts["at"])})


class Head(NamedTuple):
    """The end of the chain."""

    sequence: int
    hash: bytes


class Trail:
    """The trail as this process writes it."""

    def __init__(self) -> None:
        self._lines: list[Line] = []
        self._waiting: list[asyncio.Future[None]] = []
        self._writer: asyncio.Task[None] | None = None
        #: The end of the chain as this process left it; None: unknown. Another process may have moved it since.
        self._head: Head | None = None
        #: When to look for pending lines again; 0: at once.
        self._look_at = 0.0
        self._sweep: asyncio.TimerHandle | None = None
        #: When the next group may begin.
        self._next_at = 0.0
        #: Taken outside every transaction, so that no line is written into a stranger's.
        self._context = contextvars.copy_context()
        self._mac = vault.Mac(keyring.current().system_key("audit-pseudonym"))
        self._pseudonyms: dict[Id, str] = {}

    def pseudonym(self, subject_id: Id) -> str:
        """What stands for a person in the trail: 32 hexadecimal digits, the same for the same person."""
        known = self._pseudonyms.get(subject_id)
        if known is None:
            if len(self._pseudonyms) >= _PSEUDONYMS_MAX:
                self._pseudonyms.clear()
            known = self._pseudonyms[subject_id] = self._mac.of(raw(subject_id))[:16].hex()
        return known

    def pseudonyms(self, subject_ids: Iterable[Id]) -> str:
        """The pseudonyms of all of them, in their order, as JSON."""
        known = self._pseudonyms
        listed = '","'.join([known.get(each) or self.pseudonym(each) for each in subject_ids])
        return f'["{listed}"]' if listed else "[]"

    async def add(self, line: Line) -> None:
        """Store the line: committed when this returns, or with the transaction that this runs in.

        Lines that come while others are being committed are committed together. Whoever is cancelled leaves the others' lines alone.
        """
        main = Database(MAIN)
        if main.within:
            await main.run(f"INSERT INTO audit_pending (id, line) VALUES ({main.marks(2)})", str(uuid7()), line.spelled())
            if self._sweep is None:
                loop = asyncio.get_running_loop()
                self._sweep = loop.call_later(_SWEEP_SECONDS, self._swept, context=self._context)
            return
        self._lines.append(line)
        await self._stored()

    async def settle(self) -> None:
        """Chain what was committed inside transactions, and wait for all that is on its way."""
        self._look_at = 0.0
        await self._stored()

    async def close(self) -> None:
        """Write what waits, and stop."""
        await self.settle()
        if self._sweep is not None:
            self._sweep.cancel()

    def _swept(self) -> None:
        self._sweep = None
        self._look_at = 0.0
        self._write()

    def _stored(self) -> asyncio.Future[None]:
        """Done when what waits now is stored."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        self._write()
        return waiter

    def _write(self) -> None:
        if self._writer is None:
            self._writer = asyncio.get_running_loop().create_task(self._groups(), context=self._context.copy())

    async def _groups(self) -> None:
        """Group after group, for as long as anybody waits or is owed a look."""
        try:
            while True:
                waiting = self._waiting
                try:
                    await self._paced()
                    lines, self._lines = self._lines, []
                    waiting, self._waiting = self._waiting, []
                    await self._store(lines)
                except BaseException as error:
                    _log.error("Audit lines could not be stored: %s", type(error).__name__)
                    _tell(waiting, error)
                    if not isinstance(error, Exception):
                        raise
                else:
                    _tell(waiting, None)
                if not self._waiting and self._look_at:
                    return
        finally:
            self._writer = None

    async def _paced(self) -> None:
        """Let lines gather when the last group was one of several, so that few commits serve many who wait."""
        loop = asyncio.get_running_loop()
        early = self._next_at - loop.time()
        if early > 0:
            await asyncio.sleep(early)
        self._next_at = loop.time() + _PACE_SECONDS if len(self._lines) > 1 else 0.0

    async def _store(self, lines: list[Line]) -> None:
        now = asyncio.get_running_loop().time()
        main, head = Database(MAIN), self._head
        self._head = None  # until it is known how this ends
        if head is not None and lines and now < self._look_at and main.postgres:
            self._head = await _appended(main, lines, head)
            if self._head is not None:
                return
        self._look_at = now + _LOOK_SECONDS
        more = True
        while more:
            head, more = await _chained(lines)
            lines = []
        self._head = head


def _tell(waiting: Iterable[asyncio.Future[None]], error: BaseException | None) -> None:
    for waiter in waiting:
        if waiter.done():
            continue  # was cancelled meanwhile
        if error is None:
            waiter.set_result(None)
        elif isinstance(error, asyncio.CancelledError):
            waiter.cancel()
        else:
            waiter.set_exception(error)


def _links(lines: Sequence[Line], head: Head) -> tuple[list[tuple[object, ...]], Head]:
    """The lines as rows, chained from here on, and the new end of the chain."""
    sequence, previous = head
    rows: list[tuple[object, ...]] = []
    for line in lines:
        sequence += 1
        link = line.hash(sequence, previous)
        rows.append((sequence, *line, previous, link))
        previous = link
    return rows, Head(sequence, previous)


async def _appended(main: Database, lines: Sequence[Line], head: Head) -> Head | None:
    """Append in one statement, if the chain still ends there; None when it doesn't. For PostgreSQL."""
    rows, end = _links(lines, head)
    found = await main.rows(_APPEND, *end, *head, *(list(column) for column in zip(*rows, strict=True)))
    return end if found else None


async def _chained(lines: Sequence[Line]) -> tuple[Head, bool]:
    """Append what was pending and these lines, in one transaction that holds the chain's end; the new end, and whether more is pending."""
    async with in_transaction(MAIN):
        main = Database(MAIN)
        lock = " FOR UPDATE" if main.postgres else ""
        held = (await main.rows(f"SELECT sequence, hash FROM audit_heads WHERE id = 1{lock}"))[0]
        head = Head(cast(int, held["sequence"]), cast(bytes, held["hash"]))
        pending = await main.rows(f"SELECT id, line FROM audit_pending ORDER BY id LIMIT {BATCH}")
        due = [*(Line.read(cast(str, row["line"])) for row in pending), *lines]
        if not due:
            return head, False
        rows, end = _links(due, head)
        await main.run_many(
            _INSERT.format(main.marks(len(_COLUMNS))), [(row[0], main.moment(cast(datetime, row[1])), *row[2:]) for row in rows]
        )
        await main.run(f"UPDATE audit_heads SET sequence = {main.mark(1)}, hash = {main.mark(2)} WHERE id = 1", *end)
        if pending:
            gone = main.ids(raw(cast(Id, row["id"])) for row in pending)
            await main.run(f"DELETE FROM audit_pending WHERE {main.among('id', 1)}", gone)
    return end, len(pending) == BATCH


_COLUMNS = {
    "sequence": "bigint", "at": "timestamptz", "actor": "text", "action": "text", "subjects": "text", "fields": "text",
    "purpose": "text", "request": "text", "detail": "text", "previous": "bytea", "hash": "bytea",
}  # fmt: skip
_INSERT = f"INSERT INTO audit_events ({', '.join(_COLUMNS)}) VALUES ({{}})"
#: Whoever moves the chain's end first wins: the other's condition is looked at again once the row is free, and then it inserts nothing.
_APPEND = (
    "WITH head AS (UPDATE audit_heads SET sequence = $1, hash = $2 WHERE id = 1 AND sequence = $3 AND hash = $4 RETURNING id),"
    f" stored AS (INSERT INTO audit_events ({', '.join(_COLUMNS)}) SELECT u.* FROM head,"
    f" unnest({', '.join(f'${number}::{kind}[]' for number, kind in enumerate(_COLUMNS.values(), start=5))}) u)"
    " SELECT id FROM head"
)
