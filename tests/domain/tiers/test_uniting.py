"""Tiers of two customers who turn out to be one, and of the parted."""

from __future__ import annotations

from itertools import pairwise

from siyu.domain import tiers
from siyu.domain.kernel.boot import House
from siyu.domain.points.tables import PointsAccount
from siyu.domain.tiers import TierQualification
from siyu.domain.tiers.tables import TierChange
from siyu.privacy.actor import Actor
from tests.domain.scoring.bought import WORKER
from tests.domain.tags.tagged import people
from tests.domain.tags.test_uniting import part, unite
from tests.domain.tiers.test_tiers import earn, settled, spend, wish


async def test_points_of_both_count_and_a_tier_that_still_holds_is_brought_along(house: House, admin: Actor) -> None:
    ada, eve, kim, sam = await people(admin, 4)
    low = await tiers.save(admin, wish(1, 100))
    high = await tiers.save(admin, wish(2, 500, TierQualification.POINTS_IN_WINDOW, window_days=30))
    for who, number in ((ada, 60), (eve, 60), (kim, 500), (sam, 10)):
        await earn(who, number, str(who))
    await spend(kim, 500, "kim")
    await settled()

    async def stands() -> list[object]:
        return [(await PointsAccount.get(customer_id=who)).tier_id for who in (ada, eve, kim, sam)]

    assert await stands() == [None, None, high, None]
    await unite(admin, ada, eve)
    await unite(admin, sam, kim)
    assert (await stands())[::3] == [low, high]
    await part(admin, eve)
    await part(admin, kim)
    await settled()
    assert (await stands())[2] == high
    assert await tiers.apply(WORKER) in (0, 1)
    for who in (ada, eve, kim, sam):
        log = [(row.was_id, row.became_id) for row in await TierChange.filter(customer_id=who).order_by("at", "id")]
        assert all(before[1] == after[0] for before, after in pairwise(log)), log
