"""Data quality: how complete, right and fresh the data is, and a clean-up that says what it would mend before it does."""

from siyu.domain.quality.inputs import CleanupPlanMake, CleanupRun
from siyu.domain.quality.inspecting import inspect
from siyu.domain.quality.measuring import FEW, REJECTED_DAYS, SOURCES_MAX, Group, Measured, measure
from siyu.domain.quality.mending import carry_out, run
from siyu.domain.quality.opened import SCOPES
from siyu.domain.quality.planning import plan, prepare, purge
from siyu.domain.quality.reporting import remeasure, report, snapshot
from siyu.domain.quality.rules import MENDS, Rule
from siyu.domain.quality.source import CLEANUP_ITEM, CLEANUP_PLAN, CLEANUP_STEP
from siyu.domain.quality.tables import ItemState, PlanState
from siyu.domain.quality.tending import tend

__all__ = [
    "CLEANUP_ITEM", "CLEANUP_PLAN", "CLEANUP_STEP", "FEW", "MENDS", "REJECTED_DAYS", "SCOPES", "SOURCES_MAX", "CleanupPlanMake",
    "CleanupRun", "Group", "ItemState", "Measured", "PlanState", "Rule", "carry_out", "inspect", "measure", "plan", "prepare", "purge",
    "remeasure", "report", "run", "snapshot", "tend",
]  # fmt: skip
