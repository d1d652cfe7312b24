"""What one cell says of an order. See `cells`."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, time
from decimal import Decimal, InvalidOperation

from siyu.domain.imports import dates
from siyu.domain.imports.cells import Facts
from siyu.domain.kernel import normal
from siyu.privacy.refusal import Refusal

_STATUSES = {
    "PLACED": ("待付款", "未付款", "已下单", "placed", "pending", "unpaid"),
    "PAID": ("已付款", "已支付", "待发货", "paid"),
    "FULFILLED": ("已完成", "完成", "交易成功", "已发货", "已收货", "已签收", "fulfilled", "completed", "complete", "delivered", "shipped"),
    "CANCELLED": ("已取消", "取消", "交易关闭", "已关闭", "cancelled", "canceled", "closed"),
    "REFUNDED": ("已退款", "退款", "refunded"),
    "PARTLY_REFUNDED": ("部分退款", "partlyrefunded", "partly_refunded", "partiallyrefunded"),
}
_STATUS_OF = {spelling: status for status, spellings in _STATUSES.items() for spelling in spellings}
_AMOUNT = re.compile(r"-?\d+(\.\d{1,4})?")
_AMOUNT_MAX = Decimal(10) ** 12


def moment(text: str, facts: Facts) -> datetime:
    """A moment; a day without a time is its first minute, and without an offset it is in the organisation's time zone."""
    plain = unicodedata.normalize("NFKC", text).strip()
    try:
        found = datetime.fromisoformat(plain)
    except ValueError:
        found = datetime.combine(dates.day(plain, latest=facts.today), time())
    if found.year < dates.YEAR_MIN or found.date() > facts.today:
        raise Refusal("The moment lies in the future." if found.date() > facts.today else f"The moment lies before {dates.YEAR_MIN}.")
    return found if found.tzinfo else found.replace(tzinfo=facts.timezone)


def amount(text: str, facts: Facts) -> int:
    """An amount of money in ten-thousandths of its unit; currency signs and thousands separators are dropped."""
    del facts
    plain = unicodedata.normalize("NFKC", text).strip().lstrip("¥$€£").rstrip("元").replace(",", "").replace(" ", "")
    if not _AMOUNT.fullmatch(plain):
        raise Refusal("This is not an amount: write 1286.01.")
    try:
        found = Decimal(plain)
    except InvalidOperation as problem:
        raise Refusal("This is not an amount: write 1286.01.") from problem
    if not 0 <= found < _AMOUNT_MAX:
        raise Refusal("The amount is negative." if found < 0 else "The amount is too large.")
    return int(found * 10_000)


def currency(text: str, facts: Facts) -> str:
    """An ISO code of three letters; 元 and 人民币 are CNY."""
    del facts
    plain = {"元": "CNY", "人民币": "CNY", "RMB": "CNY", "¥": "CNY", "美元": "USD", "$": "USD"}.get(
        normal.code(text).upper(), normal.code(text)
    )
    if not (len(plain) == 3 and plain.isascii() and plain.isalpha()):
        raise Refusal("This is not a currency: write its ISO code (CNY).")
    return plain.upper()


def status(text: str, facts: Facts) -> str:
    """Where an order stands."""
    del facts
    found = _STATUS_OF.get(normal.code(text).casefold())
    if found is None:
        raise Refusal("This is no status that we know: write 已完成, 已付款, 已取消, 已退款 or the English word.")
    return found


def quantity(text: str, facts: Facts) -> int:
    """How many, at least one."""
    del facts
    plain = unicodedata.normalize("NFKC", text).strip().removesuffix(".0")
    if not (plain.isascii() and plain.isdecimal()) or len(plain) > 9 or int(plain) == 0:
        raise Refusal("This is not a quantity: write a whole number from 1.")
    return int(plain)
