"""Rules, orders and what they brought, for tests."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from siyu.domain import customers, earning
from siyu.domain.customers import CustomerCreate
from siyu.domain.earning import EarningRuleSave, EarningTrigger
from siyu.domain.earning.tables import Earning
from siyu.domain.kernel import clock
from siyu.domain.orders import OrderStatus
from siyu.domain.orders.tables import Order
from siyu.domain.points.tables import PointsAccount, PointsEntry
from siyu.privacy.actor import Actor, Scope
from tests import actors
from tests.domain.scoring.bought import bought, placed

WORKER = actors.worker(Scope.JOBS_RUN, Scope.ORDERS_READ, Scope.EVENTS_READ, Scope.CUSTOMERS_READ)


async def person(admin: Actor, **columns: Any) -> UUID:
    return await customers.create(admin, CustomerCreate(**columns))


async def rule(admin: Actor, trigger: EarningTrigger = EarningTrigger.ORDER_PAID, **terms: Any) -> UUID:
    terms.setdefault("active_from", clock.now() - timedelta(days=30))
    return await earning.save(admin, EarningRuleSave(name=f"for {trigger.value}", trigger=trigger, **terms))


async def per_yuan(admin: Actor, rate: str = "1", **terms: Any) -> UUID:
    return await rule(admin, rate=Decimal(rate), **terms)


async def ordered(by: UUID, yuan: int, at: datetime | None = None, status: OrderStatus = OrderStatus.PAID) -> Order:
    row = placed(by, at or clock.now(), yuan, status)
    await bought(row)
    return row


async def balance(of: UUID) -> int:
    row = await PointsAccount.get_or_none(customer_id=of)
    return row.balance if row else 0


async def entries(of: UUID) -> list[tuple[str, int, str]]:
    return [(row.kind.value, row.points, row.source) for row in await PointsEntry.filter(customer_id=of).order_by("sequence")]


async def kept(of: UUID) -> list[int]:
    return [row.kept for row in await Earning.filter(customer_id=of).order_by("id")]
