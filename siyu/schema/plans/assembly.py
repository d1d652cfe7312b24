"""From layouts to functions: source code made once a plan, which turns the driver's rows into the answer's objects.

What `orjson` writes as the scalars do (text, numbers, dates, aware moments) goes through untouched. Names in the code are
numbers and response keys, which the grammar of GraphQL keeps to letters, digits and underscores; everything else is a constant
handed over by name.
"""

from __future__ import annotations

import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import orjson

from siyu.domain.kernel.dialect import Dialect, Kind, decoder
from siyu.domain.kernel.paging import cursor
from siyu.domain.kernel.reading import Column, Order
from siyu.schema.plans.layout import (
    Below,
    Computed,
    Connection,
    Edges,
    ItemId,
    Items,
    Level,
    Object,
    Properties,
    Records,
    Recounted,
    TypeName,
    Unplannable,
    Value,
    WorkedOut,
)

DriverRow = Sequence[Any]
#: Opens one sealed column: row id, person, ciphertext.
Opener = Callable[[Any, Any, "bytes | None"], object]
#: What each relation brought, by the parent's id (many) or by its own (one).
Brought = Sequence[Mapping[Any, object]]
Rows = Callable[[Sequence[DriverRow], Sequence[Opener], Brought], list[object]]
Page = Callable[[Sequence[DriverRow], Sequence[Opener], Brought, bool, bool, "int | None"], object]


@dataclass(frozen=True, slots=True)
class Assembler:
    """What shows the rows of one level: a list of objects, or a page."""

    rows: Rows | None
    page: Page | None
    #: The sealed columns that are opened, in the order of the openers.
    sealed: tuple[Column, ...]


def assembler(
    level: Level,
    layout: Object | Connection | Items,
    columns: Sequence[Column],
    dialect: Dialect,
    order: Order | None = None,
    offset: int = 0,
) -> Assembler:
    """Make the functions for one level, whose rows hold `columns` from `offset` on; `order` is what cursors tell."""
    writer = _Writer(level, columns, dialect, order, offset)
    if isinstance(layout, Object):
        body = f"def rows(rows, o, n):\n    return [{writer.shape(layout)} for r in rows]\n"
        return Assembler(cast(Rows, writer.made(body)["rows"]), None, tuple(writer.sealed))
    if isinstance(layout, Items):
        body = f"def rows(rows, o, n):\n    return [{writer.items(layout)} for r in rows]\n"
        return Assembler(cast(Rows, writer.made(body)["rows"]), None, tuple(writer.sealed))
    body = f"def page(rows, o, n, following, preceding, total):\n    return {writer.connection(layout)}\n"
    return Assembler(None, cast(Page, writer.made(body)["page"]), tuple(writer.sealed))


