"""Notes in the SDL."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from siyu.domain import notes
from siyu.schema import planned
from siyu.schema.binding import reads
from siyu.schema.context import Info
from siyu.schema.errors import Payload, mutation
from siyu.schema.relay import Node
from siyu.schema.staff import Staff
from siyu.schema.taking import Input, takes


@reads(notes.NOTE)
class Note(Node):
    body: str
    author: Staff | None
    created_at: datetime


@takes
class NoteAddInput(Input[notes.NoteAdd]):
    """A note to write."""


@strawberry.type(description="The note that was written.")
class NotePayload(Payload):
    note_id: strawberry.Private[UUID | None] = None
    note: Note | None = planned.written(notes.NOTE, by="note_id")


@strawberry.type
class Mutation:
    @mutation
    async def note_add(self, info: Info, input: NoteAddInput) -> NotePayload:  # the SDL's name
        """Write a note on a customer. Scope `notes:write`."""
        return NotePayload(note_id=await notes.add(info.context.actor, input.to_domain()))
