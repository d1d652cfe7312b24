"""Whatever changes about a person is followed by the rules that it concerns, within a job; time moves the rest."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import time_machine

from siyu.domain import attributes, customers, events, orders, segments
from siyu.domain.attributes import AttributeDefine, AttributeGiven, AttributeType
from siyu.domain.customers import CustomerUpdate, IdentityAdd, IdentityGiven, IdentityKind
from siyu.domain.events import EventRow
from siyu.domain.kernel import clock, database, ids, outbox
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.operation import operation, touch
from siyu.domain.kernel.tables import Outbox
from siyu.domain.kernel.touching import Change, Touched
from siyu.domain.orders import OrderGiven, OrderStatus
from siyu.domain.rules import AttributeCondition, Comparison, ConsentCondition, HolderKind, Rule
from siyu.domain.segments import following
from siyu.domain.segments.tables import Segment
from siyu.jobs.queue import SCHEDULE, JobContext
from siyu.jobs.segments import evaluate_segment, keep_segments
from siyu.privacy import consent
from siyu.privacy.actor import Actor, Scope
from tests.domain.segments.kept import WORKER, bought, city, did, known, made, members, members_at, person, tomorrow, work

IMPORTER = Actor.worker("orders", Scope.ORDERS_IMPORT, request="test")


async def act(admin: Actor, customer_id: UUID, name: str = "opened") -> None:
    row = EventRow(customer_id=customer_id, name=name, occurred_at=clock.now(), properties={}, key=str(ids.uuid7()))
    assert (await events.record(admin, [row])).accepted == 1


async def buy(customer_id: UUID, amount: int) -> None:
    placed = OrderGiven(
        external_id=str(ids.uuid7()), customer_id=customer_id, total_e4=amount * 10_000, currency="CNY", status=OrderStatus.PAID,
        channel=None, placed_at=clock.now(), items_count=1,
    )  # fmt: skip
    assert (await orders.record_batch(IMPORTER, [placed])).recorded == 1


async def test_an_event_changes_one_person_and_the_worker_sees_it(house: House, admin: Actor) -> None:
    await known(admin, "opened", "closed")
    ada, bob = await person(admin), await person(admin)
    opened, closed = await made(admin, "opened", did("opened")), await made(admin, "closed", did("closed"))
    await work(house)
    await act(admin, ada)
    jobs = [row for row in await Outbox.all() if row.job == following.JOB]
    assert [following.read(row.args) for row in jobs] == [[Touched(Change.EVENT, (ada,), ("opened",))]]
    await work(house)
    assert (await members(opened), await members(closed)) == ({ada}, set())
    await act(admin, bob, "closed")
    await work(house)
    assert (await members(opened), await members(closed)) == ({ada}, {bob})


async def test_what_nobody_watches_costs_nothing(house: House, admin: Actor) -> None:
    await known(admin, "opened")
    ada = await person(admin)
    await made(admin, "opened", did("opened"))
    await act(admin, ada, "closed")
    with database.counting() as statements:
        await act(admin, ada, "closed")
    assert [sql for sql in statements.sent if "rule_references" in sql or "outbox" in sql] == []
    assert await Outbox.filter(job=following.JOB).count() == 0


async def test_every_kind_of_change_is_followed(house: House, admin: Actor) -> None:
    await attributes.define(admin, AttributeDefine(key="size", title="Size", type=AttributeType.TEXT, personal=False))
    ada = await person(admin, "Rome")
    size = Rule(attribute=AttributeCondition(key="size", is_=Comparison.EQ, values=["L"]))
    rules = {
        "paris": city("Paris"), "rich": bought(100), "large": size,
        "news": Rule(consent=ConsentCondition(purpose="marketing", granted=True)),
    }  # fmt: skip
    keys = {code: await made(admin, code, rule) for code, rule in rules.items()}
    assert [await members(key) for key in keys.values()] == [set()] * 4
    await customers.update(admin, CustomerUpdate(id=ada, city="Paris", attributes=[AttributeGiven(key="size", value="L")]))
    await buy(ada, 120)
    await consent.record(admin, ada, "marketing", granted=True, channel="test")
    await work(house)
    assert {code: await members(key) for code, key in keys.items()} == {code: {ada} for code in keys}
    await consent.record(admin, ada, "marketing", granted=False, channel="test")
    await customers.identity_add(admin, IdentityAdd(customer_id=ada, identity=IdentityGiven(kind=IdentityKind.MEMBER_NO, value="M1")))
    await work(house)
    assert {code for code, key in keys.items() if await members(key)} == {"paris", "rich", "large"}


async def test_somebody_new_is_looked_at_by_every_rule(house: House, admin: Actor) -> None:
    await known(admin, "opened")
    nobody = await made(admin, "calm", Rule(not_=did("opened")))
    ada = await person(admin)
    await work(house)
    assert await members(nobody) == {ada}


async def test_one_person_costs_the_same_among_many(house: House, admin: Actor) -> None:
    async def cost() -> int:
        ada = await person(admin, "Rome")
        await customers.update(admin, CustomerUpdate(id=ada, city="Paris"))
        await Outbox.all().delete()
        with database.counting() as statements:
            await segments.follow(WORKER, [Touched(Change.PROFILE, (ada,))])
        return len([sql for sql in statements.sent if "holder_kind" not in sql])  # what is watched is asked anew each second

    for code in ("one", "two"):
        await made(admin, code, city("Paris"))
    few = await cost()
    for _ in range(30):
        await person(admin)
    assert await cost() == few
    for code in ("three", "four", "five"):
        await made(admin, code, city("Rome"))
    await cost()
    assert await cost() == few  # as many rules as there are


async def test_very_many_at_once_are_left_to_the_next_run(house: House, admin: Actor) -> None:
    @operation(writes=True)
    async def change_many(actor: Actor) -> None:
        touch(Change.PROFILE, [ids.uuid7() for _ in range(2_001)])

    await known(admin, "opened")
    ada = await person(admin, "Rome")
    paris, opened = await made(admin, "paris", city("Paris")), await made(admin, "opened", did("opened"))
    await work(house)
    await customers.update(admin, CustomerUpdate(id=ada, city="Paris"))
    await Outbox.all().delete()
    await change_many(admin)
    assert await work(house) == [following.MARK_JOB]
    assert [(await Segment.get(id=key)).due for key in (paris, opened)] == [True, False]
    await keep_segments(JobContext(ids.uuid7(), 1, house))
    assert await members(paris) == {ada}
    assert not (await Segment.get(id=paris)).due


async def test_time_moves_people_at_midnight_and_not_before(house: House, admin: Actor) -> None:
    ada = await person(admin)
    await act(admin, ada)
    recent = await made(admin, "recent", did("opened", days=0))
    assert await members(recent) == {ada}
    assert await segments.evaluate_due(WORKER) == 0
    with time_machine.travel(tomorrow(), tick=False):
        assert await segments.evaluate_due(WORKER) == 1
        assert await members(recent) == set()
        assert await segments.evaluate_due(WORKER) == 0
        assert await members_at(recent, clock.now() - timedelta(days=1)) == {ada}
    assert SCHEDULE["keep_segments"].period == timedelta(minutes=15)


async def test_a_failure_leaves_the_last_members_and_says_so(house: House, admin: Actor) -> None:
    ada = await person(admin)
    paris, rome = await made(admin, "paris", city("Paris")), await made(admin, "rome", city("Rome"))
    await Segment.filter(id=paris).update(rule={"profile": {"field": "CITY", "is": "NO_SUCH", "values": ["Paris"]}})
    assert await segments.apply(WORKER, (HolderKind.SEGMENT, paris)) is None
    row = await Segment.get(id=paris)
    assert row.failure is not None
    assert await members(paris) == {ada}
    await customers.update(admin, CustomerUpdate(id=ada, city="Rome"))
    await work(house)  # what one can't be asked holds up no other
    assert (await members(paris), await members(rome)) == ({ada}, {ada})
    await Segment.filter(id=paris).update(rule={"profile": {"field": "CITY", "is": "EQ", "values": ["Paris"]}})
    assert await segments.evaluate_due(WORKER) == 1
    assert await members(paris) == set()
    assert (await Segment.get(id=paris)).failure is None


async def test_what_hangs_on_what_has_changed_is_applied_after_it(house: House, admin: Actor) -> None:
    ada = await person(admin, "Rome")
    paris = await made(admin, "paris", city("Paris"))
    inside = await made(admin, "inside", expression='segment in ("paris")')
    await customers.update(admin, CustomerUpdate(id=ada, city="Paris"))
    await Outbox.all().delete()
    await Segment.filter(id=paris).update(due=True)
    assert await segments.evaluate_due(WORKER) == 2
    assert await members(inside) == {ada}


async def test_the_work_that_somebody_asked_for(house: House, admin: Actor) -> None:
    ada = await person(admin, "Rome")
    paris = await made(admin, "paris", city("Paris"))
    await customers.update(admin, CustomerUpdate(id=ada, city="Paris"))
    job = ids.uuid7()
    await evaluate_segment(JobContext(job, 1, house), str(job), str(paris))
    assert await members(paris) == {ada}


async def test_who_is_erased_is_left_out_of_a_job_and_the_others_are_not(house: House, admin: Actor) -> None:
    await known(admin, "opened")
    ada, bob = await person(admin), await person(admin)
    opened = await made(admin, "opened", did("opened"))
    await work(house)
    rows = [EventRow(customer_id=each, name="opened", occurred_at=clock.now(), properties={}, key=str(each)) for each in (ada, bob)]
    await events.record(admin, rows)
    await outbox.forget(str(ada))
    assert [row.args for row in await Outbox.filter(job=following.JOB)] == [["1", "EVENT", "1", "opened", str(bob)]]
    await work(house)
    assert await members(opened) == {bob}


def test_arguments_of_jobs_come_back() -> None:
    people = tuple(sorted(ids.uuid7() for _ in range(3)))
    touched = [Touched(Change.EVENT, people, ("a", "2")), Touched(Change.ORDER, people), Touched(Change.TAG, people, ("x",))]
    assert following.read(following.spelled(touched, people)) == touched
    standing = Touched(Change.STANDING, people, ("merged",))
    assert following.read(following.spelled([*touched, standing], people)) == [standing]  # it concerns all the others do
