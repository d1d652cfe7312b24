"""Amounts."""

from __future__ import annotations

from decimal import Decimal

import strawberry

from siyu.domain.kernel.money import MoneyGiven
from siyu.schema.taking import Input, takes


@strawberry.type(description="An exact amount. Amounts of different currencies are never added up.")
class Money:
    amount: Decimal = strawberry.field(description="The amount in units of the currency.")
    currency: str = strawberry.field(description="ISO 4217 code, such as `CNY`.")


@takes
class MoneyInput(Input[MoneyGiven]):
    """An exact amount."""