class _Writer:
    """Writes expressions over `r`, a row; `o`, the openers; `n`, what the relations brought."""

    def __init__(self, level: Level, columns: Sequence[Column], dialect: Dialect, order: Order | None, offset: int) -> None:
        self.level = level
        self.dialect: Dialect = dialect
        self.index = {column.name: number for number, column in enumerate(columns, start=offset)}
        self.sealed: list[Column] = []
        self.names: dict[str, object] = {"gid": _global_id(level.source.name), "one": _one, "none": ()}
        if order is not None:
            self.names["cur"] = self._cursor(order)

    def made(self, body: str) -> dict[str, object]:
        """The functions of the code."""
        exec(compile(body, f"<plan of {self.level.source.name}>", "exec"), self.names)  # noqa: S102  # our own code, over names that the grammar keeps plain
        return self.names

    def constant(self, value: object) -> str:
        """A name that stands for a value."""
        name = f"k{len(self.names)}"
        self.names[name] = value
        return name

    def connection(self, layout: Connection) -> str:
        parts = []
        for key, entry in layout.entries:
            if isinstance(entry, TypeName):
                parts.append(f"{key!r}: {entry.name!r}")
            elif isinstance(entry, Object):
                parts.append(f"{key!r}: [{self.shape(entry)} for r in rows]")
            elif isinstance(entry, Edges):
                parts.append(f"{key!r}: [{self._edge(entry)} for r in rows]")
            elif isinstance(entry, tuple):
                facts = ", ".join(f"{name!r}: {_FACTS[fact] if isinstance(fact, str) else repr(fact.name)}" for name, fact in entry)
                parts.append(f"{key!r}: {{{facts}}}")
            else:
                parts.append(f"{key!r}: total")
        return "{" + ", ".join(parts) + "}"

    def _edge(self, layout: Edges) -> str:
        parts = []
        for key, entry in layout.entries:
            if isinstance(entry, str):
                parts.append(f"{key!r}: cur(r)")
            elif entry.entries and entry.entries[0][0] == "":
                parts.append(f"{key!r}: {cast(TypeName, entry.entries[0][1]).name!r}")
            else:
                parts.append(f"{key!r}: {self.shape(entry)}")
        return "{" + ", ".join(parts) + "}"

    def items(self, layout: Items) -> str:
        """A row of a timeline: its cursor, and the item for each place that shows it."""
        return f"({'cur(r)' if layout.cursors else 'None'}, ({''.join(self.shape(each) + ', ' for each in layout.places)}))"

    def shape(self, layout: Object) -> str:
        written = "{" + ", ".join(f"{key!r}: {self._entry(entry)}" for key, entry in layout.entries) + "}"
        if layout.null_with is not None:
            return f"({written} if r[{self.index[layout.null_with.name]}] is not None else None)"
        return written

    def _entry(self, entry: object) -> str:
        if isinstance(entry, TypeName):
            return repr(entry.name)
        if isinstance(entry, Value):
            return self._shown(entry.column)
        if isinstance(entry, Object):
            return self.shape(entry)
        if isinstance(entry, ItemId):
            return f"{self.constant(_global_id(entry.noun))}(r[{self.index['id']}])"
        if isinstance(entry, Properties):
            return "{" + ", ".join(f"{name!r}: {self._entry(each)}" for name, each in entry.entries) + "}"
        if isinstance(entry, Records):
            return f"{self.constant(_records(entry))}({self._domain(entry.value.column)})"
        if isinstance(entry, Recounted):
            return f"n[{len(self.level.children) + entry.index}][r[{self.index['id']}]]"
        if isinstance(entry, WorkedOut):
            return f"n[{len(self.level.children) + len(self.level.timelines) + entry.index}][r[{self.index['id']}]]"
        if isinstance(entry, Computed):
            return f"{self.constant(entry.derived.compute)}({', '.join(self._domain(need) for need in entry.needs)})"
        assert isinstance(entry, Below), f"no code for {entry}"
        relation = self.level.children[entry.index].relation
        if entry.many:
            key = f"r[{self.index['id']}]"
            return f"n[{entry.index}][{key}]" if self.level.children[entry.index].paged else f"n[{entry.index}].get({key}, none)"
        via = self.index[cast(Any, relation).via]
        return f"n[{entry.index}].get(r[{via}])" if entry.nullable else f"one(n[{entry.index}], r[{via}])"

    def _opened(self, column: Column) -> str:
        if column not in self.sealed:
            self.sealed.append(column)
        subject = self.index[cast(str, self.level.source.subject)]
        return f"o[{self.sealed.index(column)}](r[{self.index['id']}], r[{subject}], r[{self.index[column.name]}])"

    def _shown(self, column: Column | None) -> str:
        """The value as the scalar of its kind writes it."""
        if column is None:
            return "None"
        if column.sealed is not None:
            return self._opened(column)
        at = f"r[{self.index[column.name]}]"
        if column.name == "id":
            return f"gid({at})"
        change = _narrow if column.wide and column.kind is Kind.INT else _SHOWN[self.dialect].get(column.kind)
        if change is None:
            return at
        name = self.constant(change)
        return f"({name}({at}) if {at} is not None else None)" if column.nullable else f"{name}({at})"

    def _domain(self, column: Column | None) -> str:
        """The value as the domain sees it, for what is worked out from it."""
        if column is None:
            return "None"
        if column.sealed is not None:
            return self._opened(column)
        at = f"r[{self.index[column.name]}]"
        change = decoder(self.dialect, column.kind)
        return at if change is None else f"({self.constant(change)}({at}) if {at} is not None else None)"

    def _cursor(self, order: Order) -> Callable[[DriverRow], str]:
        column = self.level.source.columns[order.column]
        at, own = self.index[order.column], self.index["id"]
        change, known = decoder(self.dialect, column.kind), decoder(self.dialect, Kind.ID)

        def cur(r: DriverRow) -> str:
            key, row_id = r[at], r[own]
            return cursor(order.name, change(key) if change else key, known(row_id) if known else row_id)

        return cur


_FACTS = {
    "hasNextPage": "following",
    "hasPreviousPage": "preceding",
    "startCursor": "(cur(rows[0]) if rows else None)",
    "endCursor": "(cur(rows[-1]) if rows else None)",
}


def _one(brought: Mapping[Any, object], key: object) -> object:
    """A relation that can't be null: where its row may not be seen, the engine has to say so."""
    found = brought.get(key)
    if found is None:
        raise Unplannable("a row that can't be null is missing")
    return found


def _global_id(noun: str) -> Callable[[object], str]:
    prefix, encode = f"{noun}:", binascii.b2a_base64

    def gid(key: object) -> str:
        return encode((prefix + str(key)).encode(), newline=False).decode()

    return gid


def _records(layout: Records) -> Callable[[object], object]:
    entries = [(key, each.name if isinstance(each, TypeName) else each, isinstance(each, TypeName)) for key, each in layout.entries]

    def shown(found: object) -> object:
        if found is None:
            return None
        return [{key: name if fixed else each[name] for key, name, fixed in entries} for each in cast("list[Mapping[str, object]]", found)]

    return shown


def _moment(text: str) -> str:
    return text[:-6].replace(" ", "T") + "Z"


def _money(amount_e4: int) -> str:
    """As `decimal_text(money_from_e4(…))`, a tenth of its price: two decimals, or as many as there are."""
    cents, rest = divmod(amount_e4, 100)
    if rest or amount_e4 < 0:
        return _odd_money(amount_e4)
    return f"{cents // 100}.{cents % 100:02}"


def _odd_money(amount_e4: int) -> str:
    if amount_e4 < 0:
        return "-" + _money(-amount_e4)
    whole, rest = divmod(amount_e4, 10_000)
    return f"{whole}.{rest:04}".rstrip("0")


def _narrow(number: int) -> int:
    """GraphQL's Int has 32 bits: of a larger number the engine makes an error."""
    if not -(2**31) <= number < 2**31:
        raise Unplannable("a number that is too large for an Int")
    return number


def _json(stored: object) -> object:
    """Text of JSON as it is; a bare number in it comes from SQLite as one."""
    return orjson.Fragment(stored) if isinstance(stored, str | bytes) else stored


_SHOWN: dict[Dialect, dict[Kind, Callable[[Any], object]]] = {
    "postgres": {Kind.MONEY: _money, Kind.JSON: _json},
    "sqlite": {Kind.MONEY: _money, Kind.JSON: _json, Kind.BOOL: bool, Kind.DATETIME: _moment},
}
