"""What is said to us of data quality."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from annotated_doc import Doc

from siyu.domain.kernel.inputs import Ref
from siyu.domain.quality.rules import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanupPlanMake:
    rules: Annotated[list[Rule] | None, Doc("What to mend; all that can be mended where nothing is named.")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanupRun:
    plan_id: Annotated[UUID, Ref("DataCleanupPlan"), Doc("The plan, as it was made.")]
    rules: Annotated[list[Rule] | None, Doc("Only these of its rules; all where nothing is named.")] = None
