"""`siyu demo`: invented customers to try things with."""

from __future__ import annotations

from typing import Annotated

import typer

from siyu.api import process
from siyu.api.cli.terminal import AsJson, answer, out, plainly, progress, run, settings
from siyu.domain import demo, lifecycle, scoring, segments
from siyu.domain.demo import Arranged, Sown
from siyu.domain.kernel import boot
from siyu.domain.kernel.settings import Settings
from siyu.privacy.actor import Actor, Purpose, Scope

_SOWER = Actor.worker("command-line", Scope.CUSTOMERS_IMPORT, Scope.ORDERS_IMPORT)
_ARRANGER = Actor.worker(
    "command-line", Scope.TAGS_READ, Scope.TAGS_WRITE, Scope.TAGS_ASSIGN, Scope.SEGMENTS_READ, Scope.SEGMENTS_WRITE, Scope.ORDERS_READ,
    Scope.CUSTOMERS_READ, Scope.CUSTOMER_BIRTHDAY_READ, purpose=Purpose.SERVICE,
)  # fmt: skip
_SCORER = Actor.worker("command-line", Scope.JOBS_RUN)
_BATCH = 500

Customers = Annotated[int, typer.Option("--customers", min=1, max=1_000_000, help="How many customers there shall be.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Other people for another number; the same people for the same.")]


async def _sow(found: Settings, wanted: int, seed: int, *, quiet: bool) -> tuple[Sown, Arranged]:
    await process.made_current(found)
    customers, orders = 0, 0
    async with boot.running(found):
        with progress("Inventing customers", quiet=quiet) as told:
            for first in range(0, wanted, _BATCH):
                count = min(_BATCH, wanted - first)
                sown = await demo.sow(_SOWER, first=first, count=count, seed=seed)
                customers, orders = customers + sown.customers, orders + sown.orders
                told(first + count, wanted)
        await lifecycle.apply(_SCORER)
        if await scoring.due(_SCORER):
            await scoring.score(_SCORER)
        arranged = await demo.arrange(_ARRANGER)
        await segments.evaluate_due(_SCORER)
    return Sown(customers, orders), arranged


@plainly
def command(customers: Customers = 1_000, seed: Seed = 0, as_json: AsJson = False) -> None:
    """Add invented customers with orders, and a few tags and segments where there are none. Who is there already stays as they are."""
    sown, arranged = run(_sow(settings(), customers, seed, quiet=as_json))
    if as_json:
        answer({"customers": sown.customers, "orders": sown.orders, "tags": arranged.tags, "segments": arranged.segments})
    else:
        out.print(f"{sown.customers} customers and {sown.orders} orders were added.")
        if arranged.segments:
            out.print(f"{arranged.tags} tags and {arranged.segments} segments of them are there to look at.")
