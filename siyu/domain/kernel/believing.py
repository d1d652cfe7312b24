"""What a process knows by heart: read once, believed until it is announced to be otherwise.

known = Belief("tiers_changed", read)
rungs = await known.now()
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Final, Generic, TypeVar

from siyu.domain.kernel import announcements, boot
from siyu.domain.kernel.boot import House

T = TypeVar("T")

#: The longest that a process believes what it knows while it does not hear the others.
BELIEF_SECONDS: Final = 1.0


class Belief(Generic[T]):
    """Something that `read` tells of the open house: at most a second late, and no statement while nothing changes.

    `topic` is announced when it is otherwise than before. What `lasts` says of, once true, is true for good: it is never asked again.
    """

    def __init__(self, topic: str, read: Callable[[], Awaitable[T]], *, lasts: Callable[[T], bool] = lambda _: False) -> None:
        self._read, self._lasts = read, lasts
        self._house: House | None = None
        self._known: list[T] = []
        self._since = 0.0
        #: Grows with each announcement: what was read before one is not kept after it.
        self._heard = 0
        announcements.listen(topic, self._forget)
        announcements.listen(announcements.LOST, self._forget)

    def _forget(self, _ids: tuple[str, ...]) -> None:
        self._heard += 1
        if self._known and not self._lasts(self._known[0]):
            self._known = []

    def _believed(self) -> bool:
        if not self._known:
            return False
        return self._lasts(self._known[0]) or announcements.is_connected() or time.monotonic() <= self._since + BELIEF_SECONDS

    async def now(self) -> T:
        """As far as this process knows."""
        house = boot.current()
        if self._house is not house:
            self._house, self._known = house, []
        if self._believed():
            return self._known[0]
        since, heard = time.monotonic(), self._heard
        found = await self._read()
        if self._heard == heard and self._house is house:
            self._known, self._since = [found], since
        return found
