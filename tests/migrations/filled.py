"""A row for every table, whatever its version: made from what the database says of its columns."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from tortoise.exceptions import IntegrityError

from siyu.domain.kernel import clock, database, ids
from siyu.domain.kernel.database import Connection
from tests.migrations.described import shape

_NUMBERS = itertools.count(1)


async def fill(on: Connection) -> None:
    """One more row in each table. All UUIDs of a round are the same one, so that every foreign key finds its row."""
    one = ids.uuid7()
    left = set(await shape(on))
    while left:
        done = {table for table in sorted(left) if await _insert(on, table, one)}
        assert done, f"no row fits into {sorted(left)}"
        left -= done


async def _columns(on: Connection, table: str) -> Sequence[tuple[str, str]]:
    if database.dialect(on) == "sqlite":
        return [(str(row[1]), str(row[2])) for row in await database.rows(f"pragma table_info('{table}')", on=on)]
    sql = (
        "select column_name, data_type || coalesce('(' || character_maximum_length || ')', '') from information_schema.columns"
        " where table_schema = 'public' and table_name = $1 and is_identity = 'NO' and column_default is distinct from"
        " 'nextval(''' || table_name || '_' || column_name || '_seq''::regclass)'"
    )
    return [(str(row[0]), str(row[1])) for row in await database.rows(sql, [table], on=on)]


async def _insert(on: Connection, table: str, one: object) -> bool:
    columns = await _columns(on, table)
    names = ", ".join(f'"{name}"' for name, _ in columns)
    sql = f'insert into "{table}" ({names}) values ({database.marks(1, len(columns), on)})'
    try:
        await database.run(sql, [_value(kind.lower(), one) for _, kind in columns], on=on)
    except IntegrityError:
        return False
    return True


def _value(kind: str, one: object) -> Any:
    number = next(_NUMBERS)
    if kind in ("uuid", "char(36)"):
        return one
    if "char" in kind or kind == "text":
        room = int(kind.partition("(")[2].rstrip(")") or 40)
        return f"{number:x}".zfill(min(room, 8))[-room:]
    simple = {
        "bool": True,
        "timestamp": clock.now(),
        "date": date(2024, 2, 29),
        "json": "[]",
        "bytea": number.to_bytes(8, "big"),
        "blob": number.to_bytes(8, "big"),
        "numeric": Decimal(number),
        "decimal": Decimal(number),
        "double": float(number),
        "real": float(number),
    }
    return next((value for name, value in simple.items() if kind.startswith(name)), number)
