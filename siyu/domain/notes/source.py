"""What can be read of notes."""

from __future__ import annotations

from siyu.domain.kernel.reading import Moment, One, Order, Source, TimelineKind
from siyu.domain.notes.tables import Note
from siyu.privacy.actor import Scope

NOTE = Source(
    "Note",
    table=Note,
    scope=Scope.NOTES_READ,
    description="What a member of staff wrote about a customer.",
    columns=("body", "created_at"),
    internal=("author_id", "customer_id"),
    more=(One("author", "Staff", via="author_id", description="Who wrote it; null where a program did."),),
    orders=(Order("CREATED_AT_DESC", "created_at"),),
)

Moment(TimelineKind.NOTE, NOTE, at="created_at", title="Note", properties={"body": "body"})
