"""Which values an attribute takes. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

from siyu.domain.attributes.tables import AttributeType
from siyu.domain.kernel import normal
from siyu.privacy.refusal import Code, Refusal

KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
TEXT_MAX: Final = 500
CHOICES_MAX: Final = 200

_CHOOSING: Final = frozenset({AttributeType.CHOICE, AttributeType.MULTI_CHOICE})


def check_definition(key: str, title: str, kind: AttributeType, choices: Sequence[str] | None, *, personal: bool, searchable: bool) -> None:
    """Refuse a definition that makes no sense."""
    if not KEY.fullmatch(key):
        raise Refusal(
            "A key is lower case letters, digits and underscores, begins with a letter, and has at most 40.", path=("input", "key")
        )
    if not title.strip():
        raise Refusal("Give it a title.", path=("input", "title"), code=Code.BLANK)
    if (kind in _CHOOSING) != bool(choices):
        raise Refusal("A choice needs choices, and nothing else has any.", path=("input", "choices"))
    if choices and (len(choices) > CHOICES_MAX or len(set(choices)) < len(choices) or not all(each.strip() for each in choices)):
        raise Refusal(f"Choices are different, not blank, and at most {CHOICES_MAX}.", path=("input", "choices"))
    if searchable and not personal:
        raise Refusal("What is not personal can be searched as it is; leave searchable out.", path=("input", "searchable"))
    if searchable and kind is AttributeType.MULTI_CHOICE:
        raise Refusal("Only a single value can be searched once it is sealed.", path=("input", "searchable"))


def check_value(kind: AttributeType, choices: Sequence[str] | None, value: object, *, personal: bool) -> object:
    """The value as it is stored; refused where it is not of the attribute's type."""
    checked = _CHECKS[kind](value, choices or ())
    if not personal and isinstance(checked, str) and normal.looks_personal(checked):
        raise Refusal("This looks like somebody's number or address; define the attribute as personal to keep it.", path=("value",))
    return checked


def _text(value: object, _: Sequence[str]) -> str:
    if not isinstance(value, str):
        raise Refusal("Give a text.", path=("value",))
    if len(value) > TEXT_MAX:
        raise Refusal(f"At most {TEXT_MAX} characters.", path=("value",), code=Code.TOO_LONG)
    return value


def _number(value: object, _: Sequence[str]) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refusal("Give a number.", path=("value",))
    return value


def _boolean(value: object, _: Sequence[str]) -> bool:
    if not isinstance(value, bool):
        raise Refusal("Give true or false.", path=("value",))
    return value


def _date(value: object, _: Sequence[str]) -> str:
    try:
        return date.fromisoformat(value if isinstance(value, str) else "").isoformat()
    except ValueError:
        raise Refusal("Give a date such as 2026-01-31.", path=("value",)) from None


def _choice(value: object, choices: Sequence[str]) -> str:
    if not isinstance(value, str) or value not in choices:
        raise Refusal("Give one of the choices.", path=("value",))
    return value


def _choice_list(value: object, choices: Sequence[str]) -> list[str]:
    if not isinstance(value, list) or len(value) > len(choices):
        raise Refusal("Give a list of choices.", path=("value",))
    chosen = [_choice(each, choices) for each in value]
    return [each for each in choices if each in chosen]


_CHECKS: Final[dict[AttributeType, Callable[[object, Sequence[str]], object]]] = {
    AttributeType.TEXT: _text,
    AttributeType.NUMBER: _number,
    AttributeType.BOOLEAN: _boolean,
    AttributeType.DATE: _date,
    AttributeType.CHOICE: _choice,
    AttributeType.MULTI_CHOICE: _choice_list,
}
