"""Keys of rows: made in Python, in order of time."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime
from uuid import UUID

import uuid_utils.compat


def uuid7() -> UUID:
    """A new UUIDv7; those of one process sort in the order in which they were made."""
    return uuid_utils.compat.uuid7()


def block(at: datetime) -> int:
    """A new UUIDv7 of this moment as a number: it and those that are up to a million more are yours, each after the one before."""
    return (int(at.timestamp() * 1000) << 80) | (7 << 76) | (secrets.randbits(12) << 64) | (2 << 62) | secrets.randbits(61)


def earliest(moment: datetime) -> UUID:
    """No key that was made at this moment or later is less; every earlier one is."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def read(value: object) -> UUID:
    """The key that a database's driver gave: text on SQLite; on PostgreSQL it is one, and to make another of it takes longest of all."""
    return value if isinstance(value, UUID) else UUID(str(value))


def spelled(noun: str, key: UUID) -> str:
    """The global id of a noun's row, as every answer and every file spells it."""
    return base64.b64encode(f"{noun}:{key}".encode()).decode()


def key(text: str) -> UUID:
    """The key in a global id that `spelled` made."""
    return UUID(base64.b64decode(text).decode().rpartition(":")[2])


def is_spelled(noun: str, text: str) -> bool:
    """Whether a text is a global id of this noun, of a row that is there or not."""
    try:
        return spelled(noun, key(text)) == text
    except ValueError:
        return False
