"""Whether comparisons and lists make sense, whatever the names in them stand for. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final, cast
from zoneinfo import ZoneInfo

from siyu.domain.kernel import normal
from siyu.domain.kernel.inputs import IntRange
from siyu.domain.rules.inputs import Comparison, PropertyCondition, Window
from siyu.domain.rules.limits import COUNT_MAX, TEXT_MAX, VALUES_MAX, WINDOW_DAYS_MAX
from siyu.domain.rules.problems import Problem
from siyu.domain.rules.tree import Path
from siyu.domain.rules.values import EQUALITY, ORDERING, SET, Taken, Type, fault, moment_fault, span
from siyu.privacy.refusal import Code

_UTC: Final = ZoneInfo("UTC")
#: No smaller whole number is somebody's.
_SHORTEST: Final = 10**10
_PERSONAL: Final = "This looks like somebody's number or address; rules are about what many have in common."
_LISTED: Final = frozenset({Comparison.IN, Comparison.NOT_IN})


def compared(comparison: Comparison, values: Sequence[object] | None, taken: Taken, path: Path) -> Iterator[Problem]:
    """What is wrong with a comparison of values that a field takes; `path` leads to the condition."""
    if comparison not in taken.comparisons:
        yield Problem(f"{comparison} needs numbers, days or moments, which have an order.", (*path, "is"))
        return
    wrong = number_fault(comparison, values)
    if wrong is not None:
        yield Problem(wrong, (*path, "values"), code=Code.INVALID if values else Code.BLANK)
        return
    faults = [each for number, value in enumerate(values or ()) for each in _value(value, taken, (*path, "values", str(number)))]
    yield from faults
    if comparison in EQUALITY and taken.type is Type.NUMBER and not faults:
        for number, value in enumerate(values or ()):
            if _somebodys(cast(float, value)):
                yield Problem(_PERSONAL, (*path, "values", str(number)))
    if comparison is Comparison.BETWEEN and not faults:
        least, most = (_sortable(value, taken.type) for value in values or ())
        if least > most:
            yield Problem("The first value is above the second.", (*path, "values"))


def number_fault(comparison: Comparison, values: Sequence[object] | None) -> str | None:
    """What is wrong with how many values there are."""
    count = len(values or ())
    if comparison in SET:
        return f"{comparison} takes no values." if count else None
    if comparison is Comparison.BETWEEN:
        return None if count == 2 else "BETWEEN takes two values."
    if comparison in _LISTED:
        if count > VALUES_MAX:
            return f"Give at most {VALUES_MAX} values."
        return None if count else f"{comparison} takes one value at least."
    return None if count == 1 else f"{comparison} takes one value."


def _value(value: object, taken: Taken, path: Path) -> Iterator[Problem]:
    wrong = fault(taken, value)
    if wrong is not None:
        yield Problem(wrong, path)
    elif isinstance(value, str) and taken.type is Type.TEXT:
        yield from text(value, path)


def _somebodys(value: float) -> bool:
    """Whether a number that is looked for may be somebody's; as a bound it would be no more than an amount."""
    return abs(value) >= _SHORTEST and value == int(value) and normal.looks_personal(str(int(value)))


def _sortable(value: object, kind: Type) -> float:
    if kind is Type.NUMBER:
        return float(cast(float, value))
    return date.fromisoformat(str(value)).toordinal() if kind is Type.DATE else span(str(value), _UTC)[0].timestamp()


def text(value: str, path: Path) -> Iterator[Problem]:
    """What is wrong with a value that is a text: a rule keeps it in the clear."""
    if normal.looks_personal(value):
        yield Problem(_PERSONAL, path)
    else:
        yield from _kept(value, path)


def _kept(value: str, path: Path) -> Iterator[Problem]:
    if len(value) > TEXT_MAX:
        yield Problem(f"A text has at most {TEXT_MAX} characters.", path, code=Code.TOO_LONG)
    elif any(unicodedata.category(each) == "Cs" or each == "\0" for each in value):
        yield Problem("This text holds a character that can't be kept.", path)


def texts(values: Sequence[str] | None, path: Path) -> Iterator[Problem]:
    """What is wrong with a list of names; None is none, which is fine."""
    if values is None:
        return
    if not values:
        yield Problem("Name one at least.", path, code=Code.BLANK)
    elif len(values) > VALUES_MAX:
        yield Problem(f"Name at most {VALUES_MAX}.", path, code=Code.LIMIT_EXCEEDED)
    else:
        for number, value in enumerate(values):
            yield from name(value, (*path, str(number)))


def name(value: str, path: Path) -> Iterator[Problem]:
    """What is wrong with the name of something: of a tag, an event, an article."""
    if not value.strip():
        yield Problem("Say which.", path, code=Code.BLANK)
    else:
        yield from _kept(value, path)


def one_given(parts: Iterable[object], words: str, path: Path) -> Iterator[Problem]:
    """Of a condition's parts one at least is given."""
    if all(part is None for part in parts):
        yield Problem(f"Say {words}.", path, code=Code.BLANK)


def ranged(span: IntRange | None, path: Path, *, least: int) -> Iterator[Problem]:
    """What is wrong with a range of whole numbers that are `least` at the least."""
    if span is None:
        return
    if span == IntRange():
        yield Problem("Give the least, the most, or both.", path, code=Code.BLANK)
    for part, value in (("min", span.min), ("max", span.max)):
        if value is not None and not least <= value <= COUNT_MAX:
            yield Problem(f"Give a number from {least} to {COUNT_MAX:,}.", (*path, part))
    if span.min is not None and span.max is not None and span.min > span.max:
        yield Problem("The least is above the most.", path)


def windowed(window: Window | None, path: Path) -> Iterator[Problem]:
    """What is wrong with a window."""
    if window is None:
        return
    if window.last_days is not None:
        if window.from_ is not None or window.before is not None:
            yield Problem("A window is the last days, or from a moment to another; not both.", path)
        if not 0 <= window.last_days <= WINDOW_DAYS_MAX:
            yield Problem(f"Give a number of days from 0 to {WINDOW_DAYS_MAX:,}.", (*path, "lastDays"))
        return
    for part, moment in (("from", window.from_), ("before", window.before)):
        if moment is not None and (wrong := moment_fault(moment)):
            yield Problem(wrong, (*path, part))
    if window.from_ is not None and window.before is not None and window.from_ >= window.before:
        yield Problem("The window ends before it begins.", path)


def of_property(condition: PropertyCondition, path: Path) -> Iterator[Problem]:
    """What is wrong with a condition on a property of events."""
    yield from name(condition.key, (*path, "key"))
    values = condition.values or []
    kinds = {_kind(value) for value in values}
    if None in kinds:
        yield Problem("Give texts, numbers, or true or false.", (*path, "values"))
    elif len(kinds) > 1:
        yield Problem("Give values of one type.", (*path, "values"))
    else:
        kind = kinds.pop() if kinds else (Type.NUMBER if condition.is_ in ORDERING else Type.TEXT)
        assert kind is not None, "refused above"
        yield from compared(condition.is_, values, Taken(kind), path)


def _kind(value: object) -> Type | None:
    """The type of a JSON value that is one by itself."""
    if isinstance(value, bool):
        return Type.BOOLEAN
    if isinstance(value, int | float):
        return Type.NUMBER
    return Type.TEXT if isinstance(value, str) else None
