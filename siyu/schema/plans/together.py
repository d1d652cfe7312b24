"""Requests by id that wait at the same moment share one statement.

It is sent after all of them have arrived, so no answer is older than its request. While one is under way, the next ones gather.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from siyu.domain.kernel import database
from siyu.domain.kernel.dialect import Dialect, Kind, encode, spelled_list

#: Ids in one statement.
_MOST = 500


class _Waiting:
    __slots__ = ("done", "ids")

    def __init__(self) -> None:
        self.ids: dict[object, None] = {}
        self.done: asyncio.Future[dict[object, Any]] = asyncio.get_running_loop().create_future()


class Together:
    """Statements over `= any(ids)`, shared by whoever asks for the same columns."""

    def __init__(self) -> None:
        self._waiting: dict[str, _Waiting] = {}
        self._running: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def rows(self, text: str, ids: Sequence[object], dialect: Dialect, own: int) -> list[Any]:
        """The rows with these ids, in their order, without those that aren't there. `text` takes all ids as its one value."""
        wanted = [encode(dialect, Kind.ID, each) for each in ids]
        waiting = self._waiting.get(text)
        if waiting is None or len(waiting.ids) + len(wanted) > _MOST:
            waiting = self._waiting[text] = _Waiting()
        waiting.ids.update(dict.fromkeys(wanted))
        if text not in self._running:
            self._running.add(text)
            task = asyncio.get_running_loop().create_task(self._send(text, dialect, own))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        found = await asyncio.shield(waiting.done)
        return [found[each] for each in wanted if each in found]

    async def _send(self, text: str, dialect: Dialect, own: int) -> None:
        try:
            while (waiting := self._waiting.pop(text, None)) is not None:
                await self._fetch(text, waiting, dialect, own)
        finally:
            self._running.discard(text)

    async def _fetch(self, text: str, waiting: _Waiting, dialect: Dialect, own: int) -> None:
        try:
            fetched = await database.rows(text, [spelled_list(dialect, list(waiting.ids))])
        except BaseException as problem:
            if not waiting.done.cancelled():
                waiting.done.set_exception(problem)
                waiting.done.exception()  # whoever waits raises it; nobody may be left
            raise
        waiting.done.set_result({row[own]: row for row in fetched})
