"""Which values conditions take, and what they mean. Pure.

Values come as JSON. Numbers and yes-or-no are themselves; a day is the text `2026-01-31`, a moment the text
`2026-01-31T09:30:00+08:00`. Who compares with a moment may give a day, which stands for all of it in the organisation's time zone.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from siyu.domain.customers import Gender
from siyu.domain.rules.inputs import Comparison, OrderMetric, ProfileField

DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d{1,6})?)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
#: Moments are so exact.
_TICK: Final = timedelta(microseconds=1)
_YEARS: Final = range(1900, 2200)
#: Amounts are kept as whole ten thousandths, in 64 bits.
_AMOUNT_MAX: Final = Decimal(10**13)
_AMOUNT_DECIMALS: Final = 4
_NUMBER_MAX: Final = 1e15
_AGE_BANDS: Final = ("UNDER_18", "18_24", "25_34", "35_44", "45_54", "55_64", "65_PLUS")

SET: Final = frozenset({Comparison.IS_SET, Comparison.IS_NOT_SET})
EQUALITY: Final = frozenset({Comparison.EQ, Comparison.NEQ, Comparison.IN, Comparison.NOT_IN}) | SET
#: What has an order.
ORDERING: Final = frozenset(Comparison) - EQUALITY


class Type(StrEnum):
    """What is compared."""

    TEXT = "TEXT"
    NUMBER = "NUMBER"
    BOOLEAN = "BOOLEAN"
    #: A calendar day.
    DATE = "DATE"
    #: Given as a moment, or as a day that stands for all of it.
    MOMENT = "MOMENT"
    #: A global id of a member of staff.
    STAFF = "STAFF"


@dataclass(frozen=True, slots=True)
class Taken:
    """What a field takes: values of a type, of which perhaps only some make sense."""

    type: Type
    choices: tuple[str, ...] | None = None
    #: Both or none: between which whole numbers.
    least: int | None = None
    most: int | None = None
    #: Whether numbers are whole ones.
    whole: bool = False

    @property
    def comparisons(self) -> frozenset[Comparison]:
        """How it can be compared: what has no order only for being the same."""
        return EQUALITY | ORDERING if self.type in _ORDERED else EQUALITY


_ORDERED: Final = frozenset({Type.NUMBER, Type.DATE, Type.MOMENT})

PROFILE: Final[dict[ProfileField, Taken]] = {
    **dict.fromkeys(ProfileField, Taken(Type.TEXT)),
    ProfileField.GENDER: Taken(Type.TEXT, choices=tuple(Gender)),
    ProfileField.AGE_BAND: Taken(Type.TEXT, choices=_AGE_BANDS),
    ProfileField.CREATED_AT: Taken(Type.MOMENT),
    ProfileField.UPDATED_AT: Taken(Type.MOMENT),
    ProfileField.BIRTH_MONTH: Taken(Type.NUMBER, least=1, most=12),
    ProfileField.OWNER: Taken(Type.STAFF),
}
#: Numbers of points.
POINTS: Final = Taken(Type.NUMBER, whole=True)
#: Metrics that are whole numbers.
WHOLE: Final = frozenset(OrderMetric) - {OrderMetric.TOTAL, OrderMetric.AVERAGE}


def span(value: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The first moment of what a day or a moment says, and the first one after it, in UTC.

    So whatever is compared with `value`: EQ is from the first and before the second, GT from the second, GTE from the first, LT before the
    first, LTE before the second, BETWEEN from the first of one and before the second of the other.
    """
    if DAY.fullmatch(value):
        day = date.fromisoformat(value)
        return midnight(day, zone), midnight(day + timedelta(days=1), zone)
    moment = datetime.fromisoformat(value.upper()).astimezone(UTC)
    return moment, moment + _TICK


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins in a time zone, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def fault(taken: Taken, value: object) -> str | None:
    """What is wrong with a value, in a sentence; None where it is one that is taken."""
    said = _FAULTS[taken.type](value)
    if said is None and taken.choices is not None and value not in taken.choices:
        return f"Give one of {', '.join(taken.choices)}." if len(taken.choices) <= len(_AGE_BANDS) else "This is none of the choices."
    if said is None and taken.whole and isinstance(value, float) and not value.is_integer():
        return "Give a whole number."
    if said is None and isinstance(value, int) and taken.most is not None and not (taken.least or 0) <= value <= taken.most:
        return f"Give a number from {taken.least} to {taken.most}."
    return said


def amount_fault(metric: OrderMetric, value: Decimal) -> str | None:
    """What is wrong with a value that a metric of orders is compared with."""
    if not value.is_finite() or abs(value) > _AMOUNT_MAX:
        return "This number is too large."
    exponent = value.normalize().as_tuple().exponent
    decimals = -exponent if isinstance(exponent, int) else 0
    if metric in WHOLE and decimals > 0:
        return "Give a whole number."
    return f"Give at most {_AMOUNT_DECIMALS} decimals." if decimals > _AMOUNT_DECIMALS else None


def moment_fault(value: datetime) -> str | None:
    """What is wrong with the moment of a window."""
    return None if value.year in _YEARS else f"Give a year from {_YEARS.start} to {_YEARS.stop - 1}."


def _text(value: object) -> str | None:
    if not isinstance(value, str):
        return "Give a text."
    return None if value.strip() else "Give a text that is not blank."


def _number(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "Give a number."
    return None if abs(value) <= _NUMBER_MAX else "This number is too large."


def _boolean(value: object) -> str | None:
    return None if isinstance(value, bool) else "Give true or false."


def _date(value: object) -> str | None:
    said = "Give a day such as 2026-01-31."
    if not isinstance(value, str) or not DAY.fullmatch(value):
        return said
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return said
    return None if day.year in _YEARS else f"Give a year from {_YEARS.start} to {_YEARS.stop - 1}."


def _moment(value: object) -> str | None:
    if not isinstance(value, str) or not MOMENT.fullmatch(value):
        return None if _date(value) is None else "Give a day such as 2026-01-31, or a moment such as 2026-01-31T09:30:00+08:00."
    try:
        return moment_fault(datetime.fromisoformat(value.upper()))
    except ValueError:
        return "There is no such moment."


def _staff(value: object) -> str | None:
    return None if isinstance(value, str) and value else "Give the id of a member of staff."


_FAULTS: Final[dict[Type, Callable[[object], str | None]]] = {
    Type.TEXT: _text,
    Type.NUMBER: _number,
    Type.BOOLEAN: _boolean,
    Type.DATE: _date,
    Type.MOMENT: _moment,
    Type.STAFF: _staff,
}
