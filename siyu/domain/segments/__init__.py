"""Segments: named sets of customers, and who was in them when."""

from siyu.domain.segments.dependants import dependants
from siyu.domain.segments.drops import Drop, drops
from siyu.domain.segments.explanation import Explanation, explain
from siyu.domain.segments.insight import Insight, insight
from siyu.domain.segments.previewing import SAMPLE_MAX, SAMPLE_USUAL, Preview, preview
from siyu.domain.segments.sizes import Size, history
from siyu.domain.segments.source import CHANGE, MEMBERSHIP, SEGMENT
from siyu.domain.segments.tables import Override, SegmentKind

__all__ = [
    "CHANGE", "MEMBERSHIP", "SAMPLE_MAX", "SAMPLE_USUAL", "SEGMENT", "Drop", "Explanation", "Insight", "Override", "Preview", "SegmentKind",
    "Size", "dependants", "drops", "explain", "history", "insight", "preview",
]  # fmt: skip
