"""Running an import: chunk after chunk, each in one transaction with the place that it brings the import to.

Killed at any moment, it goes on after the last chunk that was committed, and no row is stored twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from pathlib import Path
from typing import Final, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from tortoise.exceptions import IntegrityError

from siyu.domain import files
from siyu.domain.imports import session as sessions
from siyu.domain.imports.cells import Facts
from siyu.domain.imports.matching import Draft
from siyu.domain.imports.preparing import Chunk
from siyu.domain.imports.problems import hint, tallied
from siyu.domain.imports.rejected import RejectedRows
from siyu.domain.imports.session import Session
from siyu.domain.imports.storing import Tally, store_customers, store_orders
from siyu.domain.imports.tables import Import, ImportKind, ImportProblem
from siyu.domain.kernel import boot, clock
from siyu.domain.kernel.operation import operation
from siyu.privacy import audit
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, Refusal

#: Problems that are kept of one import; the file of rejected rows has them all.
PROBLEMS_MAX: Final = 10_000
_TRIES: Final = 5

_STORES: Final = {ImportKind.CUSTOMERS: store_customers, ImportKind.ORDERS: store_orders}


class Progress(Protocol):
    """Told after each chunk how many rows are done, of how many; it may raise to stop the import there."""

    def __call__(self, done: int, total: int | None = None, message: str | None = None) -> Awaitable[None]: ...


class Overtaken(Refusal):
    """Another process went on with this import meanwhile: this one lets go."""

    code = Code.WRONG_STATE


def rejected_path(import_id: UUID) -> Path:
    """Where the file of an import's rejected rows is."""
    folder = boot.current().settings.data_dir / "imports"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / f"{import_id}.csv"


@operation(Scope.JOBS_RUN)
async def run(actor: Actor, import_id: UUID, *, progress: Progress) -> None:
    """Import what is left of the file. Twice is the same as once; a finished import is left alone."""
    record = await Import.get_or_none(id=import_id)
    if record is None or record.finished_at is not None:
        return
    if record.dry_run:
        await _anew(actor, record)
    path = await files.path(actor, record.upload_id)
    source = await asyncio.to_thread(sessions.opened, path, record.kind, record.mapping, record.encoding)
    settings = boot.current().settings
    facts = Facts(settings.region, clock.today(settings.timezone), ZoneInfo(settings.timezone), settings.currency)
    with RejectedRows(rejected_path(import_id), source.table.headers, record.rejected_bytes) as rejected:
        session = await asyncio.to_thread(lambda: Session.at(source, read=record.read, rejected=rejected, facts=facts))
        coming = _next(session)
        while (chunk := await coming) is not None:
            coming = _next(session)  # the next chunk is read while this one is stored
            try:
                await _store_patiently(actor, record, session, chunk)
                await progress(record.read, session.total, summary(record))
            except BaseException:
                coming.cancel()
                raise
    await _finish(actor, record)


@operation(Scope.JOBS_RUN, writes=True)
async def _anew(actor: Actor, record: Import) -> None:
    """A dry run remembers whom it would have made in memory only: broken off, it starts from the first row."""
    nothing: dict[str, object] = dict.fromkeys(("read", "created", "updated", "skipped", "rejected", "problems", "rejected_bytes"), 0)
    nothing["bad_cells"] = None
    await ImportProblem.filter(import_id=record.id).delete()
    await Import.filter(id=record.id).update(**nothing)
    record.update_from_dict(nothing)


def _next(session: Session) -> asyncio.Task[Chunk[Draft] | None]:
    return asyncio.create_task(asyncio.to_thread(session.next), name="import reader")


async def _store_patiently(actor: Actor, record: Import, session: Session, chunk: Chunk[Draft]) -> None:
    """Store a chunk; again, when somebody else took one of its identities between the look and the write."""
    for left in reversed(range(_TRIES)):
        attempt = chunk.copy()
        try:
            await _store(actor, record, session, attempt)
            return
        except IntegrityError:
            session.rejected.back_to(record.rejected_bytes)
            if not left:
                raise


@operation(Scope.JOBS_RUN, writes=True)
async def _store(actor: Actor, record: Import, session: Session, chunk: Chunk[Draft]) -> None:
    tally = await _STORES[record.kind](actor, record, session, chunk)
    troubled = [chunk.troubled[number] for number in sorted(chunk.troubled)]
    if troubled:
        session.rejected.add(troubled)
        session.rejected.flush()
    problems = [problem for _, each in troubled for problem in each]
    after = {**_moved(record, chunk, tally, len(problems), session.rejected.length), "bad_cells": tallied(record.bad_cells, problems)}
    # Whoever moved the import on meanwhile wins; this transaction goes back with all that it stored.
    if not await Import.filter(id=record.id, read=record.read, finished_at__isnull=True).update(**after):
        raise Overtaken("Another worker went on with this import.")
    rows = [
        ImportProblem(
            import_id=record.id, row=each.row, column=each.column, hint=hint(each.value) if each.value else None, message=each.message
        )
        for each in problems[: max(0, PROBLEMS_MAX - record.problems)]
    ]
    if rows:
        await ImportProblem.bulk_create(rows)
    record.update_from_dict(after)


def _moved(record: Import, chunk: Chunk[Draft], tally: Tally, problems: int, rejected_bytes: int) -> dict[str, int]:
    return {
        "read": record.read + chunk.read,
        "created": record.created + tally.created,
        "updated": record.updated + tally.updated,
        "skipped": record.skipped + chunk.skipped + tally.skipped,
        "rejected": record.rejected + chunk.rejected,
        "problems": record.problems + problems,
        "rejected_bytes": rejected_bytes,
    }


@operation(Scope.JOBS_RUN, writes=True)
async def _finish(actor: Actor, record: Import) -> None:
    """The file is done: the upload goes, since nobody needs it any more."""
    await Import.filter(id=record.id).update(finished_at=clock.now())
    await files.drop(actor, record.upload_id)
    counts = {name: getattr(record, name) for name in ("read", "created", "updated", "skipped", "rejected", "problems")}
    await audit.record(actor, "import.finished", detail={"import": str(record.id), "kind": record.kind.value, **counts})


def summary(record: Import) -> str:
    """The counters as one sentence."""
    return (
        f"{record.created} created, {record.updated} updated, {record.skipped} skipped,"
        f" {record.rejected} rejected, {record.problems} problems"
    )
