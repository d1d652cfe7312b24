"""The stored tokens of people, and whom they lead to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from siyu.domain.duplicates.tables import DuplicateKey
from siyu.domain.kernel import database, ids
from siyu.domain.kernel.dialect import Kind, Statement, encode
from siyu.privacy import keyring

#: People who share a token, at the most: more are not compared for it. Others of their tokens say more, and lead to fewer.
SHARED_MAX: Final = 100

_TABLE: Final = DuplicateKey._meta.db_table
_BYTES: Final = 5

#: A person's tokens as they are stored, each with its kind.
Tokens = Mapping[int, str]


def hashed(tokens: Collection[tuple[str, str]]) -> dict[int, str]:
    """Plain tokens as they are stored. Without the key nobody can tell of what they are, or try values out."""
    mac = keyring.current().index_key(_TABLE, "token")
    return {int.from_bytes(mac.of(f"{kind} {token}".encode())[:_BYTES], "big"): kind for kind, token in tokens}


@dataclass(frozen=True, slots=True)
class Met:
    """Who shares a token with whom, and how many tokens were shared by too many."""

    pairs: set[tuple[UUID, UUID]]
    crowded: int


async def meet(people: Mapping[UUID, Tokens]) -> Met:
    """Pairs of one of these people and anybody who shares a stored token with them, or another of these; the smaller id first.

    Two statements, whatever the number of people.
    """
    sharing: dict[int, set[UUID]] = defaultdict(set)
    for customer_id, tokens in people.items():
        for token in tokens:
            sharing[token].add(customer_id)
    statement = Statement(database.dialect())
    counts = await database.rows(
        f"select token, count(*) from {_TABLE} where {statement.among('token', list(sharing), Kind.INT)} group by token",  # noqa: S608  # bound
        statement.args,
    )
    crowds = {int(row[0]) for row in counts if int(row[1]) > SHARED_MAX} | {t for t, held in sharing.items() if len(held) > SHARED_MAX}
    wanted = [int(row[0]) for row in counts if int(row[0]) not in crowds]
    statement = Statement(database.dialect())
    found = await database.rows(
        f"select token, customer_id from {_TABLE} where {statement.among('token', wanted, Kind.INT)}",  # noqa: S608  # bound
        statement.args,
    )
    stored: dict[int, set[UUID]] = defaultdict(set)
    for row in found:
        stored[int(row[0])].add(UUID(str(row[1])))
    pairs: set[tuple[UUID, UUID]] = set()
    for token, held in sharing.items():
        if token not in crowds:
            # What is stored of these people themselves is from before: their new tokens count.
            others = held | {each for each in stored.get(token, ()) if each not in people}
            pairs.update((min(one, other), max(one, other)) for one in held for other in others if one != other)
    return Met(pairs, len(crowds))


async def replace(people: Mapping[UUID, Tokens]) -> None:
    """Put these people's tokens in the place of those that are stored; what stays the same isn't touched."""
    statement = Statement(database.dialect())
    rows = await database.rows(
        f"select id, customer_id, token from {_TABLE} where {statement.among('customer_id', list(people), Kind.ID)}",  # noqa: S608  # bound
        statement.args,
    )
    stored = {(UUID(str(row[1])), int(row[2])): row[0] for row in rows}
    wanted = {(customer_id, token): kind for customer_id, tokens in people.items() for token, kind in tokens.items()}
    gone = [key for held, key in stored.items() if held not in wanted]
    if gone:
        statement = Statement(database.dialect())
        await database.run(f"delete from {_TABLE} where {statement.among('id', gone, Kind.ID)}", statement.args)  # noqa: S608  # bound
    fresh = [(*held, kind) for held, kind in wanted.items() if held not in stored]
    if fresh:
        await _insert(fresh)


async def _insert(fresh: Sequence[tuple[UUID, int, str]]) -> None:
    dialect = database.dialect()
    await database.run_many(
        f"insert into {_TABLE} (id, customer_id, token, kind) values ({database.marks(1, 4)})",  # noqa: S608  # marks only
        [(encode(dialect, Kind.ID, ids.uuid7()), encode(dialect, Kind.ID, customer), token, kind) for customer, token, kind in fresh],
    )
