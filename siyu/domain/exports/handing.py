"""Handing a file out: to whoever asked for it, a few times, until it expires."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from tortoise.expressions import F

from siyu.domain import files
from siyu.domain.exports import standing, storing
from siyu.domain.exports.commands import forget
from siyu.domain.exports.tables import Export
from siyu.domain.files import Opened
from siyu.domain.kernel import clock
from siyu.domain.kernel.operation import operation
from siyu.privacy import audit, sealedfile
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import NotFound

#: How often one file can be fetched.
DOWNLOADS_MAX: Final = 5
#: How long a link works, once.
LINK_LIVES: Final = timedelta(minutes=15)


@operation(Scope.CUSTOMERS_EXPORT)
async def link(actor: Actor, export_id: UUID) -> str | None:
    """A link to the file, to be used once, for whoever asked for the export; None for anybody else, and where there is no file."""
    record = await _ready(export_id)
    if record is None or record.by_id != actor.id or record.downloads >= DOWNLOADS_MAX:
        return None
    return await files.offer(actor, storing.folder() / str(record.stored), filename=record.filename, lives=LINK_LIVES)


@files.opens(storing.FOLDER)
async def opened(visitor: Actor, file: Path) -> Opened | None:
    """What is sent to whoever used a link; None when the file has gone, or its owner may not have it any more."""
    export_id = storing.owner(file)
    record = await _ready(export_id) if export_id else None
    if record is None or record.stored != file.name or not await _fetched(visitor, record):
        return None
    return Opened(record.size_bytes or 0, _blocks(record))


@operation(writes=True)
async def _fetched(actor: Actor, record: Export) -> bool:
    """Count one download, of whoever asked for the export and still may have it."""
    by = await standing.caller(actor, record)
    counted = await Export.filter(id=record.id, ended_at__isnull=True, downloads__lt=DOWNLOADS_MAX).update(downloads=F("downloads") + 1)
    if counted:
        await audit.record(by, "export.downloaded", detail={"export": str(record.id), "rows": record.rows})
    return bool(counted)


@operation(Scope.CUSTOMERS_EXPORT)
async def take(actor: Actor, export_id: UUID, to: Path) -> int:
    """Write the file, opened, to where the caller says, readable by them alone, and let the house's own go; its size.

    The file appears when it is whole. Raises `NotFound` for an export that is not the caller's or has no file.
    """
    record = await _ready(export_id)
    if record is None or record.by_id != actor.id or not await _fetched(actor, record):
        raise NotFound("There is no such export of yours, or no file of it any more.", path=("id",))
    size = await asyncio.to_thread(_copy, _blocks(record), to)
    await forget(record)
    return size


def _copy(blocks: Iterator[bytes], to: Path) -> int:
    part = to.with_name(f"{to.name}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            size = sum(file.write(block) for block in blocks)
        part.replace(to)
    finally:
        part.unlink(missing_ok=True)
    return size


def _blocks(record: Export) -> Iterator[bytes]:
    key = sealedfile.key_of(record.id, bytes(record.key or b""))
    return storing.blocks(storing.folder() / str(record.stored), key)


async def _ready(export_id: UUID) -> Export | None:
    """An export whose file can be fetched."""
    return await Export.get_or_none(id=export_id, ended_at__isnull=True, finished_at__isnull=False, expires_at__gt=clock.now())
