"""Values of JSON columns, which have a type of their own: compared with values of the same type only."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from siyu.domain.kernel.dialect import Kind
from siyu.domain.rules.comparing import OTHERS, compared
from siyu.domain.rules.forms import Draft
from siyu.domain.rules.inputs import Comparison

#: What the databases call yes-or-no, numbers and texts.
_TYPES: Final = (("'boolean'", "'true', 'false'"), ("'number'", "'integer', 'real'"), ("'string'", "'text'"))


def scalar(comparison: Comparison, values: Sequence[object], draft: Draft, value: str) -> str:
    """SQL that compares one JSON value: on PostgreSQL a `jsonb` expression, on SQLite the alias of a row of `json_each`. Null is false.

    A value of another type than all that are given compares with nothing; null is no value.
    """
    types = " or ".join(dict.fromkeys(_is(draft, each, value) for each in values)) or "false"
    there = f"({value} is not null and {value} <> 'null'::jsonb)" if draft.postgres else f"({value}.type <> 'null')"
    known = f"({types})" if comparison in OTHERS else there
    # Among values of several types, those of another one are not the same, rather than unknown.
    return compared(comparison, values, lambda sign, each: f"coalesce({_of(draft, each, value)} {sign} {bound(draft, each)}, false)", known)


def bound(draft: Draft, value: object) -> str:
    """The mark of a JSON scalar."""
    if isinstance(value, bool):
        return draft.bind("true" if value else "false", Kind.TEXT)
    if isinstance(value, int | float):
        return draft.number(Decimal(repr(value)) if draft.postgres else value)
    return draft.bind(str(value), Kind.TEXT)


def _of(draft: Draft, given: object, value: str) -> str:
    """The JSON value as what the given one is compared with; null where it is of another type."""
    if not draft.postgres:
        return f"case when {_is(draft, given, value)} then {f'{value}.type' if isinstance(given, bool) else f'{value}.value'} end"
    cast = "::numeric" if isinstance(given, int | float) and not isinstance(given, bool) else ""
    return f"case when {_is(draft, given, value)} then ({value} #>> '{{}}'){cast} end"


def _is(draft: Draft, given: object, value: str) -> str:
    """Whether the JSON value is of the given one's type."""
    on_postgres, on_sqlite = _TYPES[0 if isinstance(given, bool) else 1 if isinstance(given, int | float) else 2]
    return f"jsonb_typeof({value}) = {on_postgres}" if draft.postgres else f"{value}.type in ({on_sqlite})"
