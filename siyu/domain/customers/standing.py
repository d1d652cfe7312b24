"""What a profile holds already, and since when: for nouns that must not replace what is newer."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from siyu.domain.customers.profile import FIELDS
from siyu.domain.customers.tables import Customer
from siyu.domain.kernel.operation import operation
from siyu.privacy.actor import Actor

_ADDRESS = ("line1", "line2", "postal_code")


@dataclass(frozen=True, slots=True)
class Standing:
    """When anything of a profile last changed, and which of its fields hold something; no value."""

    updated_at: datetime
    filled: frozenset[str]


@operation()
async def standing(actor: Actor, customer_ids: Collection[UUID]) -> dict[UUID, Standing]:
    """How these profiles stand; the caller has checked a scope of its own. One statement."""
    if not customer_ids:
        return {}
    columns = [name for name in (*FIELDS, *_ADDRESS) if name in Customer._meta.fields_map]
    found = await Customer.filter(id__in=list(customer_ids))
    return {row.id: Standing(row.updated_at, frozenset(name for name in columns if getattr(row, name) is not None)) for row in found}
