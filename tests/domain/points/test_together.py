"""Many who give and take points of the same few people at once, some twice, some broken off in the middle."""

from __future__ import annotations

import asyncio
import random
from uuid import UUID

from siyu.domain.kernel.boot import House
from siyu.domain.points.tables import PointsAccount, PointsEntry, PointsLot
from siyu.privacy.actor import Actor
from siyu.privacy.refusal import Code, Refusal
from tests.domain.points.awarded import award, redeem, reverse, transfer
from tests.domain.points.test_standing import whole
from tests.domain.tags.tagged import people


async def _client(admin: Actor, whom: list[UUID], seed: int, steps: int) -> set[str]:
    """Do `steps` things; the keys of those that were answered."""
    chance, answered = random.Random(seed), set[str]()  # not for secrets
    for step in range(steps):
        key, number = f"{seed}:{step}", chance.randint(1, 40)
        giver, receiver = chance.sample(whom, 2)
        kind = chance.choice(("award", "award", "redeem", "transfer", "reverse"))
        for attempt in range(chance.choice((1, 1, 2))):
            try:
                async with asyncio.timeout(chance.choice((0.004, 60, 60, 60)) if attempt == 0 else 60):
                    if kind == "award":
                        await award(admin, giver, number, key=key)
                    elif kind == "redeem":
                        await redeem(admin, giver, number, key=key)
                    elif kind == "transfer":
                        await transfer(admin, giver, receiver, number, key=key)
                    else:
                        await reverse(admin, await award(admin, giver, number, key=f"first {key}"), key=key)
                    answered.add(key)
            except TimeoutError:
                continue
            except Refusal as refusal:
                assert refusal.code is Code.INSUFFICIENT_POINTS  # noqa: PT017  # the others are errors of ours
    return answered


async def test_many_at_once_leave_the_ledger_whole(house: House, admin: Actor) -> None:
    whom = await people(admin, 4)
    done = await asyncio.gather(*(_client(admin, whom, seed, 12) for seed in range(8)))
    await whole(admin)
    assert sum(map(len, done)) > 40
    assert not await PointsLot.filter(remaining__lt=0).exists()
    for row in await PointsAccount.all():
        numbers = await PointsEntry.filter(account_id=row.id).order_by("sequence").values_list("sequence", "balance_after", "change")
        assert [number for number, _, _ in numbers] == list(range(1, row.last_sequence + 1)), "no gap, nothing twice"
        balance = 0
        for _, after, change in numbers:
            balance += change
            assert after == balance, "each line has the balance of its moment"
