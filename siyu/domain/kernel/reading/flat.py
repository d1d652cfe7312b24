"""Flat filters: plain conditions side by side. Which of them are given decides the whole text, so it is written once a shape."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Final, cast

from siyu.domain.kernel.dialect import Kind, Statement
from siyu.domain.kernel.reading.conditions import Condition, OneOf, Same, Since, Tied, Until, compile_condition, conditions_of
from siyu.domain.kernel.reading.source import Source

#: The filter's type and the places of the members that are given.
Shape = tuple[type, tuple[int, ...]]

#: Each binds one value, whatever it is, and writes the same text.
_PLAIN: Final = (Same, OneOf, Since, Until)


@dataclass(frozen=True, slots=True)
class _Members:
    """The members of one filter type, in the order in which they are compiled; None for one that is not plain."""

    names: tuple[str, ...]
    plain: tuple[Condition | None, ...]


_known: dict[tuple[type, str], _Members] = {}


def shape(source: Source, where: object) -> Shape | None:
    """The shape of a filter of this source; None when a value in it decides more than what is bound."""
    members = _members(source, type(where))
    given = []
    for number, name in enumerate(members.names):
        value = getattr(where, name)
        if value is not None:
            plain = members.plain[number]
            if plain is None or (value == [] and isinstance(plain, Tied)):
                return None
            given.append(number)
    return type(where), tuple(given)


def bind(statement: Statement, source: Source, where: object, at: Shape) -> None:
    """Bind the values of a filter of this shape, as `compile_filter` does; raises the same refusals."""
    members = _known[at[0], source.name]
    for number in at[1]:
        name = members.names[number]
        compile_condition(statement, source, cast(Condition, members.plain[number]), getattr(where, name), {}, ("filter", name))


def _members(source: Source, type_: type) -> _Members:
    found = _known.get((type_, source.name))
    if found is None:
        names = tuple(item.name for item in fields(cast("Callable[..., object]", type_)))  # type: ignore[arg-type]  # a dataclass
        declared = conditions_of(type_)
        found = _known[type_, source.name] = _Members(names, tuple(_plain(source, declared.get(name)) for name in names))
    return found


def _plain(source: Source, condition: Condition | None) -> Condition | None:
    if isinstance(condition, Tied):
        return condition
    if not isinstance(condition, _PLAIN) or source.columns[condition.column].kind is Kind.BYTES:
        return None
    return condition
