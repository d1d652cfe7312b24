"""The jobs of events."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from siyu.domain import customers, events, work
from siyu.domain.customers import CustomerCreate
from siyu.domain.events import EventDefine, EventPropertyGiven
from siyu.domain.events.tables import Event, EventDefinition, EventProperty
from siyu.domain.kernel import clock, ids
from siyu.domain.kernel.boot import House
from siyu.domain.work.tables import Work, WorkState
from siyu.jobs.events import count_events, seal_event_properties
from siyu.jobs.queue import SCHEDULE, JobContext
from siyu.privacy.actor import Actor
from tests.domain.events.conftest import TRACKER, row


def test_counting_runs_by_itself_every_minute() -> None:
    assert SCHEDULE["count_events"].period == timedelta(minutes=1)


async def test_what_was_defined_as_personal_is_sealed_and_its_progress_is_told(house: House, admin: Actor) -> None:
    ada = await customers.create(admin, CustomerCreate(external_id="ada"))
    await events.record(TRACKER, [row(ada, f"k{n}", properties={"nick": "Lily"}) for n in range(3)])
    done = await events.define(admin, EventDefine(name="product_viewed", properties=[EventPropertyGiven(name="nick", personal=True)]))
    assert done.work_id is not None
    ctx = JobContext(done.work_id, 1, house)
    await seal_event_properties(ctx, str(done.work_id), str(done.definition_id))
    told = await Work.get(id=done.work_id)
    assert (told.done, told.total) == (3, 3)
    assert [each.properties for each in await Event.all()] == [{"nick": None}] * 3
    assert not (await EventProperty.get(name="nick")).sealing


async def test_one_that_was_cancelled_stops_and_leaves_the_property_marked(house: House, admin: Actor) -> None:
    ada = await customers.create(admin, CustomerCreate(external_id="ada"))
    await events.record(TRACKER, [row(ada, "k", properties={"nick": "Lily"})])
    done = await events.define(admin, EventDefine(name="product_viewed", properties=[EventPropertyGiven(name="nick", personal=True)]))
    await Work.filter(id=done.work_id).update(state=WorkState.CANCELLED)
    with pytest.raises(work.WorkStopped):
        await seal_event_properties(JobContext(done.work_id or ids.uuid7(), 1, house), str(done.work_id), str(done.definition_id))
    assert (await EventProperty.get(name="nick")).sealing, "it still says that not all is done"


async def test_events_are_counted(house: House, admin: Actor) -> None:
    ada = await customers.create(admin, CustomerCreate(external_id="ada"))
    await events.record(TRACKER, [row(ada, "k")])
    with time_machine.travel(clock.now() + timedelta(hours=1), tick=True):
        await count_events(JobContext(ids.uuid7(), 1, house))
    assert (await EventDefinition.get()).count == 1
