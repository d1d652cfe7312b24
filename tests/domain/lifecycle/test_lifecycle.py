"""Stage and activity follow orders, events and the calendar; only who moves is written, and each move is recorded."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import time_machine

from siyu.domain import lifecycle
from siyu.domain.customers import ActivityState, LifecycleStage
from siyu.domain.customers.tables import Customer
from siyu.domain.events.tables import Event
from siyu.domain.kernel import clock, database, days, ids, touching
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.tables import Outbox
from siyu.domain.kernel.touching import Change, Touched
from siyu.domain.lifecycle import LifecyclePolicyUpdate
from siyu.domain.lifecycle.rules import DEFAULT, Policy
from siyu.domain.lifecycle.tables import Axis, LifecycleChange, LifecyclePolicy
from siyu.domain.orders import OrderStatus
from siyu.domain.orders.tables import Order
from siyu.domain.work.tables import Work
from siyu.privacy import consent
from siyu.privacy.actor import Actor, Role, Scope
from siyu.privacy.refusal import Forbidden, Refusal
from tests import actors
from tests.domain.scoring.bought import WORKER, bought, days_ago, person, placed

ZONE = ZoneInfo("Asia/Shanghai")
Place = tuple[str, str]


async def did(*moments: tuple[UUID, datetime]) -> None:
    """Events, as rows."""
    rows = [
        Event(customer_id=who, name="viewed", occurred_at=at, key=ids.uuid7().bytes * 2, content=b"", properties={})
        for who, at in moments
    ]  # fmt: skip
    await Event.bulk_create(rows)


async def places() -> dict[UUID, Place]:
    return {row.id: (row.lifecycle_stage.value, row.activity.value) for row in await Customer.all()}


async def moves(of: UUID) -> list[tuple[str, str, str]]:
    return [(row.axis.value, row.was, row.became) for row in await LifecycleChange.filter(customer_id=of).order_by("id")]


def plainly(policy: Policy, made: datetime, ordered: Sequence[datetime], acted: Sequence[datetime]) -> Place:
    """By the words of docs/scoring.md."""

    def ago(moment: datetime) -> int:
        return (clock.now().astimezone(ZONE).date() - moment.astimezone(ZONE).date()).days

    if not ordered:
        stage = LifecycleStage.PROSPECT
    elif len(ordered) >= policy.loyal_orders:
        stage = LifecycleStage.LOYAL
    else:
        new = len(ordered) == 1 and ago(ordered[0]) <= policy.new_within_days
        stage = LifecycleStage.NEW if new else LifecycleStage.RETURNING
    since = ago(max([*ordered, *acted], default=made))
    if since < policy.silent_after_days:
        return stage.value, ActivityState.ACTIVE.value
    return stage.value, (ActivityState.SILENT if since < policy.churned_after_days else ActivityState.CHURNED).value


async def test_everybody_is_where_the_words_of_the_policy_put_them(house: House, admin: Actor) -> None:
    await lifecycle.update(admin, LifecyclePolicyUpdate(new_within_days=6, loyal_orders=3, silent_after_days=2, churned_after_days=5))
    policy = Policy(6, 3, 2, 5)
    chance = random.Random(7)
    midnight = days.begins(clock.now().astimezone(ZONE).date(), ZONE)
    edges = [midnight - timedelta(days=n, microseconds=before) for n in range(7) for before in (0, 1)]
    want, rows, acts = {}, [], []
    for _ in range(120):
        made, ordered = chance.choice(edges), chance.sample(edges, chance.choice([0, 0, 1, 1, 2, 3, 4]))
        acted = chance.sample(edges, chance.choice([0, 0, 1, 2]))
        key = await person(created_at=made)
        want[key] = plainly(policy, made, ordered, acted)
        rows += [placed(key, at) for at in ordered] + [placed(key, clock.now(), status=OrderStatus.CANCELLED)]
        acts += [(key, at) for at in acted]
    await bought(*rows)
    await did(*acts)
    moving = {key for key, place in want.items() if place != ("PROSPECT", "ACTIVE")}
    assert await lifecycle.apply(WORKER) == len(moving)
    assert await places() == want
    assert len(set(want.values())) >= 11, "Nearly all combinations."
    assert {row.customer_id for row in await LifecycleChange.all()} == moving
    with database.counting() as count:
        assert await lifecycle.apply(WORKER) == 0
    assert not [sql for sql in count.statements if "customers" in sql and sql.startswith("update")]
    assert not await lifecycle.due(WORKER)


async def test_orders_and_events_move_people_at_once(house: House) -> None:
    one, other = await person(created_at=days_ago(400)), await person(created_at=days_ago(400))
    await lifecycle.apply(WORKER)
    assert set((await places()).values()) == {("PROSPECT", "CHURNED")}
    await did((one, days_ago(0)), (other, days_ago(300)))
    events = [Touched(Change.EVENT, (one, other), ("viewed",))]
    due = await touching.followed(events)
    assert [(each.job, each.args) for each in due if each.job == "settle_lifecycle"] == [("settle_lifecycle", (str(one),))]
    assert await lifecycle.settle(WORKER, [one]) == 1
    await bought(placed(one, days_ago(1)))
    due = await touching.followed([Touched(Change.ORDER, (one,)), *events])
    assert "settle_lifecycle" not in {each.job for each in due}, "Whoever bought is settled with their scores."
    assert await lifecycle.settle(WORKER, [one, other]) == 1
    assert await places() == {one: ("NEW", "ACTIVE"), other: ("PROSPECT", "CHURNED")}
    assert await moves(one) == [("ACTIVITY", "ACTIVE", "CHURNED"), ("ACTIVITY", "CHURNED", "ACTIVE"), ("STAGE", "PROSPECT", "NEW")]
    assert await lifecycle.settle(WORKER, [one, other]) == 0, "Twice is the same as once."
    await touching.followed([Touched(Change.EVENT, (one,))])
    with database.counting() as count:
        await touching.followed([Touched(Change.EVENT, (one,)), Touched(Change.PROFILE, (other,))])
    assert [sql for sql in count.statements if "activity" in sql] == [], "Known to be active: another event makes no difference."


async def test_time_moves_people_at_midnight(house: House) -> None:
    who = await person()
    await bought(placed(who, days_ago(0)))
    await lifecycle.apply(WORKER)
    assert await places() == {who: ("NEW", "ACTIVE")}
    today = days.day_of(clock.now(), ZONE)
    way = {
        30: ("NEW", "ACTIVE"), 31: ("RETURNING", "ACTIVE"), 89: ("RETURNING", "ACTIVE"), 90: ("RETURNING", "SILENT"),
        179: ("RETURNING", "SILENT"), 180: ("RETURNING", "CHURNED"),
    }  # fmt: skip
    for after, place in way.items():
        with time_machine.travel(days.begins(today + timedelta(days=after), ZONE), tick=False):
            assert await lifecycle.due(WORKER)
            await lifecycle.apply(WORKER)
            assert await places() == {who: place}, after
            assert not await lifecycle.due(WORKER)
    assert len(await moves(who)) == 4


async def test_merged_and_restricted_people_stay(house: House, admin: Actor) -> None:
    kept, merged, restricted = [await person() for _ in range(3)]
    await bought(placed(merged, days_ago(3)), placed(kept, days_ago(2)), placed(restricted, days_ago(1)))
    await consent.restrict(admin, restricted, reason="TEST")
    await lifecycle.apply(WORKER)
    assert (await places())[restricted] == ("PROSPECT", "ACTIVE")
    await Order.filter(customer_id=merged).update(customer_id=kept)
    await Customer.filter(id=merged).update(merged_into_id=kept)
    await Customer.filter(id=kept).update(orders_count=2)
    await lifecycle.refresh(actors.worker(), [kept, merged])
    assert await places() == {kept: ("RETURNING", "ACTIVE"), merged: ("NEW", "ACTIVE"), restricted: ("PROSPECT", "ACTIVE")}
    assert await moves(merged) == [("STAGE", "PROSPECT", "NEW")]


async def test_a_new_policy_is_applied_by_a_job(house: House, admin: Actor) -> None:
    who = await person()
    await bought(placed(who, days_ago(10)))
    await lifecycle.apply(WORKER)
    done = await lifecycle.update(admin, LifecyclePolicyUpdate(new_within_days=5))
    assert done.work_id is not None
    assert (done.standing.policy.new_within_days, dict(done.standing.counts)[LifecycleStage.NEW]) == (5, 1)
    assert [row.job for row in await Outbox.filter(job="apply_lifecycle")] == ["apply_lifecycle"]
    assert await lifecycle.due(WORKER)
    await lifecycle.apply(WORKER)
    assert await places() == {who: ("RETURNING", "ACTIVE")}
    assert (await lifecycle.update(admin, LifecyclePolicyUpdate(new_within_days=5, loyal_orders=None))).work_id is None
    assert await Work.all().count() == 1
    partner = await lifecycle.standing(actors.holder(Scope.ORDERS_READ))
    assert [count for _, count in partner.counts] == [0, 0, 0, 0], "One is fewer than ten."
    for stage, count in ((LifecycleStage.PROSPECT, 12), (LifecycleStage.LOYAL, 11)):
        await Customer.bulk_create([Customer(lifecycle_stage=stage) for _ in range(count)])
    partner = await lifecycle.standing(actors.holder(Scope.ORDERS_READ))
    assert [count for _, count in partner.counts] == [12, 0, 0, 0], "Whoever knows the sum must not learn of the one."


async def test_what_is_refused_changes_nothing(house: House, admin: Actor) -> None:
    with pytest.raises(Refusal):
        await lifecycle.update(admin, LifecyclePolicyUpdate(loyal_orders=1))
    for actor in (actors.staff(Role.ANALYST), actors.holder(Scope.SEGMENTS_WRITE)):
        with pytest.raises(Forbidden):
            await lifecycle.update(actor, LifecyclePolicyUpdate(loyal_orders=4))
    with pytest.raises(Forbidden):
        await lifecycle.apply(admin)
    with pytest.raises(Forbidden):
        await lifecycle.standing(actors.holder(Scope.CUSTOMERS_READ))
    assert await LifecyclePolicy.all().count() == await Work.all().count() == await LifecycleChange.all().count() == 0
    assert (await lifecycle.standing(admin)).policy == DEFAULT
    assert {axis.value for axis in Axis} == {"STAGE", "ACTIVITY"}
