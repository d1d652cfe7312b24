"""Many notes at once, for imports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from siyu.domain.kernel.operation import operation
from siyu.domain.notes.tables import Note
from siyu.privacy import keyring
from siyu.privacy.actor import Actor, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteGiven:
    """A note that a file brings."""

    customer_id: UUID
    body: str


@operation(Scope.CUSTOMERS_IMPORT, writes=True)
async def add_batch(actor: Actor, notes: Sequence[NoteGiven]) -> None:
    """Write notes in one statement. The same text on the same customer stays one note, however often it is imported."""
    rows = [Note.fresh(id=_id(note), customer_id=note.customer_id, body=note.body) for note in notes]
    if rows:
        await Note.bulk_create(rows, ignore_conflicts=True)


def _id(note: NoteGiven) -> UUID:
    """A key that follows from customer and text, and tells neither to whoever lacks the house's own key (UUIDv8)."""
    hashed = bytearray(keyring.current().index_key("notes", "imported").of(note.customer_id.bytes + note.body.encode())[:16])
    hashed[6] = 0x80 | hashed[6] & 0x0F
    hashed[8] = 0x80 | hashed[8] & 0x3F
    return UUID(bytes=bytes(hashed))
