"""Tiers follow what people earn and spend: up at once, by a job right after the change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from siyu.domain.kernel import outbox, touching
from siyu.domain.kernel.outbox import Due
from siyu.domain.kernel.touching import Change, Touched
from siyu.domain.tiers.measuring import ladder, measured
from siyu.domain.tiers.memory import known
from siyu.domain.tiers.saving import APPLY_JOB
from siyu.domain.tiers.tables import TierQualification
from siyu.privacy.actor import Actor

#: The job that settles just some customers, by its name, and how many of them one job takes.
JOB: Final = outbox.of_many("settle_tiers")
TAKEN: Final = 500
#: With more people, everybody is looked at.
NAMED_MAX: Final = 10_000
_SPENDING: Final = TierQualification.SPEND_IN_WINDOW


@touching.follows
async def follow(touched: Sequence[Touched]) -> list[Due]:
    """The jobs that settle those who have moved: one statement, and none where there are no tiers, or none by what was touched."""
    if not any(each.change in (Change.POINTS, Change.ORDER) for each in touched):
        return []
    rungs = await known(Actor.worker("tiers"))
    spending = any(rung.qualification is _SPENDING for rung in rungs)
    earning = any(rung.qualification is not _SPENDING for rung in rungs)
    followed = {Change.ORDER: spending, Change.POINTS: earning}
    people = list(dict.fromkeys(key for each in touched if followed.get(each.change) for key in each.customer_ids))
    if len(people) > NAMED_MAX:
        return [outbox.due(APPLY_JOB)]
    if not people:
        return []
    by = ladder(rungs)
    moved = [str(each.customer_id) for each in await measured(by, people) if by.standing(each) != each.was]
    return [outbox.due(JOB, *moved[start : start + TAKEN]) for start in range(0, len(moved), TAKEN)]
