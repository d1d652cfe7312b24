"""Starting an import, handing out what was rejected, and clearing up after it."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from siyu.domain import files, tags, work
from siyu.domain.customers import IdentityKind
from siyu.domain.imports import session as sessions
from siyu.domain.imports.columns import Columns
from siyu.domain.imports.customer_fields import IDENTITY_FIELDS, TAGS
from siyu.domain.imports.inputs import MATCH_ON, CustomersImport, Wish
from siyu.domain.imports.problems import ANY_SOURCE
from siyu.domain.imports.running import rejected_path
from siyu.domain.imports.tables import Import, ImportKind, ImportProblem
from siyu.domain.kernel import clock
from siyu.domain.kernel.operation import operation
from siyu.domain.work import WorkState
from siyu.privacy import audit
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, NotFound, Refusal

#: How long the rejected rows of a finished import, and what is said of them, are kept.
KEPT: Final = timedelta(days=7)
#: How long a link to the file of rejected rows works.
LINK_LIVES: Final = timedelta(minutes=15)
#: An import that was broken off goes on when the same file is imported again within this time.
RESUMED_WITHIN: Final = timedelta(days=1)

_JOB: Final = "import_file"
_OVER: Final = frozenset({WorkState.SUCCEEDED, WorkState.FAILED, WorkState.CANCELLED})
_SCOPES: Final = {ImportKind.CUSTOMERS: Scope.CUSTOMERS_IMPORT, ImportKind.ORDERS: Scope.ORDERS_IMPORT}


@operation(Scope.CUSTOMERS_IMPORT)
async def start_customers(actor: Actor, wish: CustomersImport) -> UUID:
    """Start importing customers from an upload; the import's id. See `start`."""
    mapping = {each.column: each.field for each in wish.mapping}
    chosen = Wish(
        kind=ImportKind.CUSTOMERS,
        upload_id=wish.upload,
        mapping=mapping,
        match_on=tuple(dict.fromkeys(wish.match_on)) or MATCH_ON,
        mode=wish.mode,
        dry_run=bool(wish.dry_run),
        tag_ids=tuple(await tags.named(actor, wish.tags, path=("input", "tags"))) if wish.tags else (),
    )
    return await start(actor, chosen)


@operation(Scope.CUSTOMERS_IMPORT)
async def start(actor: Actor, wish: Wish) -> UUID:
    """Start an import: a job reads the file; the import's id.

    The file is opened and its columns are resolved first, so that a file that can't be read is refused here. The same file with
    the same wish goes on where an earlier import of it was broken off, and starts nothing while one runs.
    """
    actor.require((_SCOPES[wish.kind],))
    _check_match(wish.match_on)
    upload = await files.upload(actor, wish.upload_id)
    path = await files.path(actor, wish.upload_id)
    try:
        source = await asyncio.to_thread(sessions.opened, path, wish.kind, wish.mapping, wish.encoding)
    except Refusal as refusal:
        raise Refusal(refusal.message, path=refusal.path or ("input", "upload"), code=refusal.code) from refusal
    wish = _as_allowed(actor, wish, source.columns)
    return await _open(actor, wish, upload, source.table.total)


def _as_allowed(actor: Actor, wish: Wish, columns: Columns) -> Wish:
    """Whoever may not put tags on leaves a column of them out; one that they themselves mapped is refused."""
    column = next((each for each in columns.known if each.field is not None and each.field.name == TAGS), None)
    if column is None or actor.may(Scope.TAGS_ASSIGN):
        return wish
    if column.title in wish.mapping:
        actor.require((Scope.TAGS_ASSIGN,))
    return replace(wish, mapping={**wish.mapping, column.title: ""})


def _check_match(match_on: tuple[IdentityKind, ...]) -> None:
    unknown = [kind.value for kind in match_on if kind.value not in IDENTITY_FIELDS.values()]
    if unknown:
        raise Refusal(
            f"No column of a file holds {unknown[0]}: match on {', '.join(IDENTITY_FIELDS.values())}.", path=("input", "match_on")
        )


