"""Keys of rows: made in Python, in order of time."""

from __future__ import annotations

from uuid import UUID

import uuid_utils.compat


def uuid7() -> UUID:
    """A new UUIDv7; those of one process sort in the order in which they were made."""
    return uuid_utils.compat.uuid7()
