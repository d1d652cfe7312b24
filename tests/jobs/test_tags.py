"""The jobs of tags."""

from __future__ import annotations

from datetime import timedelta

import pytest

from siyu.domain import customers, work
from siyu.domain.customers import CustomerCreate
from siyu.domain.kernel import clock
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.ids import uuid7
from siyu.domain.kernel.tables import Outbox
from siyu.domain.tags.tables import PendingTag, TagAssignment, TagBatch
from siyu.jobs import tags as jobs
from siyu.jobs.queue import SCHEDULE, JobContext
from siyu.privacy.actor import Actor
from tests.domain.tags.tagged import having, people, phone, put, tag

OURS = ("attach_tags", "tag_batch")

pytestmark = pytest.mark.on("sqlite")


async def run_due(house: House) -> list[str]:
    """Run our jobs that wait; which they were."""
    rows = [row for row in await Outbox.all().order_by("id") if row.job in OURS]
    await Outbox.all().delete()
    for row in rows:
        await getattr(jobs, row.job)(JobContext(row.id, 1, house), *row.args)
    return [row.job for row in rows]


async def test_whoever_comes_is_tagged_by_the_next_job(house: House, admin: Actor) -> None:
    await tag(admin, "VIP")
    await put(admin, ["VIP"], identities=[phone(1)])
    eve = await customers.create(admin, CustomerCreate(phone=phone(1).value))
    assert await run_due(house) == ["attach_tags"]
    assert await having(eve) == {"VIP": "PENDING"}
    await customers.create(admin, CustomerCreate(phone=phone(2).value))
    assert await run_due(house) == [], "nothing waits, and so nobody is asked about"


async def test_more_than_a_thousand_are_watched(house: House, admin: Actor) -> None:
    await tag(admin, "VIP")
    crowd = [uuid7() for _ in range(1_001)]
    await customers.write_batch(admin, [customers.PersonGiven(id=each, new=True, values={}, fills={}, identities=[]) for each in crowd])
    done = await put(admin, ["VIP"], *crowd)
    assert done.work_id is not None
    assert await run_due(house) == ["tag_batch"]
    watched = await work.find(admin, done.work_id)
    assert watched is not None
    assert (watched.done, watched.message, await TagAssignment.all().count()) == (1_001, "1,001 assignments changed.", 1_001)


async def test_what_is_scheduled(house: House, admin: Actor) -> None:
    (ada,) = await people(admin, 1)
    await tag(admin, "VIP")
    await put(admin, ["VIP"], ada, identities=[phone(9)], expires_at=clock.now() + timedelta(days=1))
    ended = clock.now() - timedelta(seconds=1)
    await TagAssignment.all().update(expires_at=ended)
    await PendingTag.all().update(expires_at=ended)
    await TagBatch.create(tag_ids=[], assigned=True, source="MANUAL", by="test", created_at=clock.now() - timedelta(days=31))
    for name in ("expire_tags", "tend_tags"):
        assert name in SCHEDULE
        await getattr(jobs, name)(JobContext(uuid7(), 1, house))
    assert [await table.all().count() for table in (TagAssignment, PendingTag, TagBatch)] == [0, 0, 0]
