"""From a row's values to a draft: which values are identities, which are notes, which are the rest. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from siyu.domain.imports.customer_fields import IDENTITY_FIELDS, NOTE, TAGS
from siyu.domain.imports.matching import Draft, Key
from siyu.domain.kernel import normal

#: Identities that are columns of the profile too.
_PROFILE = frozenset({"phone", "email", "external_id"})


def draft_of(row: int, values: Mapping[str, object]) -> Draft:
    """The draft of a row, `values` being what `problems.read_row` gave.

    Phone and email are identities and values both: the first of each is the customer's own.
    """
    keys: list[Key] = []
    rest: dict[str, object] = {}
    notes: list[str] = []
    tags: tuple[str, ...] = ()
    for target, value in values.items():
        name, _, app_id = target.partition(":")
        if name in IDENTITY_FIELDS and isinstance(value, str):
            keys.append(Key(IDENTITY_FIELDS[name], compared(IDENTITY_FIELDS[name], value), app_id))
            if name in _PROFILE:
                rest[name] = value
        elif name == NOTE and isinstance(value, str):
            notes.append(value)
        elif name == TAGS and isinstance(value, tuple):
            tags = value
        else:
            rest[name] = value
    return Draft(row, tuple(keys), rest, tuple(notes), tags)


def compared(kind: str, value: str) -> str:
    """The form in which two spellings of an identity are equal; phone and email are in it already."""
    return normal.member_no(value) if kind == "MEMBER_NO" else value