@operation(Scope.CUSTOMERS_IMPORT, writes=True)
async def _open(actor: Actor, wish: Wish, upload: files.Kept, total: int | None) -> UUID:
    broken = await _unfinished(wish, upload)
    if broken is not None:
        return await _go_on(actor, broken, upload, total)
    record = Import(
        upload_id=upload.id,
        sha256=upload.sha256,
        kind=wish.kind,
        filename=upload.filename,
        mapping=wish.mapping,
        match_on=[kind.value for kind in wish.match_on],
        mode=wish.mode,
        encoding=wish.encoding,
        dry_run=wish.dry_run,
        tag_ids=[str(tag_id) for tag_id in wish.tag_ids] or None,
        opened_by_id=actor.id,
    )
    record.work_id = await work.start(actor, _JOB, str(record.id), total=total)
    await record.save(force_create=True)
    detail: audit.Detail = {"import": str(record.id), "kind": record.kind.value, "dry_run": record.dry_run}
    await audit.record(actor, "import.started", detail=detail)
    return record.id


async def _unfinished(wish: Wish, upload: files.Kept) -> Import | None:
    """An import of the same file by the same wish that has not come to its end."""
    since = clock.now() - RESUMED_WITHIN
    for row in await Import.filter(
        sha256=upload.sha256, kind=wish.kind, finished_at__isnull=True, purged_at__isnull=True, created_at__gte=since
    ):
        same = (row.mapping, tuple(row.match_on), row.mode, row.dry_run, row.encoding, row.tag_ids or [])
        named = [str(tag_id) for tag_id in wish.tag_ids]
        if same == (wish.mapping, tuple(kind.value for kind in wish.match_on), wish.mode, wish.dry_run, wish.encoding, named):
            return row
    return None


async def _go_on(actor: Actor, record: Import, upload: files.Kept, total: int | None) -> UUID:
    """Let it run on: with new work when the old has ended."""
    running = await work.find(actor, record.work_id)
    if record.upload_id != upload.id:
        await files.drop(actor, record.upload_id)
        record.upload_id = upload.id
    if running is None or running.state in _OVER:
        record.work_id = await work.start(actor, _JOB, str(record.id), total=total)
    await record.save(update_fields=["upload_id", "work_id"])
    return record.id


@operation(Scope.CUSTOMERS_IMPORT)
async def rejected_link(actor: Actor, import_id: UUID) -> str | None:
    """A link to the file of rejected rows, to be used once; None where there are none, or none any more."""
    record = await _present(import_id)
    path = rejected_path(import_id)
    if not record.rejected_bytes or record.finished_at is None or record.purged_at is not None or not path.exists():
        return None
    return await files.offer(actor, path, filename=f"{Path(record.filename).stem}-rejected.csv", lives=LINK_LIVES)


@operation(Scope.CUSTOMERS_IMPORT)
async def copy_rejected(actor: Actor, import_id: UUID, to: Path) -> bool:
    """Copy the file of rejected rows to where the operator says, readable by them alone; False where there is none."""
    record = await _present(import_id)
    path = rejected_path(import_id)
    if not record.rejected_bytes or not path.exists():
        return False
    await asyncio.to_thread(_copy, path, to)
    return True


def _copy(path: Path, to: Path) -> None:
    with os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(path.read_bytes())


@operation(Scope.JOBS_RUN)
async def purge(actor: Actor, *, kept: timedelta = KEPT) -> int:
    """Remove the rejected rows of imports that ended longer ago than `kept`, and the hints at their values; how many imports.

    With no time at all, all of them: an erasure calls it so, since nobody can tell whose rows are in such a file.
    """
    stale = await Import.filter(finished_at__lte=clock.now() - kept, purged_at__isnull=True)
    stale += await Import.filter(finished_at__isnull=True, purged_at__isnull=True, created_at__lte=clock.now() - kept - RESUMED_WITHIN)
    for record in stale:
        rejected_path(record.id).unlink(missing_ok=True)
        await forget(actor, record)
    return len(stale)


@operation(Scope.JOBS_RUN, writes=True)
async def forget(actor: Actor, record: Import) -> None:
    await ImportProblem.filter(import_id=record.id).delete()
    # A source may be one person's own words: what stays is how many.
    counts = {name: {ANY_SOURCE: sum(by_source.values())} for name, by_source in (record.bad_cells or {}).items()}
    await Import.filter(id=record.id).update(purged_at=clock.now(), rejected_bytes=0, bad_cells=counts)
    await files.drop(actor, record.upload_id)


async def _present(import_id: UUID) -> Import:
    record = await Import.get_or_none(id=import_id)
    if record is None:
        raise NotFound("There is no such import.", path=("id",), code=Code.NOT_FOUND)
    return record
