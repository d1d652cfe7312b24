"""What can be wrong with what is stored of a person, and what would mend it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from siyu.domain.customers.rules import age_band, composed_name
from siyu.domain.kernel import normal
from siyu.privacy.refusal import Refusal

#: Raised when rules change: then everybody is looked at again.
VERSION: Final = 1

#: Columns that hold a name or an address line, whose spelling can be wrong.
NAMES: Final = ("display_name", "family_name", "given_name")
LINES: Final = ("line1", "line2", "postal_code")


class Rule(StrEnum):
    """What can be wrong."""

    INVALID_PHONE = "INVALID_PHONE"
    INVALID_EMAIL = "INVALID_EMAIL"
    PHONE_SPELLING = "PHONE_SPELLING"
    EMAIL_SPELLING = "EMAIL_SPELLING"
    NAME_SPELLING = "NAME_SPELLING"
    BLANK_TEXT = "BLANK_TEXT"
    DISPLAY_NAME = "DISPLAY_NAME"
    AGE_BAND = "AGE_BAND"
    BIRTH_MONTH = "BIRTH_MONTH"
    STALE_TOKENS = "STALE_TOKENS"


#: What a clean-up can mend, in its order, and what it does; an invalid number or address only its owner can mend.
MENDS: Final[Mapping[Rule, str]] = {
    Rule.BLANK_TEXT: "Clears names and address lines that hold nothing but blanks.",
    Rule.NAME_SPELLING: "Writes names as they would be written today: full-width letters become usual ones, spaces collapse.",
    Rule.PHONE_SPELLING: "Writes telephone numbers in today's normal form.",
    Rule.EMAIL_SPELLING: "Writes email addresses in today's normal form.",
    Rule.DISPLAY_NAME: "Makes the name to show from family and given name, where there is none.",
    Rule.BIRTH_MONTH: "Sets the month of birth from the date of birth.",
    Rule.AGE_BAND: "Sets the age band from the date of birth: people grow older.",
    Rule.STALE_TOKENS: "Deletes tokens of the search for duplicates that belong to merged customers.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What is stored of one person, opened."""

    display_name: str | None = None
    family_name: str | None = None
    given_name: str | None = None
    phone: str | None = None
    email: str | None = None
    line1: str | None = None
    line2: str | None = None
    postal_code: str | None = None
    birthday: date | None = None
    birth_month: int | None = None
    age_band: str | None = None


#: What would mend it, by column; None clears. Nothing where only a person can.
Changes = Mapping[str, object]


def wrong(stored: Stored, *, region: str, today: date) -> dict[Rule, Changes]:
    """All that is wrong with one person's values, by rule, with what would mend it."""
    found: dict[Rule, Changes] = {}
    blank = {name: None for name in (*NAMES, *LINES) if (text := getattr(stored, name)) is not None and not normal.line(text)}
    if blank:
        found[Rule.BLANK_TEXT] = blank
    texts = {name: text for name in NAMES if (text := getattr(stored, name)) and name not in blank}
    respelled = {name: normal.name(text) for name, text in texts.items() if normal.name(text) != text}
    if respelled:
        found[Rule.NAME_SPELLING] = respelled
    found |= _contact("phone", stored.phone, lambda text: normal.phone(text, region), Rule.INVALID_PHONE, Rule.PHONE_SPELLING)
    found |= _contact("email", stored.email, normal.email, Rule.INVALID_EMAIL, Rule.EMAIL_SPELLING)
    if not normal.line(stored.display_name or ""):
        composed = composed_name(normal.line(stored.family_name or ""), normal.line(stored.given_name or ""))
        if composed:
            found[Rule.DISPLAY_NAME] = {"display_name": composed}
    return found | _derived(stored, today)


def _contact(name: str, text: str | None, spell: Callable[[str], str], invalid: Rule, spelling: Rule) -> dict[Rule, Changes]:
    if text is None:
        return {}
    try:
        spelled = spell(text)
    except Refusal:
        return {invalid: {}}
    return {spelling: {name: spelled}} if spelled != text else {}


def _derived(stored: Stored, today: date) -> dict[Rule, Changes]:
    """What does not follow from the date of birth. A month or a band without a date was said as such, and stays."""
    if stored.birthday is None or stored.birthday > today:
        return {}
    found: dict[Rule, Changes] = {}
    if stored.birth_month != stored.birthday.month:
        found[Rule.BIRTH_MONTH] = {"birth_month": stored.birthday.month}
    band = age_band(stored.birthday, today)
    if stored.age_band != band:
        found[Rule.AGE_BAND] = {"age_band": band}
    return found


def months_between(first: date, last: date) -> list[int]:
    """The months of the year in which a birthday lies that came after `first` and not after `last`; all twelve after a year."""
    if last < first:
        return []
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return sorted({(first.month - 1 + step) % 12 + 1 for step in range(min(count, 12))})
