"""What can be read of exports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from siyu.domain.exports.tables import Export
from siyu.domain.kernel.dialect import Kind
from siyu.domain.kernel.reading import Column, One, Same, Source
from siyu.privacy.actor import Actor, ActorKind, Scope

EXPORT = Source(
    "Export",
    table=Export,
    scope=Scope.CUSTOMERS_EXPORT,
    description="A file of customers or orders that is being written, or was. Whoever asked for it fetches it; nobody else can.",
    columns=("kind", "format", "filename", "rows", "size_bytes", "by", "created_at", "finished_at", "expires_at"),
    internal=("work_id", "by_id"),
    more=(
        Column("fields", Kind.JSON, "{t}.fields_asked", nullable=False, description="The file's columns, in their order."),
        One("job", "Job", via="work_id", description="How far it is."),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportsOf:
    """Whose exports."""

    by_id: Annotated[UUID | None, Same("by_id")] = None


def visible(actor: Actor) -> ExportsOf | None:
    """Which exports a caller sees in the list: staff all of them, a token its own."""
    return None if actor.kind is ActorKind.STAFF else ExportsOf(by_id=actor.id)
