"""The jobs of scores and of the lifecycle."""

from __future__ import annotations

from datetime import timedelta

from siyu.domain import lifecycle, orders, scoring
from siyu.domain.customers.tables import ActivityState, Customer, LifecycleStage
from siyu.domain.kernel import clock
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.tables import Outbox
from siyu.domain.lifecycle import LifecyclePolicyUpdate
from siyu.domain.scoring import RfmModelUpdate
from siyu.domain.scoring.tables import RfmScore
from siyu.domain.work.tables import Work
from siyu.jobs import scoring as jobs
from siyu.jobs.queue import JobContext
from siyu.privacy.actor import Actor
from tests.domain.orders.said import batch, order
from tests.domain.scoring.bought import WORKER, bought, days_ago, person, placed

OURS = ("settle_lifecycle", "settle_buyers", "apply_lifecycle", "score_customers")


async def run_due(house: House) -> list[str]:
    """Run our jobs that wait, and forget the others; which they were."""
    rows = [row for row in await Outbox.all().order_by("id") if row.job in OURS]
    await Outbox.all().delete()
    for row in rows:
        await getattr(jobs, row.job)(JobContext(row.id, 1, house), *row.args)
    return [row.job for row in rows]


async def test_an_order_moves_its_customer_within_the_next_job(house: House, admin: Actor) -> None:
    people = [await person() for _ in range(4)]
    await bought(*(placed(key, days_ago(40 + n), 10 + n) for n, key in enumerate(people)))
    await scoring.score(WORKER)
    await lifecycle.apply(WORKER)
    await Outbox.all().delete()
    at = clock.now() - timedelta(hours=1)
    await orders.record(admin, batch(*(order(f"new-{n}", "90", who=7, placed_at=at) for n in range(2))))
    who = await Customer.exclude(id__in=people).get()
    assert (who.lifecycle_stage, await RfmScore.exists(customer_id=who.id)) == (LifecycleStage.PROSPECT, False)
    assert await run_due(house) == ["settle_buyers"], "One job for a batch."
    await who.refresh_from_db()
    assert (who.lifecycle_stage, who.activity) == (LifecycleStage.RETURNING, ActivityState.ACTIVE)
    score = await RfmScore.get(customer_id=who.id)
    assert (score.recency, score.orders_count, score.spent_e4) == (4, 2, 1_800_000)
    await orders.record(admin, batch(*(order(f"new-{n}", "90", who=7, placed_at=at) for n in range(2))))
    assert await run_due(house) == [], "Sent twice, nothing changes, and nobody is moved."


async def test_a_changed_model_and_policy_tell_how_far_they_are(house: House, admin: Actor) -> None:
    people = [await person() for _ in range(3)]
    await bought(*(placed(key, days_ago(5)) for key in people))
    await Outbox.all().delete()
    model = await scoring.update(admin, RfmModelUpdate(bins=4))
    policy = await lifecycle.update(admin, LifecyclePolicyUpdate(new_within_days=3))
    assert sorted(await run_due(house)) == ["apply_lifecycle", "score_customers"]
    for done in (model, policy):
        work = await Work.get(id=done.work_id)
        assert (work.done, work.total) == (3, 3)
    assert {row.lifecycle_stage for row in await Customer.all()} == {LifecycleStage.RETURNING}
    assert {row.recency for row in await RfmScore.all()} == {1}
