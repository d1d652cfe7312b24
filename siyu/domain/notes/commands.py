"""Writing notes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from annotated_doc import Doc

from siyu.domain import customers
from siyu.domain.kernel.inputs import Personal, Ref
from siyu.domain.kernel.operation import operation
from siyu.domain.notes.tables import Note
from siyu.privacy.actor import Actor, ActorKind, Scope
from siyu.privacy.personal import Category
from siyu.privacy.refusal import Code, Refusal

BODY_MAX = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteAdd:
    customer_id: Annotated[UUID, Ref("Customer"), Doc("The customer it is about.")]
    body: Annotated[str, Personal(Category.FREE_TEXT), Doc(f"The text, at most {BODY_MAX} characters; it is sealed.")]


@operation(Scope.NOTES_WRITE, writes=True)
async def add(actor: Actor, wish: NoteAdd) -> UUID:
    """Write a note on a customer; its id."""
    body = wish.body.strip()
    if not body:
        raise Refusal("A note needs a text.", path=("input", "body"), code=Code.BLANK)
    if len(body) > BODY_MAX:
        raise Refusal(f"A note has at most {BODY_MAX} characters.", path=("input", "body"), code=Code.TOO_LONG)
    await customers.require(actor, wish.customer_id, path=("input", "customer_id"))
    note = Note(customer_id=wish.customer_id, author_id=actor.id if actor.kind is ActorKind.STAFF else None, body=body)
    await note.save(force_create=True)
    return note.id
