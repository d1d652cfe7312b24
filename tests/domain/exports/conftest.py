"""Exporting as the job does it, for callers who are there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from siyu.domain import exports, staff, tokens
from siyu.domain.exports import ExportFormat, ExportKind, Wish
from siyu.domain.kernel import clock
from siyu.domain.kernel.boot import House
from siyu.domain.tokens import AccessTokenCreateInput
from siyu.privacy.actor import Actor, Role, Scope
from tests import actors

JOB = Actor.worker("exports", Scope.JOBS_RUN)
_FIRST = Actor.worker("test", Scope.STAFF_READ, Scope.STAFF_WRITE)


async def quietly(done: int, total: int | None = None, message: str | None = None) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True, slots=True)
class Exported:
    """An export that has run, and its file, opened."""

    id: UUID
    rows: int
    path: Path

    @property
    def content(self) -> bytes:
        return self.path.read_bytes()


Export = Callable[..., Awaitable[Exported]]
Holder = Callable[..., Awaitable[Actor]]


@pytest.fixture
async def boss(house: House) -> Actor:
    """An administrator who is a row of the house."""
    made = await staff.add(_FIRST, email="boss@example.com", name="Boss", role=Role.ADMIN, password="correct horse battery")
    return await staff.acting(_FIRST, email=made.email)


@pytest.fixture
def token(boss: Actor) -> Holder:
    """Makes access tokens, and gives whom they stand for."""

    async def token(*scopes: Scope, purpose: str = "service") -> Actor:
        names = tuple(sorted({Scope.CUSTOMERS_EXPORT.value, *(scope.value for scope in scopes)}))
        given = AccessTokenCreateInput(
            name=str(len(names)) + purpose, partner="P", scopes=names, purpose=purpose, expires_at=clock.now() + timedelta(days=9)
        )
        issued = await tokens.create(boss, given)
        found = await tokens.standing(actors.worker(), issued.id)
        assert found is not None
        return found

    return token


@pytest.fixture
def export(house: House, boss: Actor, tmp_path: Path) -> Export:
    """Export from the first row to the last, and fetch the file."""

    async def export(
        *fields: str,
        actor: Actor | None = None,
        format: ExportFormat = ExportFormat.JSONL,
        kind: ExportKind = ExportKind.CUSTOMERS,
        **wish: object,
    ) -> Exported:
        who = actor or boss
        export_id = await exports.start(who, Wish(kind=kind, format=format, fields=fields, **wish))  # type: ignore[arg-type]  # as the test says
        await exports.run(JOB, export_id, progress=quietly)
        found = await exports.find(who, export_id)
        assert found is not None
        assert found.rows is not None
        path = tmp_path / f"{export_id}.out"
        assert await exports.take(who, export_id, path) == found.size_bytes
        return Exported(export_id, found.rows, path)

    return export
