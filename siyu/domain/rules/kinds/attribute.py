"""Conditions on attributes that the organisation defined."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from siyu.domain.kernel.dialect import Kind
from siyu.domain.rules.comparing import compared
from siyu.domain.rules.forms import Draft, Form, Never, Some
from siyu.domain.rules.inputs import AttributeCondition, Comparison
from siyu.domain.rules.kinds.jsons import bound, scalar
from siyu.domain.rules.kinds.shown import Shown, column

_NOTHING: Final = {True: "'[]'::jsonb", False: "'[]'"}
#: What compares with several choices where none of them is among the values.
_NONE_OF: Final = {Comparison.NEQ: Comparison.EQ, Comparison.NOT_IN: Comparison.IN}


def form(condition: AttributeCondition, draft: Draft) -> Form:
    """A comparison with the value in the clear; of several choices with each of them."""
    comparison, values = condition.is_, condition.values or []
    # Of several choices none may be chosen: then nothing is known.
    there = f"x.key = {draft.bind(condition.key, Kind.TEXT)} and x.clear <> {_NOTHING[draft.postgres]}"
    if comparison is Comparison.IS_SET:
        return Some("attribute_values", there, narrow=False)
    if comparison is Comparison.IS_NOT_SET:
        return Never(Some("attribute_values", there))
    if comparison in _NONE_OF:
        return Some("attribute_values", f"{there} and not coalesce({_one(_NONE_OF[comparison], values, draft)}, false)", narrow=False)
    return Some("attribute_values", f"{there} and {_one(comparison, values, draft)}", narrow=comparison in _NONE_OF.values())


def shown(condition: AttributeCondition, draft: Draft) -> Shown:
    """The value."""
    key = draft.bind(condition.key, Kind.TEXT)
    return column(f"(select x.clear from attribute_values x where x.customer_id = t.id and x.key = {key})", Kind.JSON, draft)  # noqa: S608  # bound


def _one(comparison: Comparison, values: Sequence[object], draft: Draft) -> str:
    """Whether the value compares, or one of several choices."""
    if draft.postgres:
        each = f"exists (select 1 from jsonb_array_elements(x.clear) e(value) where {scalar(comparison, values, draft, 'e.value')})"  # noqa: S608  # bound
        return f"case when jsonb_typeof(x.clear) = 'array' then {each} else {scalar(comparison, values, draft, 'x.clear')} end"
    # SQLite's JSON columns keep a bare number as a number.
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    bare = compared(comparison, numbers, lambda sign, value: f"x.clear {sign} {bound(draft, value)}", "true") if numbers else "false"
    each = f"exists (select 1 from json_each(x.clear) e where {scalar(comparison, values, draft, 'e')})"  # noqa: S608  # bound values only
    return f"case when typeof(x.clear) = 'text' then {each} else {bare} end"
