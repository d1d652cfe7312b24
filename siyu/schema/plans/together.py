"""Requests that wait at the same moment share one statement: those by id, and those that ask the very same.

A statement is sent after all who share it have arrived, so no answer is older than its request. While a few of them are under way,
the next ones gather.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable, Sequence
from typing import Any, cast

from siyu.domain.kernel import database
from siyu.domain.kernel.dialect import Dialect, Kind, encode, spelled_list

#: Ids in one statement.
_MOST = 500
#: Statements of one kind that are under way at once. More would be shared by fewer, and wait for the same database.
_FLIGHTS = 2

Waiter = asyncio.Future[Any]


class _Sent:
    """A statement with what it binds. The hash is worked out once, since lists of keys are bound by the dozen."""

    __slots__ = ("args", "hash", "text")

    def __init__(self, text: str, args: Sequence[object]) -> None:
        self.text = text
        self.args = [tuple(each) if isinstance(each, list) else each for each in args]
        self.hash = hash((text, *self.args))

    def __hash__(self) -> int:
        return self.hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Sent) and self.text == other.text and self.args == other.args


class _Gathering:
    """Those who ask for one kind of statement: who waits for the next one, and how many are under way."""

    __slots__ = ("flights", "ids", "soon", "waiters")

    def __init__(self) -> None:
        self.ids: dict[object, None] = {}
        self.waiters: list[Waiter] = []
        self.flights = 0
        #: Whether the next statement leaves when this turn of the event loop is over.
        self.soon = False


class Together:
    """The statements of one process that others may share."""

    def __init__(self) -> None:
        self._gatherings: dict[Hashable, _Gathering] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def rows(self, text: str, ids: Sequence[object], dialect: Dialect, own: int) -> list[Any]:
        """The rows with these ids, in their order, without those that aren't there. `text` takes all ids as its one value."""
        wanted = [encode(dialect, Kind.ID, each) for each in ids]

        async def fetch(asked: dict[object, None]) -> dict[object, Any]:
            fetched = await database.rows(text, [spelled_list(dialect, list(asked))])
            return {row[own]: row for row in fetched}

        gathering = self._gatherings.get(text)
        if gathering is not None and len(gathering.ids) + len(wanted) > _MOST:
            found = await fetch(dict.fromkeys(wanted))
        else:
            found = await self._shared(text, fetch, wanted)
        return [found[each] for each in wanted if each in found]

    async def same(self, text: str, args: Sequence[object]) -> Sequence[Any]:
        """The rows of a statement, shared with whoever sends just the same one. Nobody changes them."""
        at = _Sent(text, args) if args else text
        if args and at not in self._gatherings:
            return await self._alone(at, text, args)
        return cast(Sequence[Any], await self._shared(at, lambda _: cast(Any, database.rows(text, args)), ()))

    async def _alone(self, at: Hashable, text: str, args: Sequence[object]) -> Sequence[Any]:
        """What nobody else asks just now, and few will, since it binds values: sent at once. Who comes meanwhile shares the next one."""
        gathering = self._gatherings[at] = _Gathering()
        gathering.flights = 1
        try:
            return cast(Sequence[Any], await database.rows(text, args))
        finally:
            self._landed(at, gathering)

    def _landed(self, at: Hashable, gathering: _Gathering) -> None:
        gathering.flights -= 1
        if not gathering.flights:
            self._gatherings.pop(at, None)

    def _shared(self, at: Hashable, fetch: Callable[[dict[object, None]], Coroutine[Any, Any, Any]], ids: Sequence[object]) -> Waiter:
        loop = asyncio.get_running_loop()
        gathering = self._gatherings.get(at)
        if gathering is None:
            gathering = self._gatherings[at] = _Gathering()
        waiter: Waiter = loop.create_future()
        gathering.waiters.append(waiter)
        for each in ids:
            gathering.ids[each] = None
        if not gathering.soon and gathering.flights < _FLIGHTS:
            # Whoever arrives in the same turn of the loop comes along.
            gathering.soon = True
            gathering.flights += 1
            task = loop.create_task(self._fly(at, gathering, fetch))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return waiter

    async def _fly(self, at: Hashable, gathering: _Gathering, fetch: Callable[[dict[object, None]], Coroutine[Any, Any, Any]]) -> None:
        """Send one statement after the other for as long as anybody waits. Whoever leaves does not take it along."""
        try:
            while gathering.waiters:
                gathering.soon = False
                ids, gathering.ids = gathering.ids, {}
                waiters, gathering.waiters = gathering.waiters, []
                try:
                    found = await fetch(ids)
                except BaseException as problem:
                    for waiter in waiters:
                        if not waiter.done():
                            waiter.set_exception(problem)
                    if not isinstance(problem, Exception):
                        raise
                else:
                    for waiter in waiters:
                        if not waiter.done():
                            waiter.set_result(found)
        finally:
            self._landed(at, gathering)
