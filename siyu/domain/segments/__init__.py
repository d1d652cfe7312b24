"""Segments: named sets of customers, and who was in them when."""

from siyu.domain.segments.source import CHANGE, MEMBERSHIP, SEGMENT
from siyu.domain.segments.tables import Override, SegmentKind

__all__ = ["CHANGE", "MEMBERSHIP", "SEGMENT", "Override", "SegmentKind"]
