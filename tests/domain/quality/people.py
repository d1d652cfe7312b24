"""What the jobs of data quality are called as, and customers as they should not be."""

from __future__ import annotations

from uuid import UUID

from siyu.domain import quality
from siyu.domain.customers.tables import Customer, Identity, IdentityKind
from siyu.domain.kernel import ids
from siyu.privacy.actor import Actor, Purpose, Scope

WORKER = Actor.worker("quality", Scope.JOBS_RUN, *quality.SCOPES, purpose=Purpose.SERVICE)


async def silent(done: int, total: int | None = None, message: str | None = None) -> None:
    """Nobody watches."""


async def stored(**columns: object) -> UUID:
    """A customer stored as no operation of today would store them, as an older version might have."""
    row = Customer(id=ids.uuid7(), **columns)
    await row.save(force_create=True)
    for name, kind in (("phone", IdentityKind.PHONE), ("email", IdentityKind.EMAIL)):
        if name in columns:
            await Identity(customer_id=row.id, kind=kind, value=columns[name], profile=True).save(force_create=True)
    return row.id
