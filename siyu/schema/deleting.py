"""What deleting something answers with."""

from __future__ import annotations

from uuid import UUID

import strawberry

from siyu.schema import relay
from siyu.schema.errors import Payload


@strawberry.type(description="What was deleted.")
class DeletePayload(Payload):
    deleted_id: strawberry.ID | None = strawberry.field(default=None, description="Its id, which leads to nothing now; null when refused.")

    @classmethod
    def of(cls, noun: str, key: UUID) -> DeletePayload:
        """Of the row of a noun."""
        return cls(deleted_id=strawberry.ID(relay.encode(noun, key)))
