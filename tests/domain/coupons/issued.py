"""Coupons for tests."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from siyu.domain import coupons, customers
from siyu.domain.coupons import CouponIssue, CouponKind, CouponTemplate, Issued
from siyu.domain.coupons.tables import Coupon
from siyu.domain.customers import CustomerCreate
from siyu.domain.kernel.money import MoneyGiven
from siyu.privacy import consent
from siyu.privacy.actor import Actor


def template(kind: CouponKind = CouponKind.AMOUNT, value: str = "10", *, minimum: str | None = None, days: int = 30) -> CouponTemplate:
    spend = MoneyGiven(amount=Decimal(minimum), currency="CNY") if minimum else None
    return CouponTemplate(kind=kind, value=Decimal(value), minimum_spend=spend, valid_days=days)


async def people(actor: Actor, count: int) -> list[UUID]:
    return [await customers.create(actor, CustomerCreate()) for _ in range(count)]


async def issue(actor: Actor, whom: Sequence[UUID], key: str = "first", **more: Any) -> Issued:
    return await coupons.issue(actor, CouponIssue(template=template(**more), customer_ids=list(whom), idempotency_key=key))


async def code(actor: Actor, coupon_id: UUID) -> str:
    """The code, as whoever has the coupon is shown it."""
    row = await Coupon.get(id=coupon_id)
    under = await consent.grant(actor, [row.customer_id], fields=["code"])
    return str(consent.disclose(row, row.code, under))
