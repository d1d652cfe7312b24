"""What conditions come to, before it is SQL: what a customer's own row says, that there are rows of theirs, what their rows come to.

A form is written in one of two ways. `of_all` works on whole sets: who is meant is joined to a few passes over tables. `of_each` asks for
one customer at a time, by indexes: for few people it costs the same however many customers there are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from siyu.domain.kernel.dialect import Kind, Statement
from siyu.domain.rules.calendar import Asked

#: The weight of sums.
SUMS: Final = 2
_TYPES: Final = {
    Kind.ID: "uuid", Kind.TEXT: "text", Kind.INT: "bigint", Kind.FLOAT: "double precision", Kind.DATETIME: "timestamptz",
    Kind.BYTES: "bytea",
}  # fmt: skip


class Draft:
    """A statement in the making, and the moment of which it speaks. The same value is bound once."""

    __slots__ = ("_bound", "at", "statement")

    def __init__(self, statement: Statement, at: Asked) -> None:
        self.statement = statement
        self.at = at
        self._bound: dict[tuple[Kind, object], str] = {}

    @property
    def postgres(self) -> bool:
        """Whether it is for PostgreSQL; otherwise it is for SQLite."""
        return self.statement.dialect == "postgres"

    def bind(self, value: object, kind: Kind) -> str:
        """The mark that stands for a value, with its type where the database can't tell."""
        known = self._bound.get((kind, value))
        if known is None:
            mark = self.statement.bind(value, kind)
            known = self._bound[kind, value] = f"{mark}::{_TYPES[kind]}" if self.postgres else mark
        return known

    def number(self, value: Decimal | float) -> str:
        """The mark of an exact number, or of one of JSON's on SQLite."""
        known = self._bound.get((Kind.FLOAT, value))
        if known is None:
            known = self._bound[Kind.FLOAT, value] = self.statement.bind(value) + ("::numeric" if self.postgres else "")
        return known

    def since(self, column: str, moment: datetime | None) -> tuple[datetime, str] | None:
        """From which moment on rows are meant, as `Sums` has it."""
        return None if moment is None else (moment, f"{column} >= {self.bind(moment, Kind.DATETIME)}")

    def among(self, column: str, values: Sequence[object], kind: Kind) -> str:
        """The column is one of the values; of one it is compared with that, which databases know more about."""
        if len(values) == 1:
            return f"{column} = {self.bind(values[0], kind)}"
        if kind is Kind.BYTES and not self.postgres:
            return f"{column} in ({', '.join(self.bind(value, kind) for value in values)})"
        return self.statement.among(column, list(values), kind)


@dataclass(frozen=True, slots=True)
class Own:
    """What the customer's own row says, as SQL over `t`; null is as good as false."""

    sql: str
    #: Whether it leaves few.
    narrow: bool = False


@dataclass(frozen=True, slots=True)
class Some:
    """There is a row `x` of the customer's in the table, for which the SQL holds."""

    table: str
    where: str
    narrow: bool = True


@dataclass(frozen=True, slots=True)
class Sums:
    """What the customer's rows `x` of a table come to: SQL over sums, at least one, and never null.

    `over` gives it for those of the rows that fulfil a further condition, which may be empty.
    """

    table: str
    #: Which rows are meant: all of these hold.
    where: tuple[str, ...]
    over: Callable[[str], str]
    #: Whether it holds for who has no such row.
    absent: bool
    #: From which moment on rows are meant, and the same as SQL.
    since: tuple[datetime, str] | None = None
    #: Whether its rows can be looked at together with those of others.
    joins: bool = True

    @property
    def rows(self) -> str:
        """Which rows are meant, as SQL."""
        return " and ".join((*self.where, *((self.since[1],) if self.since else ()))) or "true"


@dataclass(frozen=True, slots=True)
class Every:
    """All of these hold."""

    parts: tuple[Form, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of these holds."""

    parts: tuple[Form, ...]


@dataclass(frozen=True, slots=True)
class Never:
    """This does not hold."""

    part: Form


Form = Own | Some | Sums | Every | Either | Never


def opposite(form: Form) -> Form:
    """What holds where the form does not."""
    if isinstance(form, Never):
        return form.part
    if isinstance(form, Sums):
        return replace(form, over=lambda only: f"not {form.over(only)}", absent=not form.absent)
    return Never(form)


def every(parts: Sequence[Form]) -> Form:
    """All of these, in as few passes as can be, the cheap ones first; at least one is given."""
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, Every) else (part,))]
    joined = _joined(flat, "and", all)
    return joined[0] if len(joined) == 1 else Every(tuple(sorted(joined, key=lambda part: (weight(part), not narrow(part)))))


def either(parts: Sequence[Form]) -> Form:
    """One of these, in as few passes as can be, the cheap ones first; at least one is given."""
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, Either) else (part,))]
    joined = _joined(flat, "or", any)
    return joined[0] if len(joined) == 1 else Either(tuple(sorted(joined, key=weight)))


def weight(form: Form) -> int:
    """How dear it is to ask: 0 of the row itself, 1 of other tables' rows, 2 of what rows come to."""
    if isinstance(form, Every | Either):
        return max(weight(part) for part in form.parts)
    if isinstance(form, Never):
        return weight(form.part)
    return {Own: 0, Some: 1, Sums: SUMS}[type(form)]


def narrow(form: Form) -> bool:
    """Whether it leaves few enough people to look at these alone afterwards."""
    if isinstance(form, Every):
        return any(narrow(part) for part in form.parts)
    if isinstance(form, Either):
        return all(narrow(part) for part in form.parts)
    return isinstance(form, Own | Some) and form.narrow


def _joined(parts: Sequence[Form], word: str, absent: Callable[[Sequence[bool]], bool]) -> list[Form]:
    """The parts, with one in place of all sums over the same table."""
    passes: dict[str, list[Sums]] = {}
    for part in parts:
        if isinstance(part, Sums) and part.joins:
            passes.setdefault(part.table, []).append(part)
    rest: list[Form] = [part for part in parts if not (isinstance(part, Sums) and part.joins)]
    return [*rest, *(_together(group, word, absent) if len(group) > 1 else group[0] for group in passes.values())]


def _together(group: Sequence[Sums], word: str, absent: Callable[[Sequence[bool]], bool]) -> Sums:
    """One pass over all rows that any of them means."""
    first = group[0]
    common = tuple(each for each in first.where if all(each in part.where for part in group))
    moments = [part.since for part in group if part.since is not None]
    since = min(moments) if len(moments) == len(group) else None
    rests = [tuple(each for each in part.where if each not in common) for part in group]
    meant = (f"({' or '.join(_and(rest) for rest in rests)})",) if all(rests) else ()
    onlys = [(*rest, part.since[1] if part.since and part.since != since else "") for part, rest in zip(group, rests, strict=True)]

    def over(only: str) -> str:
        return "(" + f" {word} ".join(part.over(_and((only, *rest))) for part, rest in zip(group, onlys, strict=True)) + ")"

    return Sums(first.table, (*common, *meant), over, absent([part.absent for part in group]), since)


def _and(holds: Sequence[str]) -> str:
    given = [each for each in holds if each]
    return " and ".join(given) if len(given) < 2 else f"({' and '.join(given)})"
