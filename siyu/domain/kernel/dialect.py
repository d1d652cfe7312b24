"""Where SQLite and PostgreSQL differ in spelling or in the shape of a value, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Literal
from uuid import UUID

import ciso8601
import orjson

Dialect = Literal["sqlite", "postgres"]
Value = object
Decoder = Callable[[Value], Value]

#: Money is kept as whole ten-thousandths of its unit, so that sums are exact on either database.
MONEY_SCALE = 10_000


class Kind(StrEnum):
    """The shapes of a column's value, as the domain sees it."""

    ID = "ID"
    TEXT = "TEXT"
    INT = "INT"
    FLOAT = "FLOAT"
    BOOL = "BOOL"
    DATETIME = "DATETIME"
    DATE = "DATE"
    MONEY = "MONEY"
    JSON = "JSON"
    BYTES = "BYTES"


_POSTGRES_TYPES = {
    Kind.ID: "uuid",
    Kind.TEXT: "text",
    Kind.INT: "bigint",
    Kind.FLOAT: "double precision",
    Kind.BOOL: "boolean",
    Kind.DATETIME: "timestamptz",
    Kind.DATE: "date",
    Kind.MONEY: "bigint",
    Kind.JSON: "jsonb",
    Kind.BYTES: "bytea",
}


def money_to_e4(amount: Decimal) -> int:
    """Whole ten-thousandths; more decimals than four are an error of ours, for the edge has refused them."""
    scaled = amount * MONEY_SCALE
    assert scaled == scaled.to_integral_value(), "an amount with more than four decimals"
    return int(scaled)


def money_from_e4(amount_e4: int) -> Decimal:
    """The amount with at least two decimals, and no more zeros than that."""
    exact = Decimal(amount_e4).scaleb(-4)
    cents = exact.quantize(Decimal("0.01"))
    return cents if cents == exact else exact.normalize()


def _utc(value: Value) -> Value:
    assert isinstance(value, str)
    return ciso8601.parse_datetime(value).astimezone(UTC)


def _json(value: Value) -> Value:
    """Columns of JSON come as text; but a bare number SQLite keeps as one, since its JSON columns have numeric affinity."""
    return orjson.loads(value) if isinstance(value, str | bytes) else value


_SQLITE_DECODERS: dict[Kind, Decoder] = {
    Kind.ID: lambda value: UUID(str(value)),
    Kind.BOOL: bool,
    Kind.DATETIME: _utc,
    Kind.DATE: lambda value: date.fromisoformat(str(value)),
    Kind.JSON: _json,
    Kind.MONEY: lambda value: money_from_e4(int(value)),  # type: ignore[call-overload]  # BIGINT
}
_POSTGRES_DECODERS: dict[Kind, Decoder] = {
    Kind.JSON: _json,
    Kind.MONEY: lambda value: money_from_e4(int(value)),  # type: ignore[call-overload]  # BIGINT
}


def decoder(dialect: Dialect, kind: Kind) -> Decoder | None:
    """What turns the driver's value, never null, into the domain's; None where they are the same."""
    return (_SQLITE_DECODERS if dialect == "sqlite" else _POSTGRES_DECODERS).get(kind)


def encode(dialect: Dialect, kind: Kind, value: Value) -> Value:
    """The driver's spelling of a value to bind."""
    if isinstance(value, Enum):
        value = value.value
    if kind is Kind.MONEY and isinstance(value, Decimal | str):
        return money_to_e4(Decimal(value))
    if kind is Kind.ID:
        known = value if isinstance(value, UUID) else UUID(str(value))
        return str(known) if dialect == "sqlite" else known
    if kind is Kind.DATETIME:
        moment = value if isinstance(value, datetime) else ciso8601.parse_datetime(str(value))
        moment = moment.astimezone(UTC)
        return moment.isoformat(" ") if dialect == "sqlite" else moment
    if kind is Kind.DATE and isinstance(value, date) and dialect == "sqlite":
        return value.isoformat()
    return value


def spelled_list(dialect: Dialect, values: Sequence[Value]) -> Value:
    """Many values, encoded before, as one value to bind: JSON on SQLite, an array on PostgreSQL."""
    return orjson.dumps(values).decode() if dialect == "sqlite" else values


def held(dialect: Dialect) -> str:
    """Ends a `select` whose rows nobody else shall change until the transaction ends; on SQLite nobody can anyway."""
    return " for no key update" if dialect == "postgres" else ""


def epoch(dialect: Dialect, moment: str) -> str:
    """SQL of the whole seconds from 1970 to a moment (SQL), as a whole number."""
    if dialect == "postgres":
        return f"cast(floor(extract(epoch from {moment})) as bigint)"
    return f"unixepoch(substr({moment}, 1, 19))"  # stored in UTC; with its fraction the last microseconds of a second are the next one's


