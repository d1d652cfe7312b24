"""What customers buy and do is followed by jobs, right after it: none where nothing is given for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from siyu.domain.earning.known import Known, known
from siyu.domain.earning.tables import EarningTrigger
from siyu.domain.kernel import outbox, touching
from siyu.domain.kernel.outbox import Due
from siyu.domain.kernel.touching import Change, Touched
from siyu.privacy.actor import Actor

#: The jobs, by their names, and how many people one of them takes.
ORDERS_JOB: Final = outbox.of_many("earn_orders")
EVENTS_JOB: Final = outbox.of_many("earn_events")
SIGN_UPS_JOB: Final = outbox.of_many("earn_sign_ups")
TAKEN: Final = 500


@touching.follows
async def follow(touched: Sequence[Touched]) -> list[Due]:
    """The jobs for what was touched; no statement, unless rules have changed a moment ago."""
    if not any(each.change in (Change.ORDER, Change.EVENT, Change.IDENTITY) for each in touched):
        return []
    every = await known(Actor.worker("earning"))
    people: dict[str, dict[UUID, None]] = {}
    for each in touched:
        job = _job(every, each)
        if job is not None:
            people.setdefault(job, {}).update(dict.fromkeys(each.customer_ids))
    return [
        outbox.due(job, *map(str, list(concerned)[start : start + TAKEN]))
        for job, concerned in people.items()
        for start in range(0, len(concerned), TAKEN)
    ]


def _job(every: Known, touched: Touched) -> str | None:
    if touched.change is Change.ORDER and every.ever(EarningTrigger.ORDER_PAID):
        return ORDERS_JOB
    if touched.change is Change.IDENTITY and every.of(EarningTrigger.SIGN_UP):
        return SIGN_UPS_JOB
    if touched.change is Change.EVENT:
        names = {each.terms.event_name for each in every.of(EarningTrigger.EVENT)}
        return EVENTS_JOB if names and (not touched.names or names & set(touched.names)) else None
    return None
