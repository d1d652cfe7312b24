"""Changing the policy, applying it to everybody, and keeping the place of those who buy or do something."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from siyu.domain import customers, orders, work
from siyu.domain.customers import LifecycleStage
from siyu.domain.kernel import clock, database, days, ids
from siyu.domain.kernel.dialect import Statement
from siyu.domain.kernel.joining import refreshes
from siyu.domain.kernel.operation import operation, touch
from siyu.domain.kernel.touching import Change
from siyu.domain.lifecycle.rules import DEFAULT, LifecyclePolicyUpdate, Policy, changed
from siyu.domain.lifecycle.staging import Found, Staged, became, differing, moved, placed
from siyu.domain.lifecycle.tables import LifecyclePolicy
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.reach import reach
from siyu.privacy.small import parts

#: Customers of one transaction.
BATCH: Final = 5_000
#: The job that applies the policy to everybody, by its name.
JOB: Final = "apply_lifecycle"
#: Whoever changes the policy has it alone.
_LOCK: Final = "lifecycle policy"
_ONLY: Final = 1
# A person's sums are worked out anew before their stage is: what orders registered for merges comes first.
_BEFORE: Final = orders.refresh

Progress = Callable[[int, int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Standing:
    """The policy, and how many people of the actor's purpose are at each stage."""

    policy: Policy
    counts: Sequence[tuple[LifecycleStage, int]]


@dataclass(frozen=True, slots=True)
class Updated:
    """The policy as it is now, and the work that applies it to everybody; None where nothing changed."""

    standing: Standing
    work_id: UUID | None


@operation(Scope.ORDERS_READ)
async def standing(actor: Actor) -> Standing:
    """The policy and its counts, every stage among them; to an access token small ones are none: see `small.parts`."""
    statement = Statement(database.dialect())
    reached = (await reach(actor.purpose)).condition("t.id", statement.bind)
    found = await database.rows(
        "select t.lifecycle_stage, count(*) from customers t where t.merged_into_id is null"  # noqa: S608  # bound values only
        f"{' and ' + reached if reached else ''} group by t.lifecycle_stage",
        statement.args,
    )
    counts = dict.fromkeys(LifecycleStage, 0) | {LifecycleStage(row[0]): int(row[1]) for row in found}
    return Standing(await _policy(), list(parts(actor, counts).items()))


@operation(Scope.SEGMENTS_WRITE, Scope.ORDERS_READ, writes=True)
async def update(actor: Actor, wish: LifecyclePolicyUpdate) -> Updated:
    """Change the policy; a job applies it to everybody. Wished for as it is, nothing happens. Raises all that does not fit at once."""
    await database.alone(_LOCK)
    now = await _policy()
    then = changed(now, wish)
    if then == now:
        return Updated(await standing(actor), None)
    await _keep(then, version=now.version + 1)
    work_id = await work.start(actor, JOB)
    return Updated(await standing(actor), work_id)


@operation()
async def due(actor: Actor) -> bool:
    """Whether the policy is to be applied to everybody (again): never done, it was changed, or another day has begun. One statement."""
    row = await LifecyclePolicy.get_or_none(id=_ONLY)
    if row is None or row.applied_at is None or row.applied_version != row.version:
        return True
    return row.applied_at < days.ago(0, at=clock.now(), zone=days.here())


@operation(Scope.JOBS_RUN)
async def apply(actor: Actor, *, progress: Progress | None = None) -> int:
    """Bring everybody's stage and activity in line with policy and calendar; how many customers had moved.

    Broken off, the next run goes on with what is left. Twice is the same as once.
    """
    by = await _by()
    statement = Statement(database.dialect())
    waiting = sorted(ids.read(row[0]) for row in await database.rows(differing(statement, by), statement.args))
    for start in range(0, len(waiting), BATCH):
        await settle(actor, waiting[start : start + BATCH])
        if progress is not None:
            await progress(min(start + BATCH, len(waiting)), len(waiting))
    await _applied(actor, by.policy, by.now)
    return len(waiting)


@operation(Scope.JOBS_RUN, writes=True)
async def settle(actor: Actor, customer_ids: Sequence[UUID]) -> int:
    """Bring stage and activity of just these customers in line; how many had moved. A few statements."""
    return await _settle(actor, customer_ids)


@refreshes
@operation(writes=True)
async def refresh(actor: Actor, customer_ids: Sequence[UUID]) -> None:
    """The same after rows have gone from one of these customers to another."""
    await _settle(actor, customer_ids)


@operation()
async def places(actor: Actor, customer_ids: Sequence[UUID]) -> list[Found]:
    """Where these customers were when they were last settled, and are now. Two statements."""
    return await placed(await _by(), customer_ids)


async def _settle(actor: Actor, customer_ids: Sequence[UUID]) -> int:
    await customers.reserve(actor, customer_ids)
    by = await _by()
    gone = await moved(by, customer_ids)
    if gone:
        statement = Statement(database.dialect())
        await customers.staged(actor, statement, became(statement, by, gone))
        touch(Change.LIFECYCLE, gone)
    return len(gone)


async def _policy() -> Policy:
    row = await LifecyclePolicy.get_or_none(id=_ONLY)
    if row is None:
        return DEFAULT
    return Policy(row.new_within_days, row.loyal_orders, row.silent_after_days, row.churned_after_days, row.version)


async def _by() -> Staged:
    return Staged(await _policy(), clock.now(), days.here())


async def _keep(policy: Policy, *, version: int) -> None:
    names = ("new_within_days", "loyal_orders", "silent_after_days", "churned_after_days")
    row = LifecyclePolicy(id=_ONLY, version=version, **{name: getattr(policy, name) for name in names})
    await LifecyclePolicy.bulk_create([row], on_conflict=["id"], update_fields=[*names, "version"])


@operation(Scope.JOBS_RUN, writes=True)
async def _applied(actor: Actor, policy: Policy, at: datetime) -> None:
    await database.alone(_LOCK)
    if await _policy() == DEFAULT == policy:
        await _keep(policy, version=policy.version)
    await LifecyclePolicy.filter(id=_ONLY, version=policy.version).update(applied_at=at, applied_version=policy.version)
