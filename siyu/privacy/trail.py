"""How the audit trail is written: lines in groups, each chained to the one before by its hash."""

from __future__ import annotations

import asyncio
import contextvars
import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

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
_PSEUDONYMS_MAX = 50_000

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Line:
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
        parts = [sequence, self.at, self.actor, self.action, self.subjects, self.fields, self.purpose, self.request, self.detail]
        return hashlib.sha256(previous + orjson.dumps(parts, option=orjson.OPT_UTC_Z)).digest()

    def spelled(self) -> str:
        """The line as one text."""
        return orjson.dumps(self).decode()

    @classmethod
    def read(cls, text: str) -> Line:
        """The line that was spelled so."""
        parts = orjson.loads(text)
        return cls(**{**parts, "at": datetime.fromisoformat(parts["at"])})


class _Group:
    """Lines that are committed together."""

    __slots__ = ("lines", "task")

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.task: asyncio.Task[None]


class Trail:
    """The trail as this process writes it."""

    def __init__(self) -> None:
        self._open: _Group | None = None
        self._one_at_a_time = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._sweep: asyncio.TimerHandle | None = None
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

    async def add(self, line: Line) -> None:
        """Store the line: committed when this returns, or with the transaction that this runs in."""
        main = Database(MAIN)
        if main.within:
            await main.run(f"INSERT INTO audit_pending (id, line) VALUES ({main.marks(2)})", str(uuid7()), line.spelled())
            if self._sweep is None:
                loop = asyncio.get_running_loop()
                self._sweep = loop.call_later(_SWEEP_SECONDS, self._swept, context=self._context)
            return
        group = self._group()
        group.lines.append(line)
        # Whoever is cancelled while waiting leaves the others' lines alone.
        await asyncio.shield(group.task)

    async def settle(self) -> None:
        """Chain what was committed inside transactions, and wait for all that is on its way."""
        await asyncio.shield(self._group().task)

    async def close(self) -> None:
        """Write what waits, and stop."""
        await self.settle()
        if self._sweep is not None:
            self._sweep.cancel()

    def _swept(self) -> None:
        self._sweep = None
        self._group()

    def _group(self) -> _Group:
        """The group that is still open: it closes when the one before it is committed."""
        if self._open is None:
            group = self._open = _Group()
            group.task = asyncio.get_running_loop().create_task(self._commit(group), context=self._context.copy())
            self._tasks.add(group.task)
            group.task.add_done_callback(self._done)
        return self._open

    async def _commit(self, group: _Group) -> None:
        async with self._one_at_a_time:
            self._open = None
            while await _chained(group.lines):
                group.lines = []

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("Audit lines could not be stored: %s", type(error).__name__)


async def _chained(lines: Sequence[Line]) -> bool:
    """Append to the chain, in one transaction, what was pending and these lines; whether more is pending."""
    async with in_transaction(MAIN):
        main = Database(MAIN)
        lock = " FOR UPDATE" if main.postgres else ""
        head = (await main.rows(f"SELECT sequence, hash FROM audit_heads WHERE id = 1{lock}"))[0]
        pending = await main.rows(f"SELECT id, line FROM audit_pending ORDER BY id LIMIT {BATCH}")
        due = [*(Line.read(cast(str, row["line"])) for row in pending), *lines]
        if not due:
            return False
        sequence, previous = cast(int, head["sequence"]), cast(bytes, head["hash"])
        values: list[Sequence[object]] = []
        for line in due:
            sequence += 1
            link = line.hash(sequence, previous)
            values_of = (line.actor, line.action, line.subjects, line.fields, line.purpose, line.request, line.detail)
            values.append((sequence, main.moment(line.at), *values_of, previous, link))
            previous = link
        await main.run_many(_INSERT.format(main.marks(11)), values)
        await main.run(f"UPDATE audit_heads SET sequence = {main.mark(1)}, hash = {main.mark(2)} WHERE id = 1", sequence, previous)
        if pending:
            gone = main.ids(raw(cast(Id, row["id"])) for row in pending)
            await main.run(f"DELETE FROM audit_pending WHERE {main.among('id', 1)}", gone)
    return len(pending) == BATCH


_INSERT = "INSERT INTO audit_events (sequence, at, actor, action, subjects, fields, purpose, request, detail, previous, hash) VALUES ({})"
