"""Keeping what was uploaded for as long as it is needed, and handing out files once."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterable, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final, cast
from uuid import UUID

from siyu.domain.files import rules
from siyu.domain.files.tables import Download, Upload
from siyu.domain.kernel import bearer, boot, clock, ids
from siyu.domain.kernel.bearer import Kind
from siyu.domain.kernel.operation import operation
from siyu.privacy import audit
from siyu.privacy.actor import Actor, ActorKind, Scope
from siyu.privacy.refusal import Code, NotFound, Refusal

#: An upload that nobody imports is removed after so long.
UNUSED: Final = timedelta(hours=24)
_BLOCK_BYTES = 1024**2


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An uploaded file."""

    id: UUID
    filename: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Opened:
    """What a sealed file holds: how many bytes, and the bytes themselves, which are read, blocking, as they are asked for."""

    size_bytes: int
    blocks: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A file that may be sent now, and the name to send it under. One that lies sealed comes `opened`; send that, not what is at `path`."""

    path: Path
    filename: str
    opened: Opened | None = None


#: Opens a sealed file at the moment that its link is used; None when it may not be sent any more.
Opener = Callable[[Actor, Path], Awaitable[Opened | None]]
_openers: dict[str, Opener] = {}


def opens(folder: str) -> Callable[[Opener], Opener]:
    """Have links to files in this folder, which is below the data folder, pass through an opener."""

    def register(opener: Opener) -> Opener:
        _openers[folder] = opener
        return opener

    return register


@operation(Scope.CUSTOMERS_IMPORT)
async def keep(actor: Actor, chunks: AsyncIterable[bytes], *, filename: str) -> Kept:
    """Store a file until it has been imported, readable by this process's user alone.

    It holds people's data in the clear, so `drop` it as soon as it was read. A file above the setting's size is refused and nothing stays.
    """
    row_id = ids.uuid7()
    path = _folder("uploads") / str(row_id)
    try:
        size, sha256 = await _store(chunks, path)
        kept = Kept(id=row_id, filename=rules.filename(filename), size_bytes=size, sha256=sha256)
        await _note(actor, kept)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return kept


async def _store(chunks: AsyncIterable[bytes], path: Path) -> tuple[int, str]:
    most = boot.current().settings.upload_bytes_max
    size, digest, waiting = 0, hashlib.sha256(), bytearray()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        async for chunk in chunks:
            size += len(chunk)
            if size > most:
                raise Refusal(f"A file has at most {most} bytes.", path=("file",), code=Code.LIMIT_EXCEEDED)
            waiting += chunk
            if len(waiting) >= _BLOCK_BYTES:
                await asyncio.to_thread(_write, handle, bytes(waiting), digest)
                waiting.clear()
        await asyncio.to_thread(_write, handle, bytes(waiting), digest)
    finally:
        os.close(handle)
    if not size:
        raise Refusal("The file is empty.", path=("file",), code=Code.BLANK)
    return size, digest.hexdigest()


def _write(handle: int, block: bytes, digest: hashlib._Hash) -> None:
    digest.update(block)
    view = memoryview(block)
    while view:
        view = view[os.write(handle, view) :]


@operation(Scope.CUSTOMERS_IMPORT, writes=True)
async def _note(actor: Actor, kept: Kept) -> None:
    await Upload.create(id=kept.id, filename=kept.filename, size_bytes=kept.size_bytes, sha256=kept.sha256, created_by_id=actor.id)
    await audit.record(actor, "file.upload", detail={"upload": str(kept.id), "bytes": kept.size_bytes})


@operation(Scope.CUSTOMERS_IMPORT)
async def path(actor: Actor, upload_id: UUID) -> Path:
    """Where an upload is. Whoever sent it may ask, and our own jobs; for others it isn't there."""
    found = await Upload.get_or_none(id=upload_id, deleted_at__isnull=True)
    if found is None or (actor.kind is not ActorKind.WORKER and found.created_by_id != actor.id):
        raise NotFound("There is no such upload, or it was removed: uploads go when they were imported, or after a day.")
    return _folder("uploads") / str(found.id)


