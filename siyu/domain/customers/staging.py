"""At which stage customers are and how active, kept beside each so that lists filter by it. The policy is another noun's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from siyu.domain.customers.tables import ActivityState, LifecycleStage
from siyu.domain.kernel import database
from siyu.domain.kernel.dialect import Kind, Statement
from siyu.domain.kernel.operation import operation
from siyu.privacy.actor import Actor


@dataclass(frozen=True, slots=True)
class StagedGiven:
    """Where one customer is now."""

    customer_id: UUID
    stage: LifecycleStage
    activity: ActivityState


@operation(writes=True)
async def staged(actor: Actor, given: Sequence[StagedGiven]) -> None:
    """Put these in the place of what was, in one statement; the calling operation has checked a scope of its own."""
    if not given:
        return
    statement = Statement(database.dialect())
    rows = [(each.customer_id, each.stage, each.activity) for each in given]
    listed = statement.table("g", {"id": Kind.ID, "stage": Kind.TEXT, "activity": Kind.TEXT}, rows)
    await database.run(
        f"update customers set lifecycle_stage = g.stage, activity = g.activity from {listed} where customers.id = g.id",  # noqa: S608  # bound
        statement.args,
    )
