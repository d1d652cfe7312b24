"""`siyu points verify`, as an operator and a script read it."""

from __future__ import annotations

import uvloop

from siyu.api import process
from siyu.api.cli import first
from siyu.domain.kernel import boot
from siyu.domain.kernel.settings import Settings
from siyu.domain.points.tables import PointsAccount
from siyu.schema.relay import encode
from tests import actors
from tests.api.cli.calling import siyu, told
from tests.domain.points.awarded import award
from tests.domain.tags.tagged import people


async def _prepared() -> str:
    """Two with points."""
    await process.made_current(Settings())
    async with boot.running(Settings()) as house:
        await first.start(house)
        ada, eve = await people(actors.staff(), 2)
        for each in (ada, eve):
            await award(actors.staff(), each, 10)
        return encode("Customer", ada)


async def _planted() -> None:
    async with boot.running(Settings()):
        row = await PointsAccount.all().order_by("customer_id").first()
        assert row is not None
        row.balance = 11
        await row.save()


def test_the_ledger_is_proved_and_a_planted_error_named() -> None:
    ada = uvloop.run(_prepared())
    assert told("points", "verify") == {"accounts": 2, "balances": 20, "entries": 20, "faults": []}
    uvloop.run(_planted())
    said = siyu("points", "verify", code=1)
    assert "balances come to 21, entries to 20" in said.stdout
    assert f"{ada}: balance, lots" in said.stderr
