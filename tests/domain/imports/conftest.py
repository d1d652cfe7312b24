"""Importing a file as the job does it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from uuid import UUID

import pytest

from siyu.domain import files, imports
from siyu.domain.imports import ImportKind, ImportView, Wish
from siyu.domain.kernel.boot import House
from siyu.privacy.actor import Actor, Scope
from tests import actors

JOB = Actor.worker("imports", Scope.JOBS_RUN, Scope.CUSTOMERS_IMPORT, Scope.ORDERS_IMPORT)

Bring = Callable[..., Awaitable[ImportView]]


async def quietly(done: int, total: int | None = None, message: str | None = None) -> None:
    """Progress that nobody watches."""


async def kept(actor: Actor, path: Path) -> UUID:
    """An upload of the file."""

    content = path.read_bytes()  # noqa: ASYNC240  # a test's own small file

    async def blocks() -> AsyncIterator[bytes]:
        yield content

    return (await files.keep(actor, blocks(), filename=path.name)).id


@pytest.fixture
def bring(house: House) -> Bring:
    """Import a file from its first row to its last."""

    async def bring(path: Path, kind: ImportKind = ImportKind.CUSTOMERS, *, actor: Actor | None = None, **wish: object) -> ImportView:
        who = actor or actors.staff()
        chosen = Wish(kind=kind, upload_id=await kept(who, path), **{"mapping": {}, **wish})  # type: ignore[arg-type]  # as the test says
        import_id = await imports.start(who, chosen)
        await imports.run(JOB, import_id, progress=quietly)
        found = await imports.find(who, import_id)
        assert found is not None
        return found

    return bring
