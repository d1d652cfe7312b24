"""Idempotency: what a key was used for, by hashes alone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import orjson

from siyu.domain.kernel import database
from siyu.domain.kernel.dialect import Kind, Statement
from siyu.domain.points.holding import as_id
from siyu.domain.points.inputs import KEY_MAX
from siyu.privacy import keyring
from siyu.privacy.refusal import Code, Refusal

_PATH: Final = ("input", "idempotency_key")


@dataclass(frozen=True, slots=True)
class Used:
    """An entry that was written under a key."""

    entry_id: UUID
    customer_id: UUID
    digest: bytes


def key(text: str) -> bytes:
    """What stands for a key."""
    return keyring.current().index_key("points_entries", "key").of(text.encode())


def digest(what: str, *content: object) -> bytes:
    """What stands for all that came with a key. Whose points is not in it: people are merged; the entry says whose it is."""
    return keyring.current().index_key("points_entries", "digest").of(orjson.dumps([what, *content]))


def given(text: str) -> str:
    """A caller's key, kept apart from those of our own nouns. Refuses blank ones and those that are too long."""
    if not text.strip():
        raise Refusal("Give a key.", path=_PATH, code=Code.BLANK)
    if len(text) > KEY_MAX:
        raise Refusal(f"At most {KEY_MAX} characters.", path=_PATH, code=Code.TOO_LONG)
    return f"call:{text}"


async def used(keys: Collection[bytes]) -> dict[bytes, Used]:
    """The entries under these keys. Asked after the accounts are held, so that of twins the second finds the first. One statement."""
    statement = Statement(database.dialect())
    rows = await database.rows(
        f"select key, id, customer_id, digest from points_entries where {statement.among('key', list(keys), Kind.BYTES)}",  # noqa: S608  # bound values only
        statement.args,
    )
    return {bytes(row["key"]): Used(as_id(row["id"]), as_id(row["customer_id"]), bytes(row["digest"])) for row in rows}


def conflict() -> Refusal:
    """The key belongs to something else."""
    return Refusal("This key was used with another input.", path=_PATH, code=Code.CONFLICT)
