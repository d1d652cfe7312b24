"""Small requests that come together share a transaction; each is answered once it has been committed."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from siyu.api.tracking_body import Unreadable
from siyu.domain import tracking
from siyu.domain.kernel import boot, database
from siyu.domain.tracking import Message, Taken
from siyu.domain.writekeys import Sender

#: Messages that one transaction takes, those of a larger request aside.
_TOGETHER_MAX: Final = 1_000
#: Messages that may wait; who comes then is asked to come again.
_WAITING_MAX: Final = 20_000
#: Transactions at a time: while PostgreSQL works on one, the next is made ready. SQLite has one writer.
_FLIGHTS: Final = {"postgres": 2, "sqlite": 1}
#: Seconds' worth of messages that may come at once.
_BURST_SECONDS: Final = 2.0


@dataclass(slots=True)
class _Waiting:
    sender: Sender
    messages: Sequence[Message]
    answer: asyncio.Future[Taken]


@dataclass(slots=True)
class Gathering:
    """Takes messages of all senders, those of one sender together."""

    _waiting: deque[_Waiting] = field(default_factory=deque)
    _count: int = 0
    _flights: int = 0

    async def take(self, sender: Sender, messages: Sequence[Message]) -> Taken:
        """What became of the messages, once that is committed. Raises `Unreadable` when too many wait already."""
        if self._count + len(messages) > _WAITING_MAX:
            raise Unreadable(503, "Too much is waiting: send it again in a second.", retry_seconds=1)
        waiting = _Waiting(sender, messages, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._count += len(messages)
        self._start()
        return await waiting.answer

    def _start(self) -> None:
        """Send off what waits, as long as another transaction may run."""
        while self._waiting and self._flights < _FLIGHTS[database.dialect()]:
            self._flights += 1
            boot.current().background(self._fly(self._next()), name="tracking")

    def _next(self) -> list[_Waiting]:
        """The first that waits, and others of the same sender."""
        first = self._waiting.popleft()
        chosen, others, count = [first], deque[_Waiting](), len(first.messages)
        for each in self._waiting:
            if each.sender.id == first.sender.id and count + len(each.messages) <= _TOGETHER_MAX:
                chosen.append(each)
                count += len(each.messages)
            else:
                others.append(each)
        self._waiting = others
        self._count -= count
        return chosen

    async def _fly(self, together: list[_Waiting]) -> None:
        try:
            await self._land(together)
        finally:
            self._flights -= 1
            for each in together:
                if not each.answer.done():
                    each.answer.cancel()
            self._start()

    async def _land(self, together: list[_Waiting]) -> None:
        """One transaction for all; when it fails, one for each, so that nobody suffers from another's."""
        sender = together[0].sender
        try:
            taken = await tracking.take(
                sender.actor, [each.messages for each in together], channel=sender.channel, profiles=sender.profiles
            )
        except Exception as bug:  # raised again where the request is answered
            if len(together) == 1:
                if not together[0].answer.done():
                    together[0].answer.set_exception(bug)
                    return
                raise
            for each in together:
                await self._land([each])
            return
        for each, what in zip(together, taken, strict=True):
            if not each.answer.done():
                each.answer.set_result(what)


@dataclass(slots=True)
class Rates:
    """A leaky bucket for each write key of this process: so many messages a second, two seconds' worth at once."""

    messages_per_second: int
    #: By key: what may still come, and when that was worked out.
    _left: dict[object, tuple[float, float]] = field(default_factory=dict)

    def spend(self, sender: Sender, messages: int) -> None:
        """Take so many messages' worth. Raises `Unreadable` (429) when the key has sent too much; it says when to come again."""
        if not self.messages_per_second:
            return
        now, most = time.monotonic(), self.messages_per_second * _BURST_SECONDS
        left, at = self._left.get(sender.id, (most, now))
        left = min(most, left + (now - at) * self.messages_per_second)
        if left <= 0:
            seconds = math.ceil(-left / self.messages_per_second) or 1
            raise Unreadable(429, "This write key sends too much: wait as long as Retry-After says.", retry_seconds=seconds)
        # One batch may take more than is left: the next then waits longer.
        self._left[sender.id] = (left - messages, now)
