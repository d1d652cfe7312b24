"""Finding orders."""

from __future__ import annotations

from uuid import UUID

from siyu.domain.kernel import normal
from siyu.domain.kernel.operation import operation
from siyu.domain.kernel.reading import Reader
from siyu.domain.orders.source import ORDER
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Refusal


@operation(Scope.ORDERS_READ)
async def resolve(actor: Actor, order_id: UUID | None, external_id: str | None) -> UUID | None:
    """The order named by an id or by its number; exactly one of the two is given. None where the purpose reaches no such order."""
    if (order_id is None) == (external_id is None):
        raise Refusal("Give an id or an external id.", path=("externalId",))
    if order_id is not None or external_id is None:
        return order_id
    number = normal.code(external_id)
    return None if "\0" in number else await Reader(actor).named(ORDER, "external_id", number)
