"""Which people are compared at all: those who share one of these tokens. Pure.

Each kind is right when some of a person's values are right, so that one mistake, or several in one value, never hides a pair.
A token is hashed under a key of our own before it is stored (`keys.py`); what leaves here is plain, and stays inside the job.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations
from typing import Final

from siyu.domain.duplicates.person import Person

_VOWELS: Final = re.compile(r"(?<!^)[aeiouhwy]")
_TWICE: Final = re.compile(r"(.)\1+")
_SOUNDS: Final = str.maketrans("bfpvcgjkqsxzdtlmnr", "111122222222334556")
_DIGITS: Final = re.compile(r"\d+")


def sound(word: str) -> str:
    """What is left of a word when vowels, doubled letters and near consonants are taken for one, after Russell's soundex."""
    if not word:
        return ""
    return word[0] + _TWICE.sub(r"\1", _VOWELS.sub("", word)[1:].translate(_SOUNDS))[:3]


def tokens(person: Person) -> set[tuple[str, str]]:
    """A person's tokens, each with its kind."""
    return {(kind, token) for kind, token in _tokens(person) if token}


def _tokens(person: Person) -> Iterator[tuple[str, str]]:
    sounds = sorted({sound(part) for part in _words(person)})
    day = person.birthday
    if day is not None:
        # Day and month in order of size, so that a swap changes nothing.
        small, large = sorted((day.month, day.day))
        yield from (("name_day", f"{each[0]} {day.year} {small} {large}") for each in sounds)
        yield from (("name_month", f"{each} {day.year} {day.month}") for each in sounds)
        yield from (("name_date", f"{each} {small} {large}") for each in sounds)
        yield "day_place", f"{day.year} {small} {large} {person.postal_code or person.city}" if person.postal_code or person.city else ""
    if len(sounds) > 1:
        yield from (("names", f"{first} {second}") for first, second in combinations(sounds, 2))
    if person.postal_code:
        yield from (("name_post", f"{each} {person.postal_code}") for each in sounds)
    yield from (("name_street", f"{each} {word}") for each in sounds for word in _street(person))
    yield from _streets(person)
    if len(person.phone) >= 8:
        yield "phone", person.phone[-8:]
    mine = person.email.partition("@")[0]
    if len(mine) >= 4:
        yield "email", mine


def _words(person: Person) -> list[str]:
    return [part for part in (person.family, person.given) if part] or [person.name][: bool(person.parts)]


def _street(person: Person) -> list[str]:
    """The longest word of each line, with the house's number."""
    found = []
    for line in (person.line1, person.line2):
        words = [word for word in line.split() if not word.isdigit()]
        if words:
            found.append(" ".join(sorted(words, key=lambda word: (-len(word), word))[:1]))
    return found


def _streets(person: Person) -> Iterator[tuple[str, str]]:
    first = _street(person)
    number = next(iter(_DIGITS.findall(person.line1)), "")
    if first and number:
        yield from (("street", f"{number} {word}") for word in first)
