"""Points for what customers do: events, surveys, signing up, birthdays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from siyu.domain import customers, events
from siyu.domain.earning import known
from siyu.domain.earning.giving import BATCH, give
from siyu.domain.earning.inputs import Occasion
from siyu.domain.earning.tables import EarningRound, EarningTrigger
from siyu.domain.kernel import clock, database, days
from siyu.domain.kernel.operation import operation
from siyu.privacy.actor import Actor, Scope

#: Events that came so long ago are looked at no more: each was told of as it came.
LOOKED_BACK: Final = timedelta(days=7)
#: Birthdays of so many days are made up for, where nobody ran the job.
_MISSED_DAYS: Final = 7
_LOCK: Final = "birthday points"
_ONLY: Final = 1


@operation(Scope.JOBS_RUN, Scope.EVENTS_READ)
async def act(actor: Actor, customer_ids: Sequence[UUID]) -> None:
    """Give for the events of these customers that came lately what they bring. Twice is the same as once."""
    for start in range(0, len(customer_ids), BATCH):
        await _act(actor, customer_ids[start : start + BATCH])


@operation(Scope.JOBS_RUN, writes=True)
async def _act(actor: Actor, customer_ids: Sequence[UUID]) -> None:
    every = (await known.read()).of(EarningTrigger.EVENT)
    names = {each.terms.event_name for each in every if each.terms.event_name is not None}
    if not names:
        return
    await customers.reserve(actor, customer_ids)
    found = await events.happenings(actor, customer_ids, names, since=clock.now() - LOOKED_BACK)
    await give(
        actor,
        [
            Occasion(
                customer_id=each.customer_id, trigger=EarningTrigger.EVENT, key=f"event:{each.event_id}", at=each.occurred_at,
                about_id=each.event_id, event_name=each.name,
            )
            for each in found
        ],
    )  # fmt: skip


@operation(writes=True)
async def survey_completed(actor: Actor, customer_id: UUID, response_id: UUID, *, at: datetime) -> None:
    """Give for a survey that somebody completed what it brings; the caller has checked a scope of its own."""
    await give(
        actor,
        [
            Occasion(
                customer_id=customer_id, trigger=EarningTrigger.SURVEY_COMPLETED, key=f"survey:{response_id}", at=at, about_id=response_id
            )
        ],
    )


@operation(Scope.JOBS_RUN, Scope.CUSTOMERS_READ, writes=True)
async def sign_up(actor: Actor, customer_ids: Sequence[UUID]) -> None:
    """Give to these customers, once they have said who they are, what signing up brings; its moment is when they were first known."""
    arrived = await customers.arrivals(actor, customer_ids)
    await give(
        actor, [Occasion(customer_id=key, trigger=EarningTrigger.SIGN_UP, key="sign-up", at=at) for key, at in arrived.items()]
    )  # fmt: skip


@operation(Scope.JOBS_RUN, Scope.CUSTOMERS_READ)
async def celebrate(actor: Actor) -> int:
    """Give for the birthdays of today, and of the last days where nobody did; how many customers it were. Done, it is done for the day."""
    today = days.day_of(clock.now(), days.here())
    row = await EarningRound.get_or_none(id=_ONLY)
    first = today if row is None else max(row.birthdays_on + timedelta(days=1), today - timedelta(days=_MISSED_DAYS))
    count = 0
    while first <= today:
        after: UUID | None = None
        while (batch := await _celebrate(actor, first, after)) and (after := batch[-1]):
            count += len(batch)
        await _went_through(actor, first)
        first += timedelta(days=1)
    return count


@operation(Scope.JOBS_RUN, writes=True)
async def _celebrate(actor: Actor, day: date, after: UUID | None) -> list[UUID]:
    if not (await known.read()).of(EarningTrigger.BIRTHDAY):
        return []
    born = await customers.born_on(actor, days.birthdays_of(day), after=after, limit=BATCH)
    at = days.begins(day, days.here())
    await give(
        actor, [Occasion(customer_id=key, trigger=EarningTrigger.BIRTHDAY, key=f"birthday:{day.year}", at=at) for key in born]
    )  # fmt: skip
    return born


@operation(Scope.JOBS_RUN, writes=True)
async def _went_through(actor: Actor, day: date) -> None:
    await database.alone(_LOCK)
    await EarningRound.bulk_create([EarningRound(id=_ONLY, birthdays_on=day)], on_conflict=["id"], update_fields=["birthdays_on"])
