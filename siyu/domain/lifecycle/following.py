"""Activity follows what people do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID

from siyu.domain.customers import ActivityState
from siyu.domain.kernel import clock, days, outbox, touching
from siyu.domain.kernel.outbox import Due
from siyu.domain.kernel.touching import Change, Touched
from siyu.domain.lifecycle.commands import places
from siyu.privacy.actor import Actor
from siyu.privacy.cache import Lasting

#: The job that settles the place of just some customers, by its name, and how many of them one job takes.
JOB: Final = outbox.of_many("settle_lifecycle")
TAKEN: Final = 500

#: Who was found active on a day: another event makes them no more so. Day's end and policy alone make them less.
_ACTIVE: Final[Lasting[tuple[UUID, date], bool]] = Lasting(100_000, 300.0)


@touching.follows
async def follow(touched: Sequence[Touched]) -> list[Due]:
    """The jobs that settle those whom events have moved; two statements, and none for events of people known to be active.

    Whoever bought is settled by the job that settles their scores.
    """
    ordering = {key for each in touched if each.change is Change.ORDER for key in each.customer_ids}
    acting = [*{key for each in touched if each.change is Change.EVENT for key in each.customer_ids} - ordering]
    if not acting:
        return []
    today, since = days.day_of(clock.now(), days.here()), _ACTIVE.moment()
    known = _ACTIVE.many((key, today) for key in acting)
    people = [key for key, active in zip(acting, known, strict=True) if active is None]
    if not people:
        return []
    found = await places(Actor.worker("lifecycle"), people)
    moved = [str(each.customer_id) for each in found if each.was != each.now]
    settled = [each for each in found if each.was == each.now and each.now.activity is ActivityState.ACTIVE]
    _ACTIVE.keep({(each.customer_id, today): True for each in settled}, since=since)
    return [outbox.due(JOB, *moved[start : start + TAKEN]) for start in range(0, len(moved), TAKEN)]
