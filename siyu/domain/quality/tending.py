"""What happens by itself every day: a plan is made, and the rules that the organisation switched on are run."""

from __future__ import annotations

from siyu.domain.kernel import boot
from siyu.domain.kernel.operation import operation
from siyu.domain.quality import mending, planning, reporting
from siyu.domain.quality.inputs import CleanupRun
from siyu.domain.quality.rules import Rule
from siyu.domain.work import Progress
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Refusal


@operation(Scope.DATA_QUALITY_WRITE)
async def tend(actor: Actor, *, progress: Progress) -> None:
    """Make the day's plan, measure, start what is switched on, and forget old plans."""
    switched = _switched()
    plan_id = await planning.plan_now(actor, progress=progress)
    await reporting.snapshot(actor)
    if switched:
        await mending.run(actor, CleanupRun(plan_id=plan_id, rules=switched))
    await planning.purge(actor)


def _switched() -> list[Rule]:
    """The rules that run by themselves, as the settings say."""
    named = [name.strip() for name in boot.current().settings.cleanup_rules.split(",") if name.strip()]
    unknown = [name for name in named if name not in Rule.__members__]
    if unknown:
        raise Refusal(f"SIYU_CLEANUP_RULES names {unknown[0]}, which is no rule.")
    return planning.mendable([Rule[name] for name in named], ()) if named else []
