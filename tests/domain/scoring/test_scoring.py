"""Scores follow ranks, at night for everybody and in between for those who buy; only what differs is written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

import pytest

from siyu.domain import scoring
from siyu.domain.customers.tables import Customer
from siyu.domain.kernel import clock, database, touching
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.inputs import IntRange
from siyu.domain.kernel.tables import Outbox
from siyu.domain.kernel.touching import Change, Touched
from siyu.domain.orders import OrderStatus
from siyu.domain.orders.tables import Order
from siyu.domain.scoring import RfmGroupGiven, RfmModelUpdate
from siyu.domain.scoring.tables import RfmChange, RfmModel, RfmScore
from siyu.domain.work.tables import Work
from siyu.privacy import consent
from siyu.privacy.actor import Actor, Purpose, Role, Scope
from siyu.privacy.refusal import Forbidden, Refusal
from tests import actors
from tests.domain.scoring.bought import WORKER, bought, days_ago, person, placed


async def scores() -> Mapping[UUID, tuple[int, int, int, str]]:
    return {row.customer_id: (row.recency, row.frequency, row.monetary, row.group_name) for row in await RfmScore.all()}


async def ten() -> list[UUID]:
    """Ten customers, the first the least: of the first five all bought once, for the same, on days of their own."""
    people = [await person() for _ in range(10)]
    rows = [placed(key, days_ago(20 - n), 10 + max(0, n - 4)) for n, key in enumerate(people)]
    await bought(*rows, *(placed(key, days_ago(30), 10) for n, key in enumerate(people[5:]) for _ in range(n + 1)))
    return people


async def test_scores_are_ranks_with_ties_kept_together(house: House) -> None:
    people = await ten()
    _never, long_ago, cancelled, unconverted = [await person() for _ in range(4)]
    await bought(
        placed(long_ago, days_ago(400)),
        placed(cancelled, days_ago(3), status=OrderStatus.CANCELLED),
        placed(unconverted, days_ago(21), None),
    )
    assert await scoring.score(WORKER) == 11
    found = await scores()
    # Eleven are ranked: 1 + 5 x those below / 11. Six bought once, and of them one for nothing that is known.
    assert [found[key][:3] for key in (unconverted, *people)] == [
        (1, 1, 1), (1, 1, 1), (1, 1, 1), (2, 1, 1), (2, 1, 1), (3, 1, 1), (3, 3, 3), (4, 4, 4), (4, 4, 4), (5, 5, 5), (5, 5, 5),
    ]  # fmt: skip
    assert found.keys() == {unconverted, *people}
    assert found[people[9]][3] == "Champions"
    stored = await RfmScore.get(customer_id=people[9])
    last = (await Order.filter(customer_id=people[9]).order_by("-placed_at"))[0].placed_at
    assert (stored.orders_count, stored.spent_e4, stored.last_ordered_at) == (6, 650_000, last)
    assert len(await RfmChange.all()) == 11
    with database.counting() as count:
        assert await scoring.score(WORKER) == 0
    assert len(count) <= 9, "Nothing differs: ranks and cuts are worked out, nothing is written of anybody."
    assert len(await RfmChange.all()) == 11
    model = await RfmModel.get()
    assert (model.scored_version, model.version) == (0, 0)
    assert model.cuts is not None
    assert not await scoring.due(WORKER)


async def test_who_buys_is_scored_by_the_last_ranks_at_once(house: House) -> None:
    people = await ten()
    await bought(placed(people[0], days_ago(1), 90))
    assert await scoring.settle(WORKER, people) == 0, "None is ranked."
    await scoring.score(WORKER)
    before = await scores()
    await bought(placed(people[1], days_ago(0), 90), placed(people[1], days_ago(0), 90))
    with database.counting() as count:
        due = await touching.followed([Touched(Change.ORDER, (people[1], people[2])), Touched(Change.PROFILE, (people[3],))])
    assert not [sql for sql in count.statements if "rfm" in sql or "orders" in sql], "The write asks nothing, the job does."
    assert [each.args for each in due if each.job == "settle_buyers"] == [(str(people[1]), str(people[2]))]
    assert await scoring.settle(WORKER, [people[1]]) == 1
    after = await scores()
    assert after[people[1]][:3] == (5, 4, 5)
    assert {**after, people[1]: None} == {**before, people[1]: None}
    told = await RfmChange.filter(customer_id=people[1]).order_by("id")
    assert [(row.recency, row.group_name) for row in told] == [(before[people[1]][0], before[people[1]][3]), (5, after[people[1]][3])]
    assert await scoring.settle(WORKER, [people[1]]) == 0, "Twice is the same as once."
    await Order.filter(customer_id=people[1]).update(status=OrderStatus.CANCELLED)
    assert await scoring.settle(WORKER, [people[1]]) == 1
    assert people[1] not in await scores()
    assert (await RfmChange.filter(customer_id=people[1]).order_by("-id"))[0].recency is None


async def test_objecting_merged_and_restricted_people(house: House, admin: Actor) -> None:
    """Who objected to analytics is not ranked, who restricted processing is left as is, who was merged has no scores."""
    people = await ten()
    await consent.record(admin, people[9], Purpose.ANALYTICS, granted=False, channel="test")
    await scoring.score(WORKER)
    assert people[9] not in await scores()
    before = (await scores())[people[8]]
    await consent.restrict(admin, people[8], reason="TEST")
    await consent.record(admin, people[7], Purpose.ANALYTICS, granted=False, channel="test")
    await bought(placed(people[8], days_ago(0), 9_000))
    await Customer.filter(id=people[6]).update(merged_into_id=people[5])
    await scoring.score(WORKER)
    assert (await scores()).keys() == {*people[:6], people[8]}
    assert (await scores())[people[8]] == before


async def test_a_merge_scores_the_one_who_is_left(house: House) -> None:
    people = await ten()
    await scoring.score(WORKER)
    await Order.filter(customer_id=people[0]).update(customer_id=people[1])
    await Customer.filter(id=people[0]).update(merged_into_id=people[1])
    await scoring.refresh(actors.worker(), people[:2])
    found = await scores()
    assert people[0] not in found
    assert found[people[1]][:3] == (1, 3, 1), "Two orders for 20 in all, by the ranks of before."


async def test_a_new_model_is_scored_by_a_job(house: House, admin: Actor) -> None:
    people = await ten()
    await scoring.score(WORKER)
    await Outbox.all().delete()
    whole = IntRange()
    halves = [
        RfmGroupGiven(name="Upper", recency=IntRange(min=2), frequency=whole, monetary=whole),
        RfmGroupGiven(name="Lower", recency=IntRange(max=1), frequency=IntRange(max=2), monetary=whole),
    ]
    done = await scoring.update(admin, RfmModelUpdate(bins=3, groups=halves, window_days=18))
    assert done.work_id is not None
    assert await Outbox.filter(job="score_customers").count() == 1
    assert done.standing.warnings[0].startswith("3 of 27 cells fit no group")
    assert done.standing.warnings[1].startswith("The model was changed")
    assert (await RfmScore.get(customer_id=people[9])).recency == 5, "Scores stay until the job has run."
    assert await scoring.settle(WORKER, people) == 0
    assert await scoring.due(WORKER)
    await scoring.score(WORKER)
    found = await scores()
    assert found.keys() == set(people[2:]), "Eighteen days and today: the orders of the first two are too old."
    assert {value[3] for value in found.values()} == {"Upper", "Lower"}
    told = {row.customer_id: (row.recency, row.frequency, row.monetary, row.group_name) for row in await RfmChange.all().order_by("id")}
    assert told == {**dict.fromkeys(people, (None,) * 4), **found}, "Everybody's last line is what is stored."
    assert await RfmChange.all().count() == 20, "A line each time."
    standing = await scoring.standing(admin)
    assert sum(count for _, count in standing.groups) == sum(count for _, count in standing.cells) == 8
    assert standing.warnings == ["3 of 27 cells fit no group and are “Other”, the first of them (1, 3, 1)."]
    again = await scoring.update(admin, RfmModelUpdate(bins=3))
    assert again.work_id is None
    assert (await Work.all().count(), (await RfmModel.get()).version) == (1, 1)


async def test_what_is_refused_changes_nothing(house: House, admin: Actor) -> None:
    with pytest.raises(Refusal):
        await scoring.update(admin, RfmModelUpdate(bins=2))
    for actor in (actors.staff(Role.ANALYST), actors.holder(Scope.SEGMENTS_WRITE), actors.holder(Scope.ORDERS_READ)):
        with pytest.raises(Forbidden):
            await scoring.update(actor, RfmModelUpdate(bins=4))
    with pytest.raises(Forbidden):
        await scoring.score(admin)
    assert await RfmModel.all().count() == await Work.all().count() == 0
    assert await scoring.model(admin) == (await scoring.standing(admin)).model


async def test_a_partner_learns_of_no_group_under_ten(house: House, admin: Actor) -> None:
    people = [await person() for _ in range(14)]
    # Eleven alike, and three who bought lately.
    await bought(*(placed(key, days_ago(9 if n < 11 else 2)) for n, key in enumerate(people)))
    await scoring.score(WORKER)
    partner = await scoring.standing(actors.holder(Scope.ORDERS_READ))
    own = await scoring.standing(admin)
    assert sorted(count for _, count in own.cells) == [3, 11]
    assert [count for _, count in partner.cells] == [11]
    assert sorted(count for _, count in partner.groups if count) == [11]
    none = await scoring.standing(actors.staff(Role.MARKETER))
    assert (none.cells, {count for _, count in none.groups}) == ([], {0}), "Nobody consented to marketing."


async def test_another_day_is_another_scoring_and_so_are_the_first_buyers(house: House) -> None:
    await scoring.score(WORKER)
    await ten()
    assert await scoring.due(WORKER), "nobody was ranked, so nobody who buys could be scored before midnight"
    await scoring.score(WORKER)
    assert not await scoring.due(WORKER)
    await RfmModel.all().update(scored_at=clock.now() - timedelta(days=1))
    assert await scoring.due(WORKER)
