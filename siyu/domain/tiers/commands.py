"""Keeping everybody at their tier: those who earn or spend, those whose time is over, and everybody when tiers change."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final
from uuid import UUID

from siyu.domain import customers, points
from siyu.domain.kernel import clock, database, ids
from siyu.domain.kernel.dialect import Kind, Statement
from siyu.domain.kernel.joining import refreshes
from siyu.domain.kernel.operation import announce, operation, touch
from siyu.domain.kernel.touching import Change
from siyu.domain.tiers.measuring import Ladder, Measured, ladder, measured, page
from siyu.domain.tiers.memory import known, read
from siyu.domain.tiers.rules import Standing
from siyu.domain.tiers.saving import LOCK, ONLY
from siyu.domain.tiers.tables import TierLadder
from siyu.privacy.actor import Actor, Scope

#: Customers of one transaction, and of one look.
BATCH: Final = 500
PAGE: Final = 5_000
#: Announced with the ids of customers who went from one tier to another.
MOVED: Final = "tier_changed"
_CHANGE: Final = {
    "id": Kind.ID, "created_at": Kind.DATETIME, "customer_id": Kind.ID, "was_id": Kind.ID, "became_id": Kind.ID, "at": Kind.DATETIME,
}  # fmt: skip
NOTHING: Final[Mapping[UUID, Standing]] = MappingProxyType({})

Progress = Callable[[int, int], Awaitable[None]]


@operation(Scope.JOBS_RUN)
async def due(actor: Actor) -> bool:
    """Whether the tiers are to be applied to everybody: they were changed since. One statement."""
    row = await TierLadder.get_or_none(id=ONLY)
    return row is not None and row.applied_version != row.version


@operation(Scope.JOBS_RUN)
async def apply(actor: Actor, *, progress: Progress | None = None) -> int:
    """Bring everybody in line with the tiers; how many had moved. Broken off, the next run does the rest; twice is the same as once."""
    row = await TierLadder.get_or_none(id=ONLY)
    by, after, moved, looked = ladder(await read()), None, 0, 0
    while found := await page(by, after, PAGE):
        after, looked = found[-1].customer_id, looked + len(found)
        moved += await _in_batches(actor, [each.customer_id for each in found if by.standing(each) != each.was])
        if progress is not None:
            await progress(looked, looked)
    if row is not None:
        await _applied(actor, row.version)
    return moved


@operation(Scope.JOBS_RUN)
async def lapse(actor: Actor) -> int:
    """Settle those whose time at their tier is over: they keep it for another period, or go down. How many there were."""
    statement = Statement(database.dialect())
    free = "not exists (select 1 from restrictions r where r.customer_id = a.customer_id)"
    rows = await database.rows(
        "select a.customer_id from points_accounts a join customers c on c.id = a.customer_id"  # noqa: S608  # bound values only
        f" where a.tier_until <= {statement.bind(clock.now(), Kind.DATETIME)} and c.merged_into_id is null and {free}",
        statement.args,
    )
    waiting = sorted(UUID(str(row[0])) for row in rows)
    await _in_batches(actor, waiting)
    return len(waiting)


@operation(Scope.JOBS_RUN, writes=True)
async def settle(actor: Actor, customer_ids: Sequence[UUID]) -> int:
    """Put just these customers at their tiers; how many had moved or got another end. At most eight statements."""
    return await _settle(actor, customer_ids)


@refreshes
@operation(writes=True)
async def refresh(actor: Actor, customer_ids: Sequence[UUID]) -> None:
    """The same after points have gone from one of these customers to another. Whoever was merged in brings along a higher tier that still
    holds for some time."""
    rungs = await known(actor)
    if not rungs:
        return
    stands, ranks, now = await customers.hold(actor, customer_ids), {rung.id: rung.rank for rung in rungs}, clock.now()
    brought: dict[UUID, Standing] = {}
    for given in await points.tiers_of(actor, [each for each in customer_ids if stands.get(each, each) != each]):
        holds = given.tier_id in ranks and given.until is not None and given.until > now
        if holds:
            brought[stands[given.customer_id]] = Standing(given.tier_id, given.since, given.until)
    await _settle(actor, customer_ids, brought)


async def _in_batches(actor: Actor, waiting: Sequence[UUID]) -> int:
    moved = 0
    for start in range(0, len(waiting), BATCH):
        moved += await settle(actor, waiting[start : start + BATCH])
    return moved


async def _settle(actor: Actor, customer_ids: Sequence[UUID], brought: Mapping[UUID, Standing] = NOTHING) -> int:
    """Look first, so that nobody waits where nothing is to be written; then again with the accounts held."""
    by = ladder(await read())
    moving = [each.customer_id for each in await measured(by, customer_ids) if _now(by, each, brought) != each.was] if by.rungs else []
    if not moving:
        return 0
    present = sorted(await customers.reserve(actor, moving))
    await points.hold_accounts(actor, present)
    found = [(each, _now(by, each, brought)) for each in await measured(by, present)]
    moved = [(each, now) for each, now in found if now != each.was]
    await points.tiered(actor, [points.TierGiven(each.customer_id, now.tier_id, now.since, now.until) for each, now in moved])
    await _note([(each, now) for each, now in moved if now.tier_id != each.was.tier_id], by)
    return len(moved)


def _now(by: Ladder, found: Measured, brought: Mapping[UUID, Standing]) -> Standing:
    """Where somebody is now, or at the higher tier that was brought along."""
    now, ranks = by.standing(found), {rung.id: rung.rank for rung in by.rungs}
    other = brought.get(found.customer_id, Standing())
    higher = other.tier_id is not None and (now.tier_id is None or ranks.get(other.tier_id, 0) > ranks[now.tier_id])
    return other if higher else now


async def _note(moved: Sequence[tuple[Measured, Standing]], by: Ladder) -> None:
    """Write down who went where, and say so."""
    if not moved:
        return
    rows = [(ids.uuid7(), by.now, each.customer_id, each.was.tier_id, now.tier_id, by.now) for each, now in moved]
    statement = Statement(database.dialect())
    given, names = statement.table("g", _CHANGE, rows), ", ".join(_CHANGE)
    await database.run(f"insert into tier_changes ({names}) select {names} from {given}", statement.args)  # noqa: S608  # bound values only
    people = [each.customer_id for each, _ in moved]
    touch(Change.TIER, people)
    announce(MOVED, *map(str, people))


@operation(Scope.JOBS_RUN, writes=True)
async def _applied(actor: Actor, version: int) -> None:
    await database.alone(LOCK)
    await TierLadder.filter(id=ONLY).update(applied_version=version)
