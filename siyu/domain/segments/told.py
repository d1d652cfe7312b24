"""What a segment tells of itself, as it is read: worked out once for all segments of a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Final, cast
from uuid import UUID

from annotated_doc import Doc

from siyu.domain.kernel.inputs import Ref
from siyu.domain.kernel.reading import Told
from siyu.domain.segments.drops import drops
from siyu.domain.segments.explanation import explain
from siyu.domain.segments.insight import insight
from siyu.domain.segments.sizes import DAYS_USUAL, history
from siyu.privacy.actor import Actor, Scope

Given = Mapping[str, object]


async def _insight(actor: Actor, ids: Sequence[UUID], _given: Given) -> Mapping[UUID, object]:
    return await insight(actor, ids)


async def _history(actor: Actor, ids: Sequence[UUID], given: Given) -> Mapping[UUID, object]:
    since, until = cast("date | None", given.get("from_")), cast("date | None", given.get("to"))
    return await history(actor, ids, since=since, until=until)


async def _drops(actor: Actor, ids: Sequence[UUID], _given: Given) -> Mapping[UUID, object]:
    return await drops(actor, ids)


async def _explain(actor: Actor, ids: Sequence[UUID], given: Given) -> Mapping[UUID, object]:
    return await explain(actor, ids, customer_id=cast(UUID, given["customer"]))


#: Of the noun's source.
TOLD: Final = (
    Told(
        "insight",
        _insight,
        "The same measures for each audience: size, spend, satisfaction.",
        nullable=False,
        scope=Scope.ORDERS_READ,
        most=5,
    ),
    Told(
        "history",
        _history,
        "The size of each day. Where your purpose leaves people out, they are counted on no day.",
        nullable=False,
        arguments={
            "from_": Annotated[
                date | None, Doc("The first day; thirty days in all where left out. No day is before the segment was made.")
            ],
            "to": Annotated[date | None, Doc("The last day; today where left out.")],
        },
        most=DAYS_USUAL,
    ),
    Told("drops", _drops, "Sudden losses of members, the newest first, each with the condition that lost them.", nullable=False),
    Told(
        "explain",
        _explain,
        "Why a customer is in it or not: the rule as a tree with its verdicts as they are now. `NOT_FOUND` for one whom your purpose does"
        " not reach.",
        nullable=False,
        scope=Scope.CUSTOMERS_READ,
        arguments={"customer": Annotated[UUID, Ref("Customer"), Doc("Whom it is about.")]},
        most=10,
    ),
)
