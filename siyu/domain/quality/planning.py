"""Planning a clean-up: what it would mend, written down before it does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from siyu.domain import work
from siyu.domain.kernel import clock, database, ids
from siyu.domain.kernel.dialect import Kind, encode
from siyu.domain.kernel.operation import operation
from siyu.domain.quality import inspecting
from siyu.domain.quality.inputs import CleanupPlanMake
from siyu.domain.quality.rules import MENDS, Rule
from siyu.domain.quality.tables import CleanupItem, CleanupPlan, CleanupStep, ItemState, PlanState, QualityFinding
from siyu.domain.work import Progress
from siyu.privacy import audit
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Refusal

#: A plan can be run for so long; it is kept for longer, to be looked at.
RUN_WITHIN: Final = timedelta(days=7)
KEPT: Final = timedelta(days=30)

_JOB: Final = "plan_cleanup"
_BATCH: Final = 1_000


@operation(Scope.DATA_QUALITY_WRITE, writes=True)
async def plan(actor: Actor, wish: CleanupPlanMake) -> UUID:
    """Have a job look at whatever changed, and write down what a clean-up would mend. Nothing is mended. The plan's id."""
    made = await _opened(actor, wish)
    made.work_id = await work.start(actor, _JOB, str(made.id))
    await made.save(update_fields=["work_id"])
    return made.id


@operation(Scope.DATA_QUALITY_WRITE)
async def plan_now(actor: Actor, *, progress: Progress) -> UUID:
    """Make a plan of all that can be mended, here and now: for a job. The plan's id."""
    made = await _opened(actor, CleanupPlanMake())
    await prepare(actor, made.id, progress=progress)
    return made.id


@operation(Scope.DATA_QUALITY_WRITE, writes=True)
async def _opened(actor: Actor, wish: CleanupPlanMake) -> CleanupPlan:
    wished = mendable(wish.rules, ("input", "rules"))
    made = CleanupPlan(wished=[rule.value for rule in wished] if wish.rules else None, expires_at=clock.now() + RUN_WITHIN)
    await made.save(force_create=True)
    await audit.record(actor, "cleanup.planned", detail={"plan": str(made.id)})
    return made


def mendable(named: Sequence[Rule] | None, path: tuple[str, ...]) -> list[Rule]:
    """The rules in their order, all where none is named; refuses what only a customer can put right."""
    unknown = [rule for rule in named or () if rule not in MENDS]
    if unknown:
        raise Refusal(f"{unknown[0]} can't be mended by rule: ask the customer.", path=path)
    return [rule for rule in MENDS if not named or rule in named]


@operation(Scope.DATA_QUALITY_WRITE)
async def prepare(actor: Actor, plan_id: UUID, *, progress: Progress) -> None:
    """Inspect what changed, then fill the plan from what was found. A plan that is filled is left alone."""
    await inspecting.inspect(actor, progress=progress)
    await _fill(actor, plan_id)


@operation(Scope.DATA_QUALITY_WRITE, writes=True)
async def _fill(actor: Actor, plan_id: UUID) -> None:
    if not await CleanupPlan.filter(id=plan_id, state=PlanState.PREPARING).update(state=PlanState.READY):
        return
    made = await CleanupPlan.get(id=plan_id)
    rules = [Rule(each) for each in made.wished] if made.wished is not None else list(MENDS)
    for position, rule in enumerate(rules):
        found = [UUID(str(each)) for each in await QualityFinding.filter(rule=rule).order_by("id").values_list("customer_id", flat=True)]
        if found:
            step = await CleanupStep.create(plan_id=plan_id, position=position, rule=rule, rows=len(found))
            for start in range(0, len(found), _BATCH):
                await _add(step.id, found[start : start + _BATCH])


async def _add(step_id: UUID, customer_ids: Sequence[UUID]) -> None:
    dialect = database.dialect()
    step = encode(dialect, Kind.ID, step_id)
    await database.run_many(
        f"insert into {CleanupItem._meta.db_table} (id, step_id, customer_id, state) values ({database.marks(1, 4)})",  # noqa: S608  # marks only
        [(encode(dialect, Kind.ID, ids.uuid7()), step, encode(dialect, Kind.ID, each), ItemState.WAITING.value) for each in customer_ids],
    )


@operation(Scope.DATA_QUALITY_WRITE, writes=True)
async def purge(actor: Actor) -> None:
    """Forget plans that are older than `KEPT`."""
    old = [UUID(str(each)) for each in await CleanupPlan.filter(created_at__lt=clock.now() - KEPT).values_list("id", flat=True)]
    if old:
        steps = [UUID(str(each)) for each in await CleanupStep.filter(plan_id__in=old).values_list("id", flat=True)]
        await CleanupItem.filter(step_id__in=steps).delete()
        await CleanupStep.filter(id__in=steps).delete()
        await CleanupPlan.filter(id__in=old).delete()
