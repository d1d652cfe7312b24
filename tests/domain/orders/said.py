"""Orders as callers say them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from siyu.domain.customers import IdentityGiven, IdentityKind, Unknown
from siyu.domain.kernel.money import MoneyGiven
from siyu.domain.orders import LineGiven, OrderSaid, OrdersRecord, OrderStatus

#: When the first order was placed.
START = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)


def money(amount: str, currency: str = "CNY") -> MoneyGiven:
    return MoneyGiven(amount=Decimal(amount), currency=currency)


def member(number: int | str) -> IdentityGiven:
    return IdentityGiven(kind=IdentityKind.MEMBER_NO, value=f"M{number}")


def order(
    number: int | str, amount: str = "10", status: OrderStatus = OrderStatus.PAID, *, who: int | str = 1, currency: str = "CNY", **more: Any
) -> OrderSaid:
    more.setdefault("placed_at", START + timedelta(days=number if isinstance(number, int) else 0))
    return OrderSaid(external_id=f"E{number}", customer=member(who), total=money(amount, currency), status=status, **more)


def line(sku: str | None = None, *, quantity: int = 1, price: str = "5", currency: str = "CNY", **more: Any) -> LineGiven:
    return LineGiven(sku=sku, quantity=quantity, unit_price=money(price, currency), **more)


def batch(*orders: OrderSaid, unknown: Unknown = Unknown.CREATE) -> OrdersRecord:
    return OrdersRecord(orders=list(orders), unknown_customers=unknown)
