"""Points for orders that were paid, and their share back for what was paid back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

import structlog

from siyu.domain import customers, orders, points
from siyu.domain.earning import known, rules
from siyu.domain.earning.giving import BATCH, give
from siyu.domain.earning.inputs import Occasion
from siyu.domain.earning.tables import Earning, EarningTrigger
from siyu.domain.kernel import database
from siyu.domain.kernel.operation import operation
from siyu.domain.orders import Payment
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, Refusal

log = structlog.get_logger(__name__)


@operation(Scope.JOBS_RUN, Scope.ORDERS_READ)
async def buy(actor: Actor, customer_ids: Sequence[UUID]) -> None:
    """Give for the orders of these customers what they bring, and take back for what was paid back. Twice is the same as once."""
    for start in range(0, len(customer_ids), BATCH):
        await _buy(actor, customer_ids[start : start + BATCH])


@operation(Scope.JOBS_RUN, writes=True)
async def _buy(actor: Actor, customer_ids: Sequence[UUID]) -> None:
    present = await customers.reserve(actor, customer_ids)
    if not present:
        return
    earned = await _earned(present)
    every = (await known.read()).of(EarningTrigger.ORDER_PAID)
    since = min((each.terms.active_from for each in every if each.terms.active_from is not None), default=None)
    found = await orders.payments(
        actor,
        present,
        since=since,
        order_ids={row.about_id for row in earned if row.about_id is not None},
        categories=any(each.terms.category is not None for each in every),
    )
    await _take_back(actor, earned, {each.order_id: each for each in found})
    await give(actor, [_occasion(each, each.worth_e4) for each in found if each.paid and each.worth_e4 is not None])


def _occasion(payment: Payment, worth_e4: int) -> Occasion:
    return Occasion(
        customer_id=payment.customer_id, trigger=EarningTrigger.ORDER_PAID, key=f"order:{payment.order_id}", at=payment.placed_at,
        about_id=payment.order_id, amount_e4=worth_e4, by_category_e4=rules.shares(payment.by_category, worth_e4),
        basis_e4=payment.left_e4,
    )  # fmt: skip


async def _earned(people: Collection[UUID]) -> list[Earning]:
    """What orders of these brought of which something is left."""
    return await Earning.filter(customer_id__in=list(people), basis_e4__isnull=False, kept__gt=0).order_by("id")


async def _take_back(actor: Actor, earned: Collection[Earning], payments: dict[UUID, Payment]) -> None:
    for row in earned:
        payment = payments.get(row.about_id) if row.about_id is not None else None
        if payment is None or row.exact_e4 is None or row.basis_e4 is None:
            continue
        stays = rules.kept(row.exact_e4, row.basis_e4, payment.left_e4)
        if stays < row.kept:
            await claw_back(actor, row, row.kept - stays, source="order_refunded")


async def claw_back(actor: Actor, row: Earning, back: int, *, source: str) -> bool:
    """Take so many of these points back by the program's policy; whether that is done with. In the current operation.

    Where the policy forbids it they stay, and it is tried again when the customer's orders change next.
    """
    left = row.kept - back
    try:
        async with database.transaction():
            await points.claw_back(
                actor, row.entry_id, back, source=source, key=f"{source}:{row.id}:{left}", about_id=row.about_id
            )  # fmt: skip
    except Refusal as refusal:
        log.warning("points_not_taken_back", earning=str(row.id), code=refusal.code.value)
        if refusal.code is not Code.WRONG_STATE:  # somebody took the entry back by hand: nothing of it is left
            return False
    row.kept = left
    await row.save(update_fields=["kept"])
    return True


@operation(writes=True)
async def revoke(actor: Actor, customer_ids: Collection[UUID], key: str, *, source: str) -> bool:
    """Take back all that an occasion brought these customers; whether nothing of it is left. The caller has checked a scope of its own."""
    await customers.reserve(actor, customer_ids)
    done = True
    for row in await Earning.filter(customer_id__in=list(customer_ids), key=key, kept__gt=0).order_by("id"):
        done = await claw_back(actor, row, row.kept, source=source) and done
    return done