@operation(Scope.CUSTOMERS_IMPORT)
async def upload(actor: Actor, upload_id: UUID) -> Kept:
    """What is known of an upload, removed or not."""
    found = await Upload.get_or_none(id=upload_id)
    if found is None or (actor.kind is not ActorKind.WORKER and found.created_by_id != actor.id):
        raise NotFound("There is no such upload.")
    return Kept(id=found.id, filename=found.filename, size_bytes=found.size_bytes, sha256=found.sha256)


@operation(Scope.CUSTOMERS_IMPORT)
async def drop(actor: Actor, upload_id: UUID) -> None:
    """Remove an upload's file. Twice is the same as once."""
    (_folder("uploads") / str(upload_id)).unlink(missing_ok=True)
    await Upload.filter(id=upload_id, deleted_at__isnull=True).update(deleted_at=clock.now())


@operation()
async def offer(actor: Actor, file: Path, *, filename: str, lives: timedelta, owned: bool = False) -> str:
    """A link to a file below the data folder, for whoever holds it: it works once, until `lives` has passed.

    The caller answers for who gets the link. `owned` lets the file go with the link.
    """
    settings = boot.current().settings
    row_id = ids.uuid7()
    secret = bearer.mint(Kind.DOWNLOAD, row_id)
    await Download.create(
        id=row_id,
        path=_below(settings.data_dir, file),
        filename=rules.filename(filename),
        digest=secret.digest,
        expires_at=clock.now() + lives,
        owned=owned,
        created_by_id=actor.id,
    )
    base = settings.public_url.rstrip("/") or f"http://{settings.host}:{settings.port}"
    return f"{base}/downloads/{secret.text}"


@operation()
async def claim(actor: Actor, secret: str) -> Claimed:
    """Use up a link; any actor may, the secret decides. A second time, or too late, it is not there."""
    shown = bearer.present(secret)
    found = await Download.get_or_none(id=shown.id) if shown and shown.kind is Kind.DOWNLOAD else None
    gone = NotFound("This link was used already, has expired, or never was.")
    if found is None or shown is None or not bearer.same(found.digest, shown.digest) or found.expires_at <= clock.now():
        raise gone
    if not await Download.filter(id=found.id, used_at__isnull=True).update(used_at=clock.now()):
        raise gone
    file = boot.current().settings.data_dir / found.path
    if not file.is_file():
        raise gone
    opener = _openers.get(Path(found.path).parts[0])
    opened = await opener(actor, file) if opener else None
    if opener is not None and opened is None:
        raise gone
    await audit.record(actor, "file.download", detail={"download": str(found.id)})
    return Claimed(file, found.filename, opened)


@operation(Scope.JOBS_RUN)
async def purge(actor: Actor) -> int:
    """Remove uploads that nobody imported, and links that have expired with the files that go with them; how many files went."""
    now = clock.now()
    gone = 0
    for stale in await Upload.filter(deleted_at__isnull=True, created_at__lt=now - UNUSED):
        gone += _removed(_folder("uploads") / str(stale.id))
        await Upload.filter(id=stale.id).update(deleted_at=now)
    data_dir = boot.current().settings.data_dir
    for ended in await Download.filter(expires_at__lt=now):
        if ended.owned:
            gone += _removed(data_dir / ended.path)
        await ended.delete()
    return gone


@operation(Scope.JOBS_RUN)
async def clear(actor: Actor) -> int:
    """Remove every upload, and the names of all files: an erasure asks so, since nobody can tell whose they are; how many files went."""
    gone = sum(_removed(file) for file in await asyncio.to_thread(lambda: list(_folder("uploads").iterdir())))
    await Upload.filter(deleted_at__isnull=True).update(deleted_at=clock.now())
    for table in (Upload, Download):
        for name in cast("list[str]", await table.all().distinct().values_list("filename", flat=True)):
            if name != rules.nameless(name):
                await table.filter(filename=name).update(filename=rules.nameless(name))
    return gone


def _below(folder: Path, file: Path) -> str:
    inside, whole = file.resolve(), folder.resolve()
    assert inside.is_relative_to(whole), "Only files below the data folder are handed out."
    return str(inside.relative_to(whole))


def _removed(file: Path) -> bool:
    there = file.exists()
    file.unlink(missing_ok=True)
    return there


def _folder(name: str) -> Path:
    folder = boot.current().settings.data_dir / name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
