"""Values that nouns work out themselves, once for all rows that were read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast
from uuid import UUID

from siyu.domain.kernel.reading.ask import Ask, Denial, Path, Reason
from siyu.domain.kernel.reading.assemble import Row
from siyu.privacy.actor import Actor
from siyu.privacy.refusal import Forbidden


async def tell(actor: Actor, ask: Ask, rows: Sequence[Row], path: Path) -> list[Denial]:
    """Hand each row what was asked of it, in place; what the actor may not see is null, or an error where that is not allowed."""
    denials: list[Denial] = []
    keys = list(dict.fromkeys(cast(UUID, row["id"]) for row in rows))
    for telling in ask.told:
        item = telling.item
        if not actor.may(item.scope):
            denials.append(Denial((*path, *telling.path), Reason.SCOPE_REQUIRED, item.scope))
            for row in rows:
                row[telling.slot] = None if item.nullable else Forbidden(f"This needs the scope {item.scope}.")
        elif keys:
            found = await item.load(actor, keys, telling.arguments)
            for row in rows:
                row[telling.slot] = found.get(cast(UUID, row["id"]))
    return denials