def _encoded(dialect: Dialect, kind: Kind, values: Sequence[Value]) -> Sequence[Value]:
    """Many values, encoded. Keys that came from the driver are what it takes: pages bind them by the dozen."""
    if kind is Kind.ID and dialect == "postgres" and all(isinstance(value, UUID) for value in values):
        return values
    return [encode(dialect, kind, value) for value in values]


class Statement:
    """SQL in the making: text is ours, every value is bound."""

    __slots__ = ("args", "dialect")

    def __init__(self, dialect: Dialect) -> None:
        self.dialect: Dialect = dialect
        self.args: list[Value] = []

    def bind(self, value: Value, kind: Kind | None = None) -> str:
        """The mark that stands for the value."""
        self.args.append(encode(self.dialect, kind, value) if kind else value)
        return f"{'?' if self.dialect == 'sqlite' else '$'}{len(self.args)}"

    def typed(self, value: Value, kind: Kind) -> str:
        """The same with its type said, for places where PostgreSQL can't tell it."""
        mark = self.bind(value if value is None else encode(self.dialect, kind, value))
        return mark if self.dialect == "sqlite" else f"{mark}::{_POSTGRES_TYPES[kind]}"

    def among(self, column: str, values: Sequence[Value], kind: Kind) -> str:
        """`column` is one of the values, however many, with one bound value; bytes are bound one by one on SQLite."""
        if kind is Kind.BYTES and self.dialect == "sqlite":
            return f"{column} in ({', '.join([self.bind(value) for value in values])})"
        bound = self.bind(spelled_list(self.dialect, _encoded(self.dialect, kind, values)))
        if self.dialect == "sqlite":
            return f"{column} in (select value from json_each({bound}))"
        return f"{column} = any({bound}::{_POSTGRES_TYPES[kind]}[])"

    def sought(self, table: str, column: str, values: Sequence[Value], kind: Kind) -> str:
        """What follows `from` and gives the rows `t` of `table` whose column is one of the values, which are distinct.

        For one look-up by an index of many values: PostgreSQL's plan for any number of them walks the index by each, also where it
        knows nothing of the table yet. `= any` is compared with one value after another there, for each row.
        """
        if self.dialect == "sqlite":
            return f"{table} as t where {self.among(f't.{column}', values, kind)}"
        bound = self.bind(_encoded(self.dialect, kind, values))
        return f"unnest({bound}::{_POSTGRES_TYPES[kind]}[]) as sought(value) join {table} as t on t.{column} = sought.value"

    def table(self, name: str, columns: Mapping[str, Kind], rows: Sequence[Sequence[Value]]) -> str:
        """A table expression `name` of these columns that holds the rows, however many, with one bound value for all or for each column.

        Columns of bytes are for PostgreSQL only: SQLite's JSON has none.
        """
        kinds = list(columns.values())
        encoded = [
            [None if value is None else encode(self.dialect, kind, value) for kind, value in zip(kinds, row, strict=True)] for row in rows
        ]
        if self.dialect == "sqlite":
            bound = self.bind(orjson.dumps(encoded).decode())
            listed = ", ".join(f"json_extract(value, '$[{number}]') as {column}" for number, column in enumerate(columns))
            return f"(select {listed} from json_each({bound})) as {name}"
        arrays = ", ".join(f"{self.bind([row[n] for row in encoded])}::{_POSTGRES_TYPES[kind]}[]" for n, kind in enumerate(kinds))
        return f"unnest({arrays}) as {name}({', '.join(columns)})"

    def key(self, at: datetime) -> str:
        """An expression that is another new key in each row: a UUIDv7 of this moment."""
        digits = f"{int(at.timestamp() * 1000):012x}"
        head = self.bind(f"{digits[:8]}-{digits[8:]}-7")
        if self.dialect == "postgres":
            return f"({head}::text || substr(gen_random_uuid()::text, 16))::uuid"
        pair = "substr(lower(hex(randomblob(2))), 2)"
        return f"({head} || {pair} || '-a' || {pair} || '-' || lower(hex(randomblob(6))))"

    def parents(self, ids: Sequence[Value], kind: Kind = Kind.ID) -> str:
        """A table expression of one column `id` that holds the ids."""
        bound = self.bind(spelled_list(self.dialect, _encoded(self.dialect, kind, ids)))
        if self.dialect == "sqlite":
            return f"(select value as id from json_each({bound}))"
        return f"unnest({bound}::{_POSTGRES_TYPES[kind]}[])"
