"""Whether anybody was ever referred, known in the process: where nobody was, an order costs no statement more."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

from siyu.domain.kernel import announcements, boot
from siyu.domain.kernel.boot import House
from siyu.domain.referrals.tables import ReferralFriend

#: Announced when somebody was referred.
BOUND: Final = "referral_bound"
#: The longest that a process believes that nobody was while it does not hear the others.
BELIEF_SECONDS: Final = 1.0


@dataclass(slots=True)
class _Memory:
    """What this process knows, of one house."""

    house: House
    anybody: bool | None = None
    since: float = 0.0
    #: Grows with each announcement: what was read before one is not kept after it.
    heard: int = 0


_memories: Final[list[_Memory]] = []


def _forget(_ids: tuple[str, ...]) -> None:
    for memory in _memories:
        memory.anybody = memory.anybody or None
        memory.heard += 1


announcements.listen(BOUND, _forget)
announcements.listen(announcements.LOST, _forget)


async def anybody() -> bool:
    """Whether there is any friend: at most a second late, and no statement while nothing changes."""
    house = boot.current()
    if not _memories or _memories[-1].house is not house:
        _memories[:] = [_Memory(house)]
    memory, now = _memories[-1], time.monotonic()
    believed = memory.anybody is not None and (memory.anybody or announcements.is_connected() or now <= memory.since + BELIEF_SECONDS)
    if memory.anybody is not None and believed:
        return memory.anybody
    heard, found = memory.heard, await ReferralFriend.exists()
    if memory.heard == heard:
        memory.anybody, memory.since = found, now
    return found
