"""Dates as people write them in files, year first; what could mean two days is refused rather than guessed."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from siyu.privacy.refusal import Refusal

YEAR_MIN = 1900

_WITH_SEPARATORS = re.compile(r"(\d{4})\s*([-/.])\s*(\d{1,2})\s*\2\s*(\d{1,2})")
_CHINESE = re.compile(r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_CLOCK = re.compile(r"[T\s]+\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?\Z")
_DAY_FIRST = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}\Z")


def day(text: str, *, latest: date) -> date:
    """The day that `text` names: `1987/12/29`, `19761125`, `1954-07-21`, `1955.2.9`, `1955年2月9日`, any with a time after it.

    Raises `Refusal` for a day that does not exist, one before 1900 or after `latest`, and every other spelling
    (`03/04/1987` is two different days to two readers).
    """
    plain = _CLOCK.sub("", unicodedata.normalize("NFKC", text).strip())
    parts = _parts(plain)
    if parts is None:
        if _DAY_FIRST.match(plain):
            raise Refusal("The date could mean two days: write the year first (1987-12-29).")
        raise Refusal("This is not a date: write 1987-12-29.")
    try:
        found = date(*parts)
    except ValueError as problem:
        raise Refusal("There is no such day in the calendar.") from problem
    if found.year < YEAR_MIN:
        raise Refusal(f"The date lies before {YEAR_MIN}.")
    if found > latest:
        raise Refusal("The date lies in the future.")
    return found


def _parts(plain: str) -> tuple[int, int, int] | None:
    if match := _WITH_SEPARATORS.fullmatch(plain):
        year, _, month, of_month = match.groups()
    elif match := _CHINESE.fullmatch(plain) or _COMPACT.fullmatch(plain):
        year, month, of_month = match.groups()
    else:
        return None
    return int(year), int(month), int(of_month)
