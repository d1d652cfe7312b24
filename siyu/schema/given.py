"""Arguments of fields that nouns declare: how the SDL spells them, and what was given by the domain's names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from types import NoneType, UnionType
from typing import Annotated, Final, Union, cast, get_args, get_origin
from uuid import UUID

import strawberry
from annotated_doc import Doc
from strawberry.scalars import JSON
from strawberry.utils.str_converters import to_camel_case

from siyu.domain.kernel.dialect import Kind
from siyu.domain.kernel.inputs import Ref
from siyu.domain.kernel.reading import Across, Many, One, OneOf, Same, Since, Timeline, TimelineKind, Told, Until, source_of
from siyu.schema import relay

_PYTHON: Final[dict[Kind, object]] = {
    Kind.ID: strawberry.ID, Kind.TEXT: str, Kind.INT: int, Kind.FLOAT: float, Kind.BOOL: bool,
    Kind.DATETIME: datetime, Kind.DATE: date, Kind.MONEY: Decimal, Kind.JSON: JSON,
}  # fmt: skip


def spelled(name: str) -> str:
    """The SDL's name of an argument."""
    return to_camel_case(name.rstrip("_"))


def hints(item: One | Many | Timeline | Told, *, paged: bool) -> Iterator[tuple[str, object, bool]]:
    """The arguments of a field: name for Python, type as Strawberry takes it, whether it must be given."""
    if paged:
        yield "first", int | None, False
        yield "after", str | None, False
    if isinstance(item, Timeline):
        yield "kinds", list[TimelineKind] | None, False
    if isinstance(item, Many):
        for name, condition in item.arguments.items():
            yield name, _condition(item, condition), False
    for name, hint in _own(item).items():
        plain, marks = _apart(hint)
        doc = next((mark.documentation for mark in marks if isinstance(mark, Doc)), None)
        mapped = strawberry.ID if UUID in (plain, *get_args(plain)) else plain
        required = NoneType not in get_args(plain)
        typed = mapped if required or mapped is plain else cast(type, mapped) | None
        yield name, Annotated[typed, strawberry.argument(name=spelled(name), description=doc)], required


def given(item: Many | Told, coerced: Mapping[str, object]) -> dict[str, object]:
    """What was given, beside the arguments of a page; raises `Refusal` at an argument that is no id of its noun."""
    found: dict[str, object] = {}
    own = _own(item)
    for name in (*(item.arguments if isinstance(item, Many) else ()), *own):
        value = coerced.get(spelled(name))
        if value is not None:
            ref = next((mark for mark in _apart(own.get(name))[1] if isinstance(mark, Ref)), None)
            found[name] = relay.decode(ref.noun, str(value), (spelled(name),)) if ref else value
    return found


def _own(item: object) -> Mapping[str, object]:
    """Arguments that are declared as types."""
    if isinstance(item, Told):
        return item.arguments
    return item.linking if isinstance(item, Across) else {}


def _apart(hint: object) -> tuple[object, tuple[object, ...]]:
    """A type, and what it is annotated with."""
    if get_origin(hint) is Annotated:
        plain, *marks = get_args(hint)
        return plain, tuple(marks)
    assert get_origin(hint) in (None, list, Union, UnionType), f"{hint} is no type of an argument"
    return hint, ()


def _condition(item: Many, condition: object) -> object:
    assert isinstance(condition, OneOf | Same | Since | Until), f"{item.name}: such a condition can't be an argument yet"
    target = source_of(item.target)
    one = cast(type, _PYTHON[target.columns[condition.column].kind])
    if isinstance(condition, Same) and condition.chosen:
        one = cast(type, target.model._meta.fields_map[condition.column].enum_type)  # type: ignore[attr-defined]  # of a column of choices
    return (list[one] if isinstance(condition, OneOf) else one) | None  # type: ignore[valid-type]  # made at run time
