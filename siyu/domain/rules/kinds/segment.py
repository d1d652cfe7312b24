"""Conditions on other segments."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from siyu.domain.kernel.dialect import Kind
from siyu.domain.rules.forms import Draft, Form, Never, Own, Some, every
from siyu.domain.rules.inputs import SegmentCondition
from siyu.domain.rules.kinds.shown import Shown, names


def form(condition: SegmentCondition, draft: Draft) -> Form:
    """Members as they were last kept."""
    parts: list[Form] = [_in(condition.in_, draft)] if condition.in_ else []
    if condition.not_in:
        parts.append(Never(_in(condition.not_in, draft)))
    return every(parts) if parts else Own("true")


def shown(condition: SegmentCondition, draft: Draft) -> Shown:
    """The codes of those of the segments in which the customer is."""
    asked = [*dict.fromkeys([*(condition.in_ or ()), *(condition.not_in or ())])]
    return names(
        "select g.code as name from segment_members x join segments g on g.id = x.segment_id"  # noqa: S608  # bound values only
        f" where x.customer_id = t.id and {draft.among('x.segment_id', asked, Kind.ID)}",
        draft,
    )


def _in(segments: Sequence[UUID], draft: Draft) -> Some:
    return Some("segment_members", draft.among("x.segment_id", segments, Kind.ID))
