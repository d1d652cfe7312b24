"""How alike two people are. Pure: two people in, a score and its reasons out.

The model is Fellegi and Sunter's (A Theory for Record Linkage, JASA 64, 1969): each field that both people have adds the base-2 logarithm
of how much likelier its degree of agreement is for two records of one person than for two of different people; what is missing adds
nothing. The sum, with the odds that two people who share a block are one, gives a probability: the score. Degrees of agreement of
texts are Winkler's (Jaro-Winkler similarity, 1990), of addresses the share of common words' letters. The weights are rounded by hand from
what the fields of the FEBRL sets 2 and 3 show, and hold for no set in particular; `benchmarks/duplicates.py` says how good they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, JaroWinkler

from siyu.domain.duplicates.person import Person

#: Pairs that score less are no candidates.
THRESHOLD: Final = 0.80
#: What every pair begins with: most people who share a block are two.
_PRIOR: Final = -13.0
#: All of an address together counts no more: people of one household share it.
_ADDRESS_MOST: Final = 13.0
#: A pair that was dismissed is shown again when its score rises by so much.
RISE: Final = 0.05
#: Raised when weights or tokens change: then everybody is compared again.
VERSION: Final = 1

_DECISIVE: Final = frozenset({"same phone", "same email"})


@dataclass(frozen=True, slots=True)
class Likeness:
    """How probable it is that two people are one, from 0 to 1, and what speaks for it: sentences without a value."""

    score: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Evidence:
    bits: float
    reason: str | None = None


_NOTHING: Final = _Evidence(0.0)


def compare(left: Person, right: Person) -> Likeness:
    """How alike they are; the order of the two says nothing."""
    found = (
        _name(left, right),
        _birthday(left.birthday, right.birthday),
        _phone(left, right),
        _email(left, right),
        _gender(left, right),
        _address(left, right),
    )
    bits = _PRIOR + sum(each.bits for each in found)
    reasons = tuple(each.reason for each in found if each.reason)
    return Likeness(round(1 / (1 + 2.0 ** -max(-60.0, min(60.0, bits))), 4), reasons)


def _degree(left: str, right: str) -> float:
    return 1.0 if left == right else float(JaroWinkler.similarity(left, right))


def _part(left: str, right: str, same: float) -> float:
    """The weight of one part of a name."""
    if not left or not right:
        return 0.0
    degree = _degree(left, right)
    if degree >= 0.99:
        return same
    if degree >= 0.90:
        return same - 1.5
    if degree >= 0.80:
        return same - 4.0
    return 0.0 if degree >= 0.70 else -4.5


def _name(left: Person, right: Person) -> _Evidence:
    if not left.parts or not right.parts:
        return _NOTHING
    if left.syllabic or right.syllabic:
        return _syllabic_name(left, right)
    if (left.family or left.given) and (right.family or right.given):
        straight = _part(left.family, right.family, 7.0) + _part(left.given, right.given, 6.5)
        crossed = _part(left.family, right.given, 7.0) + _part(left.given, right.family, 6.5) - 0.5
        bits, swapped = max(straight, crossed), crossed > straight
    else:
        bits, swapped = 2 * _part(left.name, right.name, 6.0), False
    if bits <= 0:
        return _Evidence(bits)
    if left.name == right.name:
        return _Evidence(bits, "family and given name swapped" if swapped else "same name")
    return _Evidence(bits, f"names alike {_degree(left.name, right.name):.2f}")


def _syllabic_name(left: Person, right: Person) -> _Evidence:
    """Two or three signs say less than ten letters, and near sounds nothing: 王林 and 王柳 are two people."""
    if left.written == right.written:
        return _Evidence(9.0, "same name")
    if left.name == right.name:
        return _Evidence(6.5, "names sound the same")
    one_off = min(len(left.written), len(right.written)) > 2 and OSA.distance(left.written, right.written, score_cutoff=1) == 1
    return _Evidence(0.0) if one_off else _Evidence(-8.0)


def _birthday(left: date | None, right: date | None) -> _Evidence:
    if left is None or right is None:
        return _NOTHING
    if left == right:
        return _Evidence(13.0, "same birthday")
    if (left.year, left.month, left.day) == (right.year, right.day, right.month):
        return _Evidence(7.5, "birthdays with day and month swapped")
    if OSA.distance(left.strftime("%Y%m%d"), right.strftime("%Y%m%d")) == 1:
        return _Evidence(5.5, "birthdays differ in one digit")
    return _Evidence(-5.0)


def _phone(left: Person, right: Person) -> _Evidence:
    if not left.phone or not right.phone:
        return _NOTHING
    if left.phone == right.phone:
        return _Evidence(16.0, "same phone")
    if OSA.distance(left.phone, right.phone, score_cutoff=1) == 1:
        return _Evidence(8.0, "phones differ in one digit")
    return _Evidence(-1.0)


def _email(left: Person, right: Person) -> _Evidence:
    if not left.email or not right.email:
        return _NOTHING
    if left.email == right.email:
        return _Evidence(16.0, "same email")
    mine, theirs = left.email.partition("@")[0], right.email.partition("@")[0]
    if mine == theirs:
        return _Evidence(8.0, "same email name at another provider")
    if len(mine) >= 6 and OSA.distance(left.email, right.email, score_cutoff=1) == 1:
        return _Evidence(7.0, "emails differ in one letter")
    return _Evidence(-0.5)


def _gender(left: Person, right: Person) -> _Evidence:
    if not left.gender or not right.gender:
        return _NOTHING
    return _Evidence(0.8 if left.gender == right.gender else -3.0)


def _address(left: Person, right: Person) -> _Evidence:
    bits, near = 0.0, 0.0
    if (left.line1 or left.line2) and (right.line1 or right.line2):
        whole = fuzz.token_sort_ratio(f"{left.line1} {left.line2}", f"{right.line1} {right.line2}")
        first = fuzz.token_sort_ratio(left.line1, right.line1) if left.line1 and right.line1 else 0.0
        near = max(whole, first) / 100
        bits += 9.0 if near >= 0.88 else 6.0 if near >= 0.75 else 2.0 if near >= 0.65 else -2.0
    if left.postal_code and right.postal_code:
        far = OSA.distance(left.postal_code, right.postal_code)
        bits += 4.0 if far == 0 else 2.0 if far == 1 else -1.5
    if left.city and right.city:
        degree = _degree(left.city, right.city)
        bits += 2.0 if degree >= 0.9 else -1.0 if degree < 0.75 else 0.0
    if left.province and right.province:
        bits += 0.5 if left.province == right.province else -0.5
    bits = min(bits, _ADDRESS_MOST)
    return _Evidence(bits, f"addresses alike {near:.2f}" if bits > 0 and near >= 0.75 else "same place" if bits > 0 else None)


def comes_back(score: float, reasons: Sequence[str], *, dismissed_score: float, dismissed_reasons: Sequence[str]) -> bool:
    """Whether a pair that somebody said is not one person is shown again: something material speaks for it that did not then.

    Its score rose by `RISE`, or a value that is one person's alone (a phone, an email address) is the same now and wasn't.
    """
    fresh = {reason for reason in reasons if reason in _DECISIVE} - set(dismissed_reasons)
    return bool(fresh) or round(score - dismissed_score, 4) >= RISE
