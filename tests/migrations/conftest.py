"""Empty databases, on which nothing was done yet."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest

from siyu.domain.kernel import ids
from siyu.domain.kernel.settings import Settings

#: Gives settings of two databases that nobody else has.
Empty = Callable[[], Awaitable[Settings]]


async def _run(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


@pytest.fixture
async def empty(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Empty]:
    """Makes a pair of empty databases at each call; they are gone after the test."""
    made: list[str] = []
    server: str = request.getfixturevalue("postgres_url") if dialect == "postgres" else ""

    async def make() -> Settings:
        name = f"empty_{ids.uuid7().hex}"
        folder = tmp_path / name
        if dialect == "sqlite":
            return Settings(data_dir=folder)
        for each in (name, f"{name}_keys"):
            await _run(f"{server}/postgres", f"create database {each}")
            made.append(each)
        return Settings(data_dir=folder, database_url=f"{server}/{name}", keystore_url=f"{server}/{name}_keys")

    yield make
    for each in made:
        await _run(f"{server}/postgres", f"drop database {each} with (force)")
