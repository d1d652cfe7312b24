"""Writing an export: page after page, each under the caller's grants as they are at that moment.

Killed at any moment, it is begun anew, and a file is offered only when it is whole. A person who was erased meanwhile is in no file.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final, Protocol
from uuid import UUID

from siyu.domain.exports import kinds, standing, storing, wishes
from siyu.domain.exports.commands import forget
from siyu.domain.exports.fields import Field, ask_for
from siyu.domain.exports.kinds import KINDS
from siyu.domain.exports.storing import Draft
from siyu.domain.exports.tables import Export
from siyu.domain.kernel import boot, clock
from siyu.domain.kernel.operation import operation
from siyu.domain.kernel.paging import PAGE_MAX, Slice
from siyu.domain.kernel.reading import REFUSED, Ask, Page, Reader, Row
from siyu.privacy import audit, sealedfile
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, Refusal

#: How often one export is begun anew because of erasures, before it is given up.
_ANEW_MAX: Final = 100


class Progress(Protocol):
    """Told after each page how many rows are done, of how many; it may raise to stop the export there."""

    def __call__(self, done: int, total: int | None = None, message: str | None = None) -> Awaitable[None]: ...


class _Cleared(Exception):
    """What was written so far was thrown away, since it may hold somebody who was erased."""


@operation(Scope.JOBS_RUN)
async def run(actor: Actor, export_id: UUID, *, progress: Progress) -> None:
    """Write the file of an export, and offer it. Twice is the same as once; one that is complete, or was given up, is left alone.

    A refusal ends it: somebody cancelled it, or whoever asked for it may not have it any more.
    """
    for tries in range(_ANEW_MAX):
        record = await Export.get_or_none(id=export_id)
        if record is None or record.finished_at is not None or record.ended_at is not None:
            return
        try:
            if tries == _ANEW_MAX - 1:
                raise Refusal("People are being erased one after the other; export again later.", code=Code.CONFLICT)
            if await _attempt(actor, record, progress):
                return
        except Refusal:
            await forget(record)
            raise


async def _attempt(actor: Actor, record: Export, progress: Progress) -> bool:
    """Write the file from its first row to its last; False where it has to be begun anew."""
    assert record.key is not None, "an export that has not ended has a key"
    path = storing.folder() / storing.named(record.id)
    kept = False
    try:
        rows, size = await _written(actor, record, path, progress)
        kept = await _complete(actor, record, path.name, rows, size)
    except _Cleared:
        return False
    finally:
        if not kept:
            path.unlink(missing_ok=True)
    return kept


async def _written(actor: Actor, record: Export, path: Path, progress: Progress) -> tuple[int, int]:
    """How many rows the file holds, and its size."""
    key = sealedfile.key_of(record.id, bytes(record.key or b""))
    where = wishes.filter_of(record, key)
    columns = await kinds.chosen(await standing.caller(actor, record), record.kind, record.fields_asked)
    ask, kind = ask_for(KINDS[record.kind].source, columns), KINDS[record.kind]
    draft = await asyncio.to_thread(Draft, path, key, record, columns)
    try:
        rows = read = 0
        piece = Slice(first=PAGE_MAX)
        while True:
            who = await standing.caller(actor, record, columns)
            page = await Reader(who).page(ask, where=where, order=record.sort, piece=piece)
            if not await Export.exists(id=record.id, epoch=record.epoch, ended_at__isnull=True):
                raise _Cleared
            seen = [row for row in page.rows if REFUSED not in row]
            await _tell(who, kind.source.name, ask, seen, columns)
            await asyncio.to_thread(draft.add, seen)
            rows, read = rows + len(seen), read + len(page.rows)
            await progress(read)
            if not page.has_next:
                return rows, await asyncio.to_thread(draft.end)
            piece = Slice(first=PAGE_MAX, after=_mark(page, seen))
    finally:
        await asyncio.to_thread(draft.close)


def _mark(page: Page, seen: Sequence[Row]) -> str:
    """Where the next page begins. A person who may not be seen shows no value to sort by, so the last one who may is it."""
    last = page.rows[-1]
    if REFUSED in last and seen:
        last = seen[-1]
    return page.cursor(last)


async def _tell(who: Actor, noun: str, ask: Ask, rows: Sequence[Row], columns: Sequence[Field]) -> None:
    """A page that shows nothing personal is read without a grant, and so without a line in the audit trail: here is one."""
    subject = ask.source.subject
    if subject is None or not rows or any(ask.source.columns[name].about is not None for name in ask.columns):
        return
    await audit.record(who, "personal.read", subjects=[row[subject] for row in rows], fields=[f"{noun}.{each.name}" for each in columns])  # type: ignore[misc]  # keys


@operation(Scope.JOBS_RUN, writes=True)
async def _complete(actor: Actor, record: Export, name: str, rows: int, size: int) -> bool:
    """Offer the file; False where another worker was faster, or the export was given up or has to be begun anew."""
    now = clock.now()
    lives = timedelta(hours=boot.current().settings.export_hours)
    still = Export.filter(id=record.id, epoch=record.epoch, finished_at__isnull=True, ended_at__isnull=True)
    done = await still.update(
        stored=name, rows=rows, size_bytes=size, finished_at=now, expires_at=now + lives, filter_sealed=None, digest=None
    )
    if done:
        by = await standing.caller(actor, record)
        await audit.record(by, "export.finished", detail={"export": str(record.id), "rows": rows, "bytes": size})
    return bool(done)
