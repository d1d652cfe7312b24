"""Looking at duplicates, and at what is left over of the search for them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from siyu.domain.customers import CUSTOMER
from siyu.domain.duplicates.source import CANDIDATE
from siyu.domain.duplicates.tables import DuplicateKey
from siyu.domain.kernel import database
from siyu.domain.kernel.operation import operation
from siyu.privacy.actor import Actor, Scope


@operation(Scope.DATA_QUALITY_READ)
async def count(actor: Actor) -> int:
    """How many pairs wait for somebody to decide, whoever the purpose reaches."""
    return int((await database.rows(f"select count(*) from {CANDIDATE.table} t where {CANDIDATE.where}"))[0][0])  # noqa: S608  # ours


@operation(Scope.DATA_QUALITY_WRITE)
async def stale_tokens(actor: Actor) -> list[UUID]:
    """Merged customers of whom tokens are left: nobody is compared by them any more."""
    found = await database.rows(
        f"select distinct k.customer_id from {DuplicateKey._meta.db_table} k"  # noqa: S608  # our own names
        f" join {CUSTOMER.table} c on c.id = k.customer_id where c.merged_into_id is not null"
    )
    return [UUID(str(row[0])) for row in found]


@operation(Scope.DATA_QUALITY_WRITE, writes=True)
async def forget_tokens(actor: Actor, customer_ids: Sequence[UUID]) -> None:
    """Delete the tokens of these customers; a search makes them anew for whoever is not merged and changes."""
    await DuplicateKey.filter(customer_id__in=list(customer_ids)).delete()
