"""What a database is made of, in the same words whoever made it: for comparing."""

from __future__ import annotations

import re

from siyu.domain.kernel import database
from siyu.domain.kernel.database import Connection

#: Facts of a table: columns with type, null and default; indexes and constraints by what they are on, not by their names.
Shape = dict[str, set[str]]

_OWN = {"tortoise_migrations"}


async def shape(on: Connection) -> Shape:
    """Every table of the database, but the one that migrations keep for themselves."""
    found = await (_postgres(on) if database.dialect(on) == "postgres" else _sqlite(on))
    return {table: facts for table, facts in found.items() if table not in _OWN}


async def counts(on: Connection) -> dict[str, int]:
    """How many rows each table has."""
    return {table: int((await database.rows(f'select count(*) from "{table}"', on=on))[0][0]) for table in await shape(on)}


async def _sqlite(on: Connection) -> Shape:
    tables = [
        row[0] for row in await database.rows("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'", on=on)
    ]
    found: Shape = {}
    for table in tables:
        facts = found[table] = set()
        for _, name, kind, notnull, default, key in await database.rows(f"pragma table_info('{table}')", on=on):
            facts.add(f"column {name} {kind} {'not null' if notnull else 'null'} default {default} key {key}")
        for _, index, unique, *_ in await database.rows(f"pragma index_list('{table}')", on=on):
            columns = [str(row[2]) for row in await database.rows(f"pragma index_info('{index}')", on=on)]
            facts.add(f"{'unique' if unique else 'index'} {', '.join(columns)}")
        for _, _, other, here, there, _, deleted, _ in await database.rows(f"pragma foreign_key_list('{table}')", on=on):
            facts.add(f"foreign key {here} -> {other}.{there} {deleted}")
        made = (await database.rows("select sql from sqlite_master where name = ?1", [table], on=on))[0][0]
        facts |= {f"check {each}" for each in re.findall(r"CHECK\s*\((.+?)\)\s*[,\n]", made)}
    return found


async def _postgres(on: Connection) -> Shape:
    found: Shape = {}
    sql = (
        "select table_name, column_name, data_type, character_maximum_length, numeric_precision, numeric_scale, is_nullable, column_default"
        " from information_schema.columns where table_schema = 'public'"
    )
    for table, *facts in [tuple(row) for row in await database.rows(sql, on=on)]:
        found.setdefault(str(table), set()).add("column " + " ".join(str(fact) for fact in facts))
    indexes = "select tablename, indexdef from pg_indexes where schemaname = 'public'"
    for table, text in [tuple(row) for row in await database.rows(indexes, on=on)]:
        found[str(table)].add(re.sub(r"INDEX \S+ ON", "INDEX ON", str(text)))
    constraints = (
        "select conrelid::regclass::text, contype::text, pg_get_constraintdef(oid) from pg_constraint"
        " where connamespace = 'public'::regnamespace and conrelid <> 0 and contype in ('c', 'f', 'u', 'p', 'x')"
    )
    for table, kind, text in [tuple(row) for row in await database.rows(constraints, on=on)]:
        found[str(table)].add(f"{kind} {text}")
    return found
