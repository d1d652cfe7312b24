"""What can be read of clean-ups."""

from __future__ import annotations

from siyu.domain.kernel.dialect import Kind
from siyu.domain.kernel.reading import Derived, Many, One, Order, Source
from siyu.domain.quality.rules import MENDS, Rule
from siyu.domain.quality.tables import CleanupItem, CleanupPlan, CleanupStep
from siyu.privacy.actor import Scope


def _does(rule: str) -> str:
    return MENDS[Rule(rule)]


CLEANUP_PLAN = Source(
    "DataCleanupPlan",
    table=CleanupPlan,
    scope=Scope.DATA_QUALITY_READ,
    description="What a clean-up would mend, written down before it does. Exactly this is run; each customer is looked at again first.",
    columns=("state", "created_at", "expires_at"),
    internal=("work_id",),
    more=(
        One("job", "Job", via="work_id", description="How far its preparing or its running is."),
        Many("steps", "DataCleanupStep", by="plan_id", sort="POSITION_ASC", description="What would be mended, a step a rule."),
    ),
)

CLEANUP_STEP = Source(
    "DataCleanupStep",
    table=CleanupStep,
    scope=Scope.DATA_QUALITY_READ,
    description="One rule of a plan.",
    columns=("rule", "rows", "mended", "left"),
    internal=("plan_id", "position"),
    more=(
        Derived("does", Kind.TEXT, needs=("rule",), compute=_does, description="What the rule does, in a sentence.", nullable=False),
        Many("sample", "DataCleanupItem", by="step_id", sort="ID_ASC", most=5,
             description="Some of the customers, five at the most. No value is shown of what would change."),
    ),
    orders=(Order("POSITION_ASC", "position", descending=False),),
)  # fmt: skip

CLEANUP_ITEM = Source(
    "DataCleanupItem",
    table=CleanupItem,
    scope=Scope.DATA_QUALITY_READ,
    description="A customer in a step of a plan.",
    columns=("state",),
    internal=("step_id",),
    more=(One("customer", "Customer", via="customer_id", description="Who."),),
    orders=(Order("ID_ASC", "id", descending=False),),
)
