"""Whether anything is given for what happens, known in the process: where nothing is, an order or an event costs no statement more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from siyu.domain.earning.rules import Terms
from siyu.domain.earning.tables import EarningRule, EarningTrigger
from siyu.domain.kernel.believing import Belief
from siyu.domain.kernel.operation import operation
from siyu.privacy.actor import Actor

#: Announced when rules are others than before.
CHANGED: Final = "earning_rules"


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


@operation()
async def known(actor: Actor) -> Known:
    """The rules, as far as this process knows: at most a second late, and no statement while nothing changes."""
    return await _KNOWN.now()


async def read() -> Known:
    """The rules as they are written down now. One statement."""
    found: dict[EarningTrigger, tuple[Given, ...]] = {}
    for row in await EarningRule.all().order_by("id"):
        found[row.trigger] = (*found.get(row.trigger, ()), Given(row.id, row.name, row.version, terms_of(row)))
    return Known(found)


_KNOWN: Final = Belief(CHANGED, read)


def terms_of(row: EarningRule) -> Terms:
    """What a stored rule says."""
    return Terms(
        trigger=row.trigger, event_name=row.event_name, rate_e4=row.rate_e4, fixed=row.fixed, segment_id=row.segment_id,
        category=row.category, side=row.side, multiplied=row.multiplied, streak_days=row.streak_days, streak_bonus=row.streak_bonus,
        maximum_per_day=row.maximum_per_day, active_from=row.active_from, active_until=row.active_until, enabled=row.enabled,
    )  # fmt: skip
