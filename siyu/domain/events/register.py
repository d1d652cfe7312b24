"""The register of names and properties: read once a second, written only when something is new."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

import orjson

from siyu.domain.events.splitting import personal
from siyu.domain.events.tables import PROPERTY_NAME_MAX
from siyu.domain.kernel import boot, database, ids
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.dialect import Kind, Statement, decoder, encode
from siyu.privacy.cache import Lasting

#: The longest that a process believes what it read; so soon a property that was just defined as personal is sealed everywhere.
BELIEF_SECONDS: Final = 1.0
NAMES_MAX: Final = 2_000
#: Of one name; further ones are stored with their events, but not listed.
PROPERTIES_MAX: Final = 250

_TYPES: Final = {str: "string", int: "number", float: "number", bool: "boolean", list: "array", dict: "object", type(None): "null"}
#: Both with the place for their marks.
_ADD_NAME: Final = (
    "insert into event_definitions (id, created_at, name, first_seen_at, last_seen_at, count) values ({}, 0)"
    " on conflict (name) do update set first_seen_at = coalesce(event_definitions.first_seen_at, excluded.first_seen_at),"
    " last_seen_at = coalesce(event_definitions.last_seen_at, excluded.last_seen_at)"
)
_ADD_PROPERTY: Final = (
    "insert into event_properties"
    " (id, created_at, first_seen_at, last_seen_at, definition_id, name, types, seen_personal, personal, sealing, count)"
    " values ({}, false, false, 0) on conflict (definition_id, name) do update set types = excluded.types,"
    " seen_personal = event_properties.seen_personal or excluded.seen_personal,"
    " first_seen_at = coalesce(event_properties.first_seen_at, excluded.first_seen_at),"
    " last_seen_at = coalesce(event_properties.last_seen_at, excluded.last_seen_at)"
)


@dataclass(slots=True)
class Known:
    """What the register says of the events of one name."""

    #: By the property's name.
    types: dict[str, frozenset[str]] = field(default_factory=dict)
    personal: frozenset[str] = frozenset()
    #: Names of properties in which something has looked personal.
    seen: frozenset[str] = frozenset()
    #: Names and Python types of flat properties that were looked at since this was read, and brought nothing new.
    shapes: set[tuple[tuple[str, ...], tuple[type, ...]]] = field(default_factory=set)


@dataclass(slots=True)
class Novelty:
    """What a batch shows of one name that the register does not say yet."""

    types: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    seen: set[str] = field(default_factory=set)


def type_of(value: object) -> str | None:
    """The type of a JSON value; None for what is none."""
    if type(value) is str and value[4:5] == "-" and value[7:8] == "-" and len(value) <= _DATE_LENGTH_MAX and value[:4].isdecimal():
        return "date"
    return _TYPES.get(type(value))


_DATE_LENGTH_MAX: Final = len("2026-01-31T09:30:00.123456+08:00")


@dataclass(slots=True)
class _Memory:
    house: House
    known: Lasting[str, Known] = field(default_factory=lambda: Lasting(NAMES_MAX, BELIEF_SECONDS))


_memory: _Memory | None = None


def _remembered() -> Lasting[str, Known]:
    """What this process knows of the open house's register."""
    global _memory  # noqa: PLW0603  # one memory a process, of one house
    house = boot.current()
    if _memory is None or _memory.house is not house:
        _memory = _Memory(house)
    return _memory.known


def forget(name: str) -> None:
    """Read the register again for this name, in this process; every other one does within a second."""
    _remembered().forget(name)


async def known(names: Collection[str]) -> dict[str, Known]:
    """What the register says of these names; those that it does not know are missing. At most one statement."""
    memory = _remembered()
    wanted = list(names)
    found = {name: known for name, known in zip(wanted, memory.many(wanted), strict=True) if known is not None}
    missing = [name for name in wanted if name not in found]
    if missing:
        since = memory.moment()
        loaded = await _loaded(missing)
        memory.keep(loaded, since=since)
        found |= loaded
    return found


async def _loaded(names: Collection[str]) -> dict[str, Known]:
    statement = Statement(database.dialect())
    sql = (
        "select d.name, p.name, p.types, p.personal, p.seen_personal from event_definitions d"  # noqa: S608  # bound values only
        f" left join event_properties p on p.definition_id = d.id where {statement.among('d.name', list(names), Kind.TEXT)}"
    )
    change = decoder(statement.dialect, Kind.JSON) or (lambda value: value)
    loaded: dict[str, Known] = {}
    for name, key, types, is_personal, seen in await database.rows(sql, statement.args):
        about = loaded.setdefault(name, Known())
        if key is not None:
            kinds = change(types)
            assert isinstance(kinds, list), "types are a list"
            about.types[key] = frozenset(kinds)
            about.personal |= {key} if is_personal else frozenset()
            about.seen |= {key} if seen else frozenset()
    return loaded


async def room() -> int:
    """How many new names the register still takes."""
    return NAMES_MAX - int((await database.rows("select count(*) from event_definitions"))[0][0])


def told(about: Known, name: str) -> bool:
    """Whether a property's name may be listed: names come from outside, and some are numbers of people."""
    return (name in about.types or len(about.types) < PROPERTIES_MAX) and 0 < len(name) <= PROPERTY_NAME_MAX and not personal(name)


async def write(novelties: Mapping[str, Novelty], register: Mapping[str, Known], now: datetime) -> None:
    """Add what is new, in the current transaction; names and properties in their order, so that no two batches wait for each other."""
    dialect = database.dialect()
    moment = encode(dialect, Kind.DATETIME, now)
    await database.run_many(
        _ADD_NAME.format(database.marks(1, 5)),
        [(encode(dialect, Kind.ID, ids.uuid7()), moment, name, moment, moment) for name in sorted(novelties)],
    )
    definitions = await definition_ids(novelties)
    rows = [
        (
            encode(dialect, Kind.ID, ids.uuid7()),
            *(moment, moment, moment),
            encode(dialect, Kind.ID, definitions[name]),
            key,
            orjson.dumps(sorted(register.get(name, Known()).types.get(key, frozenset()) | novelty.types.get(key, set()))).decode(),
            key in novelty.seen,
        )
        for name, novelty in sorted(novelties.items())
        for key in sorted(novelty.types.keys() | novelty.seen)
    ]
    if rows:
        await database.run_many(_ADD_PROPERTY.format(database.marks(1, 8)), rows)


async def definition_ids(names: Iterable[str]) -> dict[str, UUID]:
    """The keys of the definitions with these names, as far as there are any. One statement."""
    statement = Statement(database.dialect())
    sql = f"select name, id from event_definitions where {statement.among('name', list(names), Kind.TEXT)}"  # noqa: S608  # bound values only
    return {row["name"]: UUID(str(row["id"])) for row in await database.rows(sql, statement.args)}
