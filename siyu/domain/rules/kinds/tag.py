"""Conditions on tags."""

from __future__ import annotations

from collections.abc import Sequence

from siyu.domain.kernel.dialect import Kind
from siyu.domain.rules.forms import Draft, Form, Never, Own, Some, every
from siyu.domain.rules.inputs import TagCondition
from siyu.domain.rules.kinds.shown import Shown, names


def form(condition: TagCondition, draft: Draft) -> Form:
    """Assignments of tags of these names."""
    parts: list[Form] = [_has([name], draft) for name in condition.all or ()]
    if condition.any:
        parts.append(_has(condition.any, draft))
    if condition.none:
        parts.append(Never(_has(condition.none, draft)))
    return every(parts) if parts else Own("true")


def shown(condition: TagCondition, draft: Draft) -> Shown:
    """The names of those of the tags that the customer has."""
    asked = [*dict.fromkeys([*(condition.any or ()), *(condition.all or ()), *(condition.none or ())])]
    return names(
        "select g.name from tag_assignments x join tags g on g.id = x.tag_id"  # noqa: S608  # bound values only
        f" where x.customer_id = t.id and {draft.among('g.name', asked, Kind.TEXT)}",
        draft,
    )


def _has(tags: Sequence[str], draft: Draft) -> Some:
    return Some("tag_assignments", f"x.tag_id in (select g.id from tags g where {draft.among('g.name', tags, Kind.TEXT)})")  # noqa: S608  # as above
