"""Requests that wait at the same moment share one statement: those by id, and those that ask the very same.

A statement is sent after all who share it have arrived, so no answer is older than its request. While one is under way, the next
ones gather.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Any, cast

from siyu.domain.kernel import database
from siyu.domain.kernel.dialect import Dialect, Kind, encode, spelled_list

#: Ids in one statement.
_MOST = 500


class _Waiting:
    """Those who wait for one statement; `ids` are what they ask for together."""

    __slots__ = ("done", "ids")

    def __init__(self) -> None:
        self.ids: dict[object, None] = {}
        self.done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()


class Together:
    """The statements of one process that others may share."""

    def __init__(self) -> None:
        self._waiting: dict[Hashable, _Waiting] = {}
        self._running: set[Hashable] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def rows(self, text: str, ids: Sequence[object], dialect: Dialect, own: int) -> list[Any]:
        """The rows with these ids, in their order, without those that aren't there. `text` takes all ids as its one value."""
        wanted = [encode(dialect, Kind.ID, each) for each in ids]

        async def fetch(waiting: _Waiting) -> dict[object, Any]:
            fetched = await database.rows(text, [spelled_list(dialect, list(waiting.ids))])
            return {row[own]: row for row in fetched}

        known = self._waiting.get(text)
        if known is not None and len(known.ids) + len(wanted) > _MOST:
            found = await fetch(_holding(wanted))
        else:
            found = await self._shared(text, fetch, wanted)
        return [found[each] for each in wanted if each in found]

    async def same(self, text: str, args: Sequence[object]) -> Sequence[Any]:
        """The rows of a statement, shared with whoever sends just the same one. Nobody changes them."""
        at = (text, *(tuple(each) if isinstance(each, list) else each for each in args))
        return cast(Sequence[Any], await self._shared(at, lambda _: database.rows(text, args), ()))

    async def _shared(self, at: Hashable, fetch: Callable[[_Waiting], Awaitable[Any]], ids: Sequence[object]) -> Any:
        waiting = self._waiting.get(at)
        if waiting is None:
            waiting = self._waiting[at] = _Waiting()
        waiting.ids.update(dict.fromkeys(ids))
        if at not in self._running:
            self._running.add(at)
            task = asyncio.get_running_loop().create_task(self._send(at, fetch))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await asyncio.shield(waiting.done)

    async def _send(self, at: Hashable, fetch: Callable[[_Waiting], Awaitable[Any]]) -> None:
        try:
            while (waiting := self._waiting.pop(at, None)) is not None:
                try:
                    waiting.done.set_result(await fetch(waiting))
                except BaseException as problem:
                    waiting.done.set_exception(problem)
                    waiting.done.exception()  # whoever waits raises it; nobody may be left
                    if not isinstance(problem, Exception):
                        raise
        finally:
            self._running.discard(at)


def _holding(ids: Sequence[object]) -> _Waiting:
    waiting = _Waiting()
    waiting.ids = dict.fromkeys(ids)
    return waiting
