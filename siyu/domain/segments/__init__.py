"""Segments: named sets of customers, and who was in them when."""

from siyu.domain.segments import following as following
from siyu.domain.segments import uniting as uniting
from siyu.domain.segments.commands import APPLY_JOB, SETTLED_AFTER, create, delete, evaluate, update
from siyu.domain.segments.dependants import dependants
from siyu.domain.segments.drops import Drop, drops
from siyu.domain.segments.evaluating import evaluate as apply
from siyu.domain.segments.evaluating import evaluate_due, follow, mark
from siyu.domain.segments.explanation import Explanation, explain
from siyu.domain.segments.following import owners_read, read
from siyu.domain.segments.holding import CHANGED
from siyu.domain.segments.inputs import SegmentCreate, SegmentDelete, SegmentEvaluate, SegmentFilter, SegmentOverrideWish, SegmentUpdate
from siyu.domain.segments.insight import Insight, insight
from siyu.domain.segments.overriding import override
from siyu.domain.segments.previewing import SAMPLE_MAX, SAMPLE_USUAL, Preview, preview
from siyu.domain.segments.queries import CHANGES_MAX, Change, changes, counts, resolve
from siyu.domain.segments.rewording import reword
from siyu.domain.segments.sizes import Size, history
from siyu.domain.segments.source import CHANGE, MEMBERSHIP, SEGMENT
from siyu.domain.segments.tables import Override, SegmentKind
from siyu.domain.segments.using import uses
from siyu.domain.segments.walking import among, members, require

__all__ = [
    "APPLY_JOB", "CHANGE", "CHANGED", "CHANGES_MAX", "MEMBERSHIP", "SAMPLE_MAX", "SAMPLE_USUAL", "SEGMENT", "SETTLED_AFTER",
    "Change", "Drop", "Explanation", "Insight", "Override", "Preview", "SegmentCreate", "SegmentDelete", "SegmentEvaluate",
    "SegmentFilter", "SegmentKind", "SegmentOverrideWish", "SegmentUpdate", "Size", "among", "apply", "changes", "counts", "create",
    "delete", "dependants", "drops", "evaluate", "evaluate_due", "explain", "follow", "history", "insight", "mark", "members",
    "override", "owners_read", "preview", "read", "require", "resolve", "reword", "update", "uses",
]  # fmt: skip
