"""What one cell says: text in, the domain's value out, or a `Refusal` with the reason. None means an empty cell.

Pure: region, today and currency come in as `Facts`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo, available_timezones

from siyu.domain.imports import dates
from siyu.domain.kernel import defuse, normal
from siyu.privacy.refusal import Code, Refusal

NOTE_LENGTH_MAX = 5_000
TAG_MAX = 80
TAGS_MAX = 50

_EMPTY = frozenset({"-", "--", "---", "—", "——", "/", "\\n", "null", "none", "nil", "nan", "n/a", "#n/a", "(null)", "#value!", "#ref!"})
_SAYS_NONE = frozenset({"无", "没有", "暂无", "未填", "未填写", "不详", "未知", "空", "no", "unknown"})
_TEXT_FORMULA = re.compile(r'="([^"]*)"\Z')
_BETWEEN_TAGS = re.compile(r"[,，、;；|\n]")
_GENDERS = {
    "FEMALE": ("女", "女性", "女士", "女生", "小姐", "太太", "f", "female", "woman", "w", "ms", "mrs", "miss"),
    "MALE": ("男", "男性", "男士", "男生", "先生", "m", "male", "man", "mr"),
    "OTHER": ("其他", "其它", "other", "non-binary", "nonbinary", "x", "跨性别"),
    "UNKNOWN": ("未知", "保密", "不详", "未填", "未填写", "不愿透露", "unknown", "secret", "undisclosed", "u", "0"),
}
#: ISO/IEC 5218, which WeChat uses too: 0 unknown, 1 male, 2 female.
_GENDER_OF = {spelling: gender for gender, spellings in _GENDERS.items() for spelling in spellings} | {"1": "MALE", "2": "FEMALE"}
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


def tags(text: str, facts: Facts) -> tuple[str, ...]:
    """Names of tags, with commas, semicolons, bars or line breaks between."""
    read = word(TAG_MAX)
    found = tuple(dict.fromkeys(name for each in _BETWEEN_TAGS.split(text) if isinstance(name := read(each, facts), str)))
    if len(found) > TAGS_MAX:
        raise Refusal(f"These are more than {TAGS_MAX} tags.", code=Code.LIMIT_EXCEEDED)
    return found


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


def _short(text: str, most: int) -> str | None:
    if len(text) > most:
        raise Refusal(f"This is longer than {most} characters.", code=Code.TOO_LONG)
    return text or None


def _refuse_none(text: str, what: str) -> None:
    if text.casefold() in _SAYS_NONE:
        raise Refusal(f"This says that there is no {what}: leave the cell empty.")
