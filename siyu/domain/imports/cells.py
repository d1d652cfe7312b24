"""What one cell says: text in, the domain's value out, or a `Refusal` with the reason. None means an empty cell.

Pure: region, today and currency come in as `Facts`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo, available_timezones

from siyu.domain.imports import dates
from siyu.domain.kernel import defuse, normal
from siyu.privacy.refusal import Code, Refusal

NOTE_LENGTH_MAX = 5_000

_EMPTY = frozenset({"-", "--", "---", "—", "——", "/", "\\n", "null", "none", "nil", "nan", "n/a", "#n/a", "(null)", "#value!", "#ref!"})
_SAYS_NONE = frozenset({"无", "没有", "暂无", "未填", "未填写", "不详", "未知", "空", "no", "unknown"})
_TEXT_FORMULA = re.compile(r'="([^"]*)"\Z')
_GENDERS = {
    "FEMALE": ("女", "女性", "女士", "女生", "小姐", "太太", "f", "female", "woman", "w", "ms", "mrs", "miss"),
    "MALE": ("男", "男性", "男士", "男生", "先生", "m", "male", "man", "mr"),
    "OTHER": ("其他", "其它", "other", "non-binary", "nonbinary", "x", "跨性别"),
    "UNKNOWN": ("未知", "保密", "不详", "未填", "未填写", "不愿透露", "unknown", "secret", "undisclosed", "u", "0"),
}
#: ISO/IEC 5218, which WeChat uses too: 0 unknown, 1 male, 2 female.
_GENDER_OF = {spelling: gender for gender, spellings in _GENDERS.items() for spelling in spellings} | {"1": "MALE", "2": "FEMALE"}
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


_TIMEZONES = frozenset(available_timezones())


@dataclass(frozen=True, slots=True)
class Facts:
    """What a cell cannot say of itself."""

    region: str
    today: date
    timezone: ZoneInfo
    currency: str


#: Reads one cell's text.
Rule = Callable[[str, Facts], object]


def content(raw: str) -> str:
    """What a cell holds, freed of what spreadsheets wrap around it: white space, `="13800000000"`, our own apostrophe.

    The many ways to write "nothing" (`-`, `NULL`, `N/A`) come out empty.
    """
    text = normal.clean(defuse.restored(raw)).strip()
    if match := _TEXT_FORMULA.match(text):
        text = match[1].strip()
    return "" if text.casefold() in _EMPTY else text


def phone(text: str, facts: Facts) -> str:
    """A phone number in E.164."""
    _refuse_none(text, "phone number")
    return normal.phone(text, facts.region)


def email(text: str, facts: Facts) -> str:
    """An email address."""
    del facts
    _refuse_none(text, "email address")
    return normal.email(text)


def name(most: int) -> Rule:
    """A name, an address line or another short text that is stored sealed, so that anything may be in it."""

    def read(text: str, facts: Facts) -> str | None:
        del facts
        return _short(normal.name(text), most)

    return read


def word(most: int) -> Rule:
    """A short text that is stored in the clear (city, source), of `most` characters.

    One that looks like a phone number, an email address or an identity number is refused: a column was mapped wrongly.
    """

    def read(text: str, facts: Facts) -> str | None:
        del facts
        found = _short(normal.name(text), most)
        if found and normal.looks_personal(found):
            raise Refusal("This looks like a phone number, an email address or an identity number: is the column mapped rightly?")
        return found

    return read


def timezone(text: str, facts: Facts) -> str:
    """An IANA time zone."""
    del facts
    found = normal.code(text)
    if found not in _TIMEZONES:
        raise Refusal("This is no time zone: write its IANA name (Asia/Shanghai).")
    return found


def code(most: int) -> Rule:
    """A member number, an order number or an account's id."""

    def read(text: str, facts: Facts) -> str | None:
        del facts
        return _short(normal.code(text), most)

    return read


def note(text: str, facts: Facts) -> str:
    """Free text, kept as it was written, line ends, formulas and all."""
    del facts
    if len(text) > NOTE_LENGTH_MAX:
        raise Refusal(f"This is longer than {NOTE_LENGTH_MAX} characters.", code=Code.TOO_LONG)
    return text


def birthday(text: str, facts: Facts) -> date:
    """A day in the past."""
    return dates.day(text, latest=facts.today)


def gender(text: str, facts: Facts) -> str:
    """FEMALE, MALE, OTHER or UNKNOWN."""
    del facts
    found = _GENDER_OF.get(normal.folded(text).rstrip("."))
    if found is None:
        raise Refusal("This is no gender that we know: write 女, 男, 其他 or 未知.")
    return found


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


def _short(text: str, most: int) -> str | None:
    if len(text) > most:
        raise Refusal(f"This is longer than {most} characters.", code=Code.TOO_LONG)
    return text or None


def _refuse_none(text: str, what: str) -> None:
    if text.casefold() in _SAYS_NONE:
        raise Refusal(f"This says that there is no {what}: leave the cell empty.")
