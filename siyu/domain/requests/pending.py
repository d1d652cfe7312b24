"""Which people have a request under way: nobody shall change under its feet who they are."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from siyu.domain.kernel.operation import operation
from siyu.domain.requests import rules
from siyu.domain.requests.tables import DataRequest
from siyu.privacy.actor import Actor


@operation()
async def under_way(actor: Actor, customer_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The number of a data request of each of these people who has one that has not ended. One statement."""
    found = DataRequest.filter(customer_id__in=list(customer_ids), state__not_in=list(rules.ENDED)).order_by("-created_at")
    return {row.customer_id: row.number for row in await found if row.customer_id is not None}
