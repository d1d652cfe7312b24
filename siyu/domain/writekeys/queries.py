"""Reading write keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from siyu.domain.kernel.operation import operation
from siyu.domain.writekeys.tables import WriteKey
from siyu.privacy.actor import Actor, Scope

_KNOWN_MAX = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A write key, for the command line."""

    id: UUID
    name: str
    channel: str
    prefix: str
    last_four: str
    profiles: bool
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


@operation(Scope.TOKENS_READ)
async def known(_: Actor) -> list[Known]:
    """The newest write keys, ended ones too, at most 500. One statement."""
    rows = await WriteKey.all().order_by("-created_at").limit(_KNOWN_MAX)
    return [Known(**{name: getattr(row, name) for name in Known.__slots__}) for row in rows]
