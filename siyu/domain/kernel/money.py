"""Amounts of money as they are given: exact, of a currency that there is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Final

from annotated_doc import Doc
from iso4217 import Currency

from siyu.domain.kernel import normal
from siyu.domain.kernel.dialect import MONEY_SCALE
from siyu.privacy.refusal import Code, Refusal

#: Every amount is less: a customer's sums of a million of them still fit into eight bytes.
AMOUNT_BOUND: Final = 10**12
#: Codes of the standard that are no money: "no currency" and "for testing".
_NO_MONEY: Final = frozenset({"X" * 3, "XTS"})
CURRENCIES: Final = frozenset(each.code for each in Currency) - _NO_MONEY


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyGiven:
    amount: Annotated[Decimal, Doc("The amount in units of the currency, with at most four decimals.")]
    currency: Annotated[str, Doc("ISO 4217 code, such as `CNY`.")]


def currency_code(text: str, path: Sequence[str]) -> str:
    """The ISO 4217 code in its normal spelling; anything else is refused."""
    code = normal.code(text).upper()
    if code not in CURRENCIES:
        raise Refusal("This is no currency: give its ISO 4217 code, such as CNY.", path=path)
    return code


def amount_e4(amount: Decimal, path: Sequence[str]) -> int:
    """Whole ten-thousandths of an amount from zero on; a negative, a finer and a larger one are refused."""
    scaled = amount * MONEY_SCALE
    if amount < 0:
        raise Refusal("An amount is not negative.", path=path)
    if scaled != scaled.to_integral_value():
        raise Refusal("An amount has at most four decimals.", path=path)
    if amount >= AMOUNT_BOUND:
        raise Refusal(f"An amount is less than {AMOUNT_BOUND:,}.", path=path, code=Code.LIMIT_EXCEEDED)
    return int(scaled)
