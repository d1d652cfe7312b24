"""The tiers, known in the process: whoever earns is held against them, and that shall cost no statement of its own."""

from __future__ import annotations

from typing import Final

from siyu.domain.kernel.believing import Belief
from siyu.domain.kernel.operation import operation
from siyu.domain.tiers.rules import Rung
from siyu.domain.tiers.tables import Tier
from siyu.privacy.actor import Actor

#: Announced when tiers are others than before.
CHANGED: Final = "tiers_changed"


@operation()
async def known(actor: Actor) -> tuple[Rung, ...]:
    """The tiers by rank, as far as this process knows: at most a second late, and no statement while nothing changes."""
    return await _KNOWN.now()


async def read() -> tuple[Rung, ...]:
    """The tiers by rank, as they are written down now. One statement."""
    names = ("id", "code", "name", "rank", "threshold", "qualification", "window_days", "grace_days", "earning_multiplier_e4")
    return tuple(Rung(*(getattr(row, name) for name in names)) for row in await Tier.all().order_by("rank"))


_KNOWN: Final = Belief(CHANGED, read)
