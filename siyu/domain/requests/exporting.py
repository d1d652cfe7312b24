"""Running an export: all that the house holds of one person, into an archive that is deleted after three days.

The archive is encrypted from the first byte on, under a passphrase that follows from the person's own key: it is stored nowhere, and
when the person is erased nobody can open the archive any more, wherever a copy of it lies.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

import orjson
from tortoise.fields import Field

from siyu.domain import customers
from siyu.domain.kernel import boot, clock
from siyu.domain.kernel.operation import operation
from siyu.domain.requests import moving
from siyu.domain.requests.archive import WRITERS, Archive, Row, measured, shown_name
from siyu.domain.requests.tables import DataRequest, DataRequestState, StepAction
from siyu.privacy import dossier
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.requests.passphrase import passphrase
from siyu.privacy.sealed import PersonalModel

#: How long the archive of a finished export is kept.
KEPT: Final = timedelta(hours=72)
#: The requests themselves, which the person may see as well.
_REQUESTS: Final = "data_requests"
_REQUEST_COLUMNS: Final = ("number", "kind", "state", "jurisdiction", "requested_at", "due_at", "channel", "ended_at")

Batches = Callable[[], AsyncIterator[Sequence[Row]]]


def folder() -> Path:
    """Where archives lie."""
    found = boot.current().settings.data_dir / "exports"
    found.mkdir(mode=0o700, parents=True, exist_ok=True)
    return found


def archive_path(request_id: UUID) -> Path:
    """Where the archive of a request is, once it is complete."""
    return folder() / f"{request_id}.zip"


async def export(actor: Actor, request: DataRequest) -> None:
    """Write the archive, and complete the request with it. Broken off, it is written again from the beginning."""
    assert request.customer_id is not None, "an export that runs has its customer"
    await _begin(actor, request)
    draft = folder() / f"{request.id}.{uuid4().hex}.part"
    try:
        counts = await _written(actor, request, request.customer_id, draft)
        size, sha256 = await asyncio.to_thread(measured, draft)
        draft.replace(archive_path(request.id))
    finally:
        draft.unlink(missing_ok=True)
    done = await _complete(actor, request, counts, size, sha256)
    # Another worker may have been faster: then the archive is that one's. Or the person was erased meanwhile: then nobody's.
    if not done and not await DataRequest.exists(id=request.id, state=DataRequestState.COMPLETED):
        archive_path(request.id).unlink(missing_ok=True)


@operation(Scope.DATA_REQUESTS_RUN, writes=True)
async def _begin(actor: Actor, request: DataRequest) -> None:
    await moving.move(actor, request, DataRequestState.RUNNING)


@operation(Scope.DATA_REQUESTS_RUN, writes=True)
async def _complete(actor: Actor, request: DataRequest, counts: dict[str, int], size: int, sha256: str) -> bool:
    expires_at = clock.now() + KEPT
    done = await moving.move(
        actor, request, DataRequestState.COMPLETED, export_bytes=size, export_sha256=sha256, export_expires_at=expires_at
    )
    if done:
        await moving.did(request.id, StepAction.EXPORT, counts)
    return done


async def _written(actor: Actor, request: DataRequest, customer_id: UUID, path: Path) -> dict[str, int]:
    """Write the archive to this path; how many rows of each table are in it."""
    secret = await passphrase(customer_id, request.id)
    # The person is the customer and all who were merged into them.
    people = await customers.group(actor, customer_id)
    found = [await dossier.opened(actor, each) for each in people]
    tables = found[0].tables
    counts: dict[str, int] = {}
    archive = await asyncio.to_thread(Archive, path, secret)
    with archive:
        for table in tables:
            name = table._meta.db_table
            columns = [shown_name(column) for column in dossier.columns(table)]
            counts[name] = await _add_table(archive, name, columns, partial(_rows, found, table))
        counts[_REQUESTS] = await _add_table(archive, _REQUESTS, _REQUEST_COLUMNS, partial(_own_requests, people))
        described = {"number": request.number, "made_at": clock.now(), "tables": [_described(table) for table in tables]}
        await asyncio.to_thread(_add_whole, archive, "schema.json", orjson.dumps(described, option=orjson.OPT_INDENT_2))
    return {name: count for name, count in counts.items() if count}


async def _add_table(archive: Archive, name: str, columns: Sequence[str], batches: Batches) -> int:
    """Add a table's rows in each format, where there are any; how many."""
    count = 0
    for ending, writer in WRITERS.items():
        count, rows = 0, None
        with ExitStack() as stack:
            async for batch in batches():
                if rows is None and batch:
                    rows = writer(stack.enter_context(archive.member(f"{ending}/{name}.{ending}")), columns)
                if rows is not None:
                    await asyncio.to_thread(rows.add, batch)
                    count += len(batch)
            if rows is not None:
                rows.end()
    return count


async def _rows(found: Sequence[dossier.Dossier], table: type[PersonalModel]) -> AsyncIterator[Sequence[Row]]:
    for each in found:
        async for batch in each.rows(table):
            yield batch


async def _own_requests(people: Sequence[UUID]) -> AsyncIterator[Sequence[Row]]:
    yield await DataRequest.filter(customer_id__in=people).order_by("created_at").values(*_REQUEST_COLUMNS)


def _add_whole(archive: Archive, name: str, content: bytes) -> None:
    with archive.member(name) as member:
        member.write(content)


def _described(table: type[PersonalModel]) -> dict[str, object]:
    """What a table's columns are, for whoever reads the files."""
    known = table._meta.fields_map
    return {
        "name": table._meta.db_table,
        "about": (table.__doc__ or "").strip(),
        "columns": [_column(shown_name(name), known[name]) for name in dossier.columns(table)],
    }


def _column(name: str, field: Field[object]) -> dict[str, object]:
    told: dict[str, object] = {"name": name, "about": field.description or ""}
    about = getattr(field, "about", None)
    return told if about is None else {**told, "category": about.category, "purposes": about.purposes, "kept_days": about.retention_days}
