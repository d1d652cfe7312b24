"""Running a plan: each customer in it is looked at again, and mended where the rule still finds something.

Killed at any moment, it goes on after the last batch that was committed; nobody is mended twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final, cast
from uuid import UUID

from siyu.domain import customers, duplicates, work
from siyu.domain.customers import AddressGiven, CustomerUpdate, Derived
from siyu.domain.kernel import boot, clock, database
from siyu.domain.kernel.operation import operation
from siyu.domain.quality import opened, rules
from siyu.domain.quality.inputs import CleanupRun
from siyu.domain.quality.planning import mendable
from siyu.domain.quality.rules import LINES, Changes, Rule, Stored
from siyu.domain.quality.tables import CleanupItem, CleanupPlan, CleanupStep, ItemState, PlanState, QualityFinding
from siyu.domain.work import Progress, WorkState
from siyu.privacy import audit
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, NotFound, Refusal

#: Customers a transaction.
STEP: Final = 200

_JOB: Final = "run_cleanup"
_PATH: Final = ("input", "plan_id")
_OVER: Final = frozenset({WorkState.SUCCEEDED, WorkState.FAILED, WorkState.CANCELLED})
_DERIVED: Final = frozenset({Rule.AGE_BAND, Rule.BIRTH_MONTH})


@operation(Scope.DATA_QUALITY_WRITE, writes=True)
async def run(actor: Actor, wish: CleanupRun) -> UUID:
    """Have a job do what the plan says, or the named rules of it; the work's id. Nothing new is started while it runs, or is done."""
    made = await CleanupPlan.get_or_none(id=wish.plan_id)
    if made is None:
        raise NotFound("There is no such plan.", path=_PATH)
    named = mendable(wish.rules, ("input", "rules"))
    if made.state is PlanState.PREPARING:
        raise Refusal("This plan is not ready yet.", path=_PATH, code=Code.WRONG_STATE)
    if made.expires_at < clock.now():
        raise Refusal("This plan is too old: make another.", path=_PATH, code=Code.EXPIRED)
    if made.state is PlanState.RUN and made.work_id is not None:
        running = await work.find(actor, made.work_id)
        left = await CleanupItem.exists(step_id__in=await _steps(made.id, named), state=ItemState.WAITING)
        if not left or (running is not None and running.state not in _OVER):
            return made.work_id
    codes = [rule.value for rule in named] if wish.rules else []
    made.work_id = await work.start(actor, _JOB, str(made.id), *codes)
    made.state = PlanState.RUN
    await made.save(update_fields=["work_id", "state"])
    await audit.record(actor, "cleanup.started", detail={"plan": str(made.id), "rules": ",".join(named)})
    return made.work_id


async def _steps(plan_id: UUID, named: Collection[Rule]) -> list[UUID]:
    return [UUID(str(each)) for each in await CleanupStep.filter(plan_id=plan_id, rule__in=[*named]).values_list("id", flat=True)]


@operation(Scope.DATA_QUALITY_WRITE)
async def carry_out(actor: Actor, plan_id: UUID, named: Sequence[Rule], *, progress: Progress) -> None:
    """Mend what is left of the plan, by the named rules or all. Twice is the same as once."""
    steps = [step for step in await CleanupStep.filter(plan_id=plan_id).order_by("position") if not named or step.rule in named]
    total, done = sum(step.rows for step in steps), sum(step.mended + step.left for step in steps)
    for step in steps:
        while items := await CleanupItem.filter(step_id=step.id, state=ItemState.WAITING).order_by("id").limit(STEP):
            await _batch(actor, step, items)
            done += len(items)
            await progress(done, max(done, total))


@operation(Scope.DATA_QUALITY_WRITE, writes=True)
async def _batch(actor: Actor, step: CleanupStep, items: Sequence[CleanupItem]) -> None:
    """Look again, mend, and note what became of each, in one transaction."""
    people = [item.customer_id for item in items]
    mended = await (_forget_tokens(actor, people) if step.rule is Rule.STALE_TOKENS else _mend(actor, step.rule, people))
    states = {item.id: ItemState.MENDED if item.customer_id in mended else ItemState.LEFT for item in items}
    for state in ItemState:
        await CleanupItem.filter(id__in=[key for key, became in states.items() if became is state], state=ItemState.WAITING).update(
            state=state
        )
    counts = Counter(states.values())
    step.mended, step.left = step.mended + counts[ItemState.MENDED], step.left + counts[ItemState.LEFT]
    await CleanupStep.filter(id=step.id).update(mended=step.mended, left=step.left)
    await QualityFinding.filter(rule=step.rule, customer_id__in=[*mended]).delete()
    if mended:
        await audit.record(actor, "cleanup.mended", subjects=mended, detail={"plan": str(step.plan_id), "rule": step.rule.value})


async def _forget_tokens(actor: Actor, people: Sequence[UUID]) -> set[UUID]:
    stale = {*await duplicates.stale_tokens(actor)} & {*people}
    await duplicates.forget_tokens(actor, [*stale])
    return stale


async def _mend(actor: Actor, rule: Rule, people: Sequence[UUID]) -> set[UUID]:
    """Whom the rule still found something with, and could put right."""
    settings = boot.current().settings
    await customers.hold(actor, people)
    stored = await opened.stored(actor, people)
    today = clock.today(settings.timezone)
    changes = {each: found for each, has in stored.items() if (found := rules.wrong(has, region=settings.region, today=today).get(rule))}
    if rule in _DERIVED:
        await customers.derive(actor, [_derived(each, stored[each], found) for each, found in changes.items()])
        return {*changes}
    return {each for each, found in changes.items() if await _update(actor, each, found)}


def _derived(customer_id: UUID, stored: Stored, changes: Changes) -> Derived:
    after = replace(stored, **changes)  # type: ignore[arg-type]  # columns of it
    return Derived(customer_id, after.birth_month, after.age_band)


async def _update(actor: Actor, customer_id: UUID, changes: Changes) -> bool:
    """Write what was respelled. False where another customer is known by it, or it fits no field any more: then nothing is changed."""
    lines = {name: cast("str | None", changes[name]) for name in LINES if name in changes}
    rest = {name: cast("str | None", value) for name, value in changes.items() if name not in lines}
    change = CustomerUpdate(id=customer_id, **rest, **({"address": AddressGiven(**lines)} if lines else {}))  # type: ignore[arg-type]  # texts
    try:
        async with database.transaction():
            await customers.update(actor, change)
    except Refusal:
        return False
    return True
