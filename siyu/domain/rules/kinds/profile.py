"""Conditions on the profile."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, cast
from uuid import UUID

from siyu.domain.kernel import ids
from siyu.domain.kernel.dialect import Kind
from siyu.domain.rules.comparing import compared
from siyu.domain.rules.forms import Draft, Form, Own
from siyu.domain.rules.inputs import Comparison, ProfileCondition, ProfileField
from siyu.domain.rules.kinds.shown import Shown, column
from siyu.domain.rules.values import span

_EQUAL: Final = frozenset({Comparison.EQ, Comparison.IN})
#: Fields that have a handful of values leave many.
_COARSE: Final = frozenset({ProfileField.GENDER, ProfileField.COUNTRY, ProfileField.LOCALE})
_KINDS: Final = {
    ProfileField.BIRTH_MONTH: Kind.INT,
    ProfileField.OWNER: Kind.ID,
    ProfileField.CREATED_AT: Kind.DATETIME,
    ProfileField.UPDATED_AT: Kind.DATETIME,
}


def form(condition: ProfileCondition, draft: Draft) -> Form:
    """A comparison with a column of the customer's own row."""
    field, comparison, values = condition.field, condition.is_, condition.values or []
    sql, kind = f"t.{_stored(field)}", _KINDS.get(field, Kind.TEXT)
    narrow = comparison in _EQUAL and field not in _COARSE
    if kind is Kind.DATETIME:
        return Own(_moments(sql, comparison, cast(Sequence[str], values), draft), narrow)
    given = [key for value in values if (key := _key(value)) is not None] if kind is Kind.ID else list(values)
    if comparison is Comparison.IN:
        return Own(draft.among(sql, given, kind), narrow)
    if comparison is Comparison.NOT_IN:
        return Own(f"{sql} is not null and not ({draft.among(sql, given, kind)})")

    def compares(sign: str, value: object) -> str:
        return f"{sql} {sign} {draft.bind(value, kind)}"

    if not given and values:  # no id of anybody: nobody's, and everybody else's
        return Own("false" if comparison is Comparison.EQ else f"{sql} is not null")
    return Own(compared(comparison, given, compares, f"{sql} is not null"), narrow)


def shown(condition: ProfileCondition, draft: Draft) -> Shown:
    """The field's value: a moment as text, a member of staff by the global id."""
    kind = _KINDS.get(condition.field, Kind.TEXT)
    if kind is Kind.ID:
        return Shown((f"t.{_stored(condition.field)}",), lambda values: values[0] and ids.spelled("Staff", UUID(str(values[0]))))
    return column(f"t.{_stored(condition.field)}", kind, draft)


def _stored(field: ProfileField) -> str:
    return "owner_id" if field is ProfileField.OWNER else field.lower()


def _moments(sql: str, comparison: Comparison, values: Sequence[str], draft: Draft) -> str:
    """A moment compared with moments, or with days that stand for all of themselves."""

    def compares(sign: str, value: str) -> str:
        first, bound = span(value, draft.at.zone)
        if sign == "=":
            return f"({sql} >= {mark(first)} and {sql} < {mark(bound)})"
        return f"{sql} {'>=' if '>' in sign else '<'} {mark(bound if sign in ('>', '<=') else first)}"

    def mark(moment: datetime) -> str:
        return draft.bind(moment, Kind.DATETIME)

    return compared(comparison, values, compares, f"{sql} is not null")


def _key(value: object) -> UUID | None:
    """The key in a global id of a member of staff; None where it is none, which is nobody's."""
    try:
        return ids.key(str(value))
    except ValueError:
        return None
