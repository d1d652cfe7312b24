"""Whether anything is given for what happens, known in the process: where nothing is, an order or an event costs no statement more."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from siyu.domain.earning.rules import Terms
from siyu.domain.earning.tables import EarningRule, EarningTrigger
from siyu.domain.kernel import announcements, boot
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.operation import operation
from siyu.privacy.actor import Actor

#: Announced when rules are others than before.
CHANGED: Final = "earning_rules"
#: The longest that a process believes what it knows while it does not hear the others.
BELIEF_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Given:
    """One rule as it stands."""

    id: UUID
    name: str
    version: int
    terms: Terms


@dataclass(frozen=True, slots=True)
class Known:
    """All rules, those that are not enabled among them."""

    rules: Mapping[EarningTrigger, tuple[Given, ...]] = field(default_factory=dict)

    def of(self, trigger: EarningTrigger) -> tuple[Given, ...]:
        """Those of a trigger that are enabled, the oldest first."""
        return tuple(each for each in self.rules.get(trigger, ()) if each.terms.enabled)

    def ever(self, trigger: EarningTrigger) -> bool:
        """Whether there is any of this trigger, enabled or not."""
        return bool(self.rules.get(trigger))


@dataclass(slots=True)
class _Memory:
    """What this process knows, of one house."""

    house: House
    known: Known | None = None
    since: float = 0.0
    #: Grows with each announcement: what was read before one is not kept after it.
    heard: int = 0

    def fresh(self) -> Known | None:
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
async def known(actor: Actor) -> Known:
    """The rules, as far as this process knows: at most a second late, and no statement while nothing changes."""
    house = boot.current()
    if not _memories or _memories[-1].house is not house:
        _memories[:] = [_Memory(house)]
    memory = _memories[-1]
    found = memory.fresh()
    if found is not None:
        return found
    since, heard = time.monotonic(), memory.heard
    rules = await read()
    if memory.heard == heard:
        memory.known, memory.since = rules, since
    return rules


async def read() -> Known:
    """The rules as they are written down now. One statement."""
    found: dict[EarningTrigger, tuple[Given, ...]] = {}
    for row in await EarningRule.all().order_by("id"):
        found[row.trigger] = (*found.get(row.trigger, ()), Given(row.id, row.name, row.version, terms_of(row)))
    return Known(found)


def terms_of(row: EarningRule) -> Terms:
    """What a stored rule says."""
    return Terms(
        trigger=row.trigger, event_name=row.event_name, rate_e4=row.rate_e4, fixed=row.fixed, segment_id=row.segment_id,
        category=row.category, side=row.side, multiplied=row.multiplied, streak_days=row.streak_days, streak_bonus=row.streak_bonus,
        maximum_per_day=row.maximum_per_day, active_from=row.active_from, active_until=row.active_until, enabled=row.enabled,
    )  # fmt: skip
