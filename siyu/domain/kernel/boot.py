"""Opening the house, and closing it."""

from __future__ import annotations

import asyncio
import contextvars
import os
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.context import TortoiseContext, set_global_context

from siyu.domain.kernel import announcements, database
from siyu.domain.kernel.connections import tortoise_config
from siyu.domain.kernel.settings import Settings
from siyu.privacy import opening
from siyu.privacy.custodian.choice import custodian_from
from siyu.privacy.custodian.custodian import KeyCustodian
from siyu.privacy.keyring import Keyring

T = TypeVar("T")

_REACH_SECONDS = 10.0

#: Announced with a customer's id when that customer was erased: every process drops what it keeps of them.
FORGET = "forget"


class Unreachable(RuntimeError):
    """A database does not answer. The text names the setting, never the address, which may hold a password."""


@dataclass(slots=True)
class House:
    """What is open while the house runs."""

    settings: Settings
    keyring: Keyring
    _context: contextvars.Context = field(default_factory=contextvars.copy_context)
    _tasks: set[asyncio.Task[Any]] = field(default_factory=set)

    def background(self, work: Coroutine[Any, Any, T], *, name: str) -> asyncio.Task[T]:
        """Start a task that belongs to no request and no transaction; the house stops it when it closes."""
        task = asyncio.get_running_loop().create_task(work, name=name, context=self._context.copy())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _stop(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


_open: House | None = None


def current() -> House:
    """The open house of this process."""
    assert _open is not None, "The house is closed: run inside `async with boot.running(settings)`."
    return _open


def is_open() -> bool:
    """Whether a house is open in this process."""
    return _open is not None


@asynccontextmanager
async def connected(settings: Settings) -> AsyncIterator[TortoiseContext]:
    """The ORM on both databases, for every task of the process; whatever the databases hold. For migrations, and for `running`."""
    context = TortoiseContext()
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    EXECUTOR_CACHE.clear()  # the ORM keeps SQL by the connection's name, whichever dialect it spoke before
    set_global_context(context)  # raises when one is open already; every task of the process sees it
    try:
        await context.init(tortoise_config(settings))
        database.learn_dialects(known=True)
        await _reached("default", "DATABASE_URL")
        await _reached("keystore", "KEYSTORE_URL")
        yield context
    finally:
        database.learn_dialects(known=False)
        await context.close_connections()


async def _reached(on: database.Connection, setting: str) -> None:
    if not await database.answers(on, within_seconds=_REACH_SECONDS):
        raise Unreachable(f"The database of {setting} does not answer.")


def custodian(settings: Settings) -> KeyCustodian:
    """Who keeps the root key. The file in the data folder is made at the first start; one that was named must be there."""
    return custodian_from(
        settings.custodian_url,
        variables=os.environ,
        vault_token=settings.vault_token.get_secret_value(),
        create=not settings.root_keys,
    )


def _forget(customer_ids: tuple[str, ...]) -> None:
    if _open is not None:
        for customer_id in customer_ids:
            _open.keyring.forget(customer_id)


def _forget_all(_: tuple[str, ...]) -> None:
    if _open is not None:
        _open.keyring.forget_all()


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[House]:
    """The open house: databases and keys. Everything is closed at the end.

    A second call with the same settings, while the first is open, gives the same house: the embedded mode's API and worker share it.
    """
    global _open  # noqa: PLW0603  # one house a process
    if _open is not None:
        assert _open.settings == settings, "Another house is open in this process: close it first."
        yield _open
        return
    async with (
        connected(settings),
        opening.opened(custodian(settings), cached_keys=settings.key_cache, cached_seconds=settings.key_cache_seconds) as keyring,
    ):
        announcements.listen(FORGET, _forget)
        announcements.listen(announcements.LOST, _forget_all)
        house = _open = House(settings, keyring)
        try:
            yield house
        finally:
            _open = None
            await house._stop()
