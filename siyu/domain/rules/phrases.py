"""The parts that conditions of a text have in common: lists, comparisons, windows, ranges; and where each stands. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from lark import Token

from siyu.domain.kernel.inputs import IntRange
from siyu.domain.rules import tokens
from siyu.domain.rules.inputs import Comparison, PropertyCondition, Window
from siyu.domain.rules.text import Misread, Place, Syntax
from siyu.domain.rules.tokens import place
from siyu.domain.rules.tree import Path

V = TypeVar("V")

_OPERATORS: Final = {
    "=": Comparison.EQ, "==": Comparison.EQ, "!=": Comparison.NEQ, "<>": Comparison.NEQ, "≠": Comparison.NEQ, ">": Comparison.GT,
    ">=": Comparison.GTE, "≥": Comparison.GTE, "<": Comparison.LT, "<=": Comparison.LTE, "≤": Comparison.LTE,
}  # fmt: skip
#: What orders are narrowed by, and the SDL's name for it.
NARROWED: Final = {"category": "categories", "brand": "brands", "sku": "skus", "channel": "channels"}

#: By the grammar's names, what some conditions take in brackets, in words; all take a fixed window.
_TAKEN: Final = {
    "last": "a window,",
    "coming": 'a window, such as "within 30 days"',
    "where": '"where" and a property',
    "narrowed": "one of category, brand, sku and channel",
}


@dataclass(slots=True)
class Reading:
    """What is known while a text is read."""

    segments: Mapping[str, UUID]
    zone: ZoneInfo
    #: Where each node of the tree, each member of it and each value stands.
    places: dict[Path, Place] = field(default_factory=dict)

    def mark(self, path: Path, **members: Syntax | Token) -> None:
        """Remember where the members of a condition stand, by the SDL's names."""
        for name, at in members.items():
            self.places[(*path, name.rstrip("_"))] = place(at)

    def values(self, found: Iterable[Token], path: Path, read: Callable[[Token], V]) -> list[V]:
        """What the tokens of a list stand for."""
        values: list[V] = []
        for number, token in enumerate(found):
            self.places[(*path, str(number))] = place(token)
            values.append(read(token))
        return values

    def compared(self, comparison: Syntax, path: Path, read: Callable[[Token], V]) -> tuple[Comparison, list[V]]:
        """How a condition compares, and with what."""
        self.mark(path, is_=comparison, values=comparison)
        name, found = str(comparison.data), comparison.children
        if name == "operator":
            operator, token = cast(tuple[Token, Token], found)
            return _OPERATORS[str(operator)], self.values([token], (*path, "values"), read)
        listed = tokens_of(comparison) if name in ("in", "not_in") else cast(list[Token], found)
        return Comparison[name.upper()], self.values(listed, (*path, "values"), read)

    def arguments(self, found: Iterable[Syntax], path: Path, takes: frozenset[str]) -> dict[str, object]:
        """What stands in brackets, by the tree's names; each once. `takes` are the grammar's names of what may, beside a fixed window."""
        given: dict[str, object] = {}
        for argument in found:
            name, value = self._argument(argument, path, takes)
            once(given, name, argument)
            self.mark(path, **{name: argument})
            given[name] = value
        return given

    def _argument(self, argument: Syntax, path: Path, takes: frozenset[str]) -> tuple[str, object]:
        if str(argument.data) in _TAKEN.keys() - takes:
            expected = " or ".join(_TAKEN[name] for name in _TAKEN if name in takes)
            raise Misread(f"Expected {expected.rstrip(',')}.", place(argument))
        if argument.data == "where":
            below = cast(list[Syntax], argument.children)
            return "where", [self._property(each, (*path, "where", str(number))) for number, each in enumerate(below)]
        if argument.data == "narrowed":
            word, listed = cast(tuple[Token, Syntax], argument.children)
            name = tokens.one_of(word, NARROWED, "What orders are narrowed by")
            return name, self.values(cast(list[Token], listed.children), (*path, name), tokens.text)
        return "window", self._window(argument)

    def _property(self, syntax: Syntax, path: Path) -> PropertyCondition:
        key, comparison = cast(tuple[Token, Syntax], syntax.children)
        self.places[path] = place(syntax)
        self.mark(path, key=key)
        is_, values = self.compared(comparison, path, tokens.value)
        return PropertyCondition(key=str(key) if key.type == "WORD" else tokens.text(key), is_=is_, values=values or None)

    def _window(self, argument: Syntax) -> Window:
        found = cast(list[Token], argument.children)
        if argument.data in ("last", "coming"):
            return Window(last_days=tokens.whole(found[0]))
        moments = [tokens.moment(each, self.zone) for each in found]
        if argument.data == "before":
            return Window(before=moments[0])
        return Window(from_=moments[0], before=moments[1] if len(moments) > 1 else None)


def tokens_of(part: Syntax) -> list[Token]:
    """The tokens of a part with one list."""
    return cast(list[Token], cast(Syntax, part.children[0]).children)


def once(given: Mapping[str, object], name: str, at: Syntax) -> None:
    """Refuse what is said a second time."""
    if name in given:
        said = "A window is the last days, or from a moment to another; not both." if name == "window" else "This is said twice."
        raise Misread(said, place(at))


def ranged(found: Syntax) -> IntRange:
    """`4..5`, `4..` or `..5`."""
    numbers = [tokens.whole(cast(Token, each)) for each in found.children]
    if found.data == "at_most":
        return IntRange(max=numbers[0])
    return IntRange(min=numbers[0], max=numbers[1] if len(numbers) > 1 else None)


def counted(comparison: Comparison, values: list[int], at: Place) -> IntRange:
    """How many there are, from a comparison of whole numbers."""
    match comparison:
        case Comparison.EQ:
            return IntRange(min=values[0], max=values[0])
        case Comparison.GT | Comparison.GTE:
            return IntRange(min=values[0] + (comparison is Comparison.GT))
        case Comparison.LT | Comparison.LTE:
            return IntRange(max=values[0] - (comparison is Comparison.LT))
        case Comparison.BETWEEN:
            return IntRange(min=values[0], max=values[1])
    raise Misread("Say how many there are with =, >, >=, <, <= or between.", at)
