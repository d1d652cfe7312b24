"""The tiers, known in the process: whoever earns is held against them, and that shall cost no statement of its own."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

from siyu.domain.kernel import announcements, boot
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.operation import operation
from siyu.domain.tiers.rules import Rung
from siyu.domain.tiers.tables import Tier
from siyu.privacy.actor import Actor

#: Announced when tiers are others than before.
CHANGED: Final = "tiers_changed"
#: The longest that a process believes what it knows while it does not hear the others.
BELIEF_SECONDS: Final = 1.0


@dataclass(slots=True)
class _Memory:
    """What this process knows, of one house."""

    house: House
    known: tuple[Rung, ...] | None = None
    since: float = 0.0
    #: Grows with each announcement: what was read before one is not kept after it.
    heard: int = 0

    def fresh(self) -> tuple[Rung, ...] | None:
        believed = announcements.is_connected() or time.monotonic() <= self.since + BELIEF_SECONDS
        return self.known if believed else None


_memories: list[_Memory] = []


def _forget(_ids: tuple[str, ...]) -> None:
    for memory in _memories:
        memory.known = None
        memory.heard += 1


announcements.listen(CHANGED, _forget)
announcements.listen(announcements.LOST, _forget)


@operation()
async def known(actor: Actor) -> tuple[Rung, ...]:
    """The tiers by rank, as far as this process knows: at most a second late, and no statement while nothing changes."""
    house = boot.current()
    if not _memories or _memories[-1].house is not house:
        _memories[:] = [_Memory(house)]
    memory = _memories[-1]
    found = memory.fresh()
    if found is not None:
        return found
    since, heard = time.monotonic(), memory.heard
    rungs = await read()
    if memory.heard == heard:
        memory.known, memory.since = rungs, since
    return rungs


async def read() -> tuple[Rung, ...]:
    """The tiers by rank, as they are written down now. One statement."""
    names = ("id", "code", "name", "rank", "threshold", "qualification", "window_days", "grace_days", "earning_multiplier_e4")
    return tuple(Rung(*(getattr(row, name) for name in names)) for row in await Tier.all().order_by("rank"))
