"""From the traits of an `identify` to the fields of a profile. Pure.

The specification's reserved traits have a field each; any other is an attribute of the same key in lower case with underscores
(`favoriteColor` is `favorite_color`), where the organisation has defined it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from siyu.domain.customers import Gender
from siyu.privacy.refusal import Code, Refusal

TRAITS_MAX: Final = 100

_FIELDS: Final = {
    "email": "email",
    "phone": "phone",
    "firstName": "given_name",
    "lastName": "family_name",
    "name": "display_name",
    "birthday": "birthday",
    "gender": "gender",
    "title": "occupation",
    "locale": "locale",
    "timezone": "timezone",
}
_ADDRESS: Final = {"street": "line1", "postalCode": "postal_code", "city": "city", "state": "province", "country": "country"}
#: Said of a person by SDKs, and known here already, or of no use here.
_IGNORED: Final = frozenset({"id", "createdAt", "anonymousId", "userId"})

_GENDERS: Final = {
    "f": Gender.FEMALE, "female": Gender.FEMALE, "woman": Gender.FEMALE, "女": Gender.FEMALE, "2": Gender.FEMALE,
    "m": Gender.MALE, "male": Gender.MALE, "man": Gender.MALE, "男": Gender.MALE, "1": Gender.MALE,
    "other": Gender.OTHER, "其他": Gender.OTHER,
    "unknown": Gender.UNKNOWN, "": Gender.UNKNOWN, "未知": Gender.UNKNOWN, "0": Gender.UNKNOWN,
}  # fmt: skip
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_OTHER: Final = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Said:
    """One thing said of a person: the trait's own path, the field or the attribute (`attribute:<key>`) that it is for, the value."""

    trait: str
    target: str
    value: object


ATTRIBUTE: Final = "attribute:"


def read(traits: Mapping[str, object], zone: ZoneInfo) -> tuple[list[Said], list[Refusal]]:
    """What the traits say, and what of them is wrong, each refusal with the trait's path. Null clears.

    A birthday that an SDK made a moment of is that moment's day in `zone`; midnight in UTC is that day everywhere.
    """
    said: list[Said] = []
    refusals: list[Refusal] = []
    for number, (trait, value) in enumerate(traits.items()):
        if number >= TRAITS_MAX:
            refusals.append(Refusal(f"At most {TRAITS_MAX} traits are read.", path=("traits",), code=Code.LIMIT_EXCEEDED))
            break
        try:
            said += _read(trait, value, zone)
        except Refusal as refusal:
            refusals.append(Refusal(refusal.message, path=("traits", *(refusal.path or (_shown(trait),))), code=refusal.code))
    return said, refusals


def _read(trait: str, value: object, zone: ZoneInfo) -> list[Said]:
    if trait in _IGNORED:
        return []
    if trait == "address" and value is not None:
        return _address(value)
    if trait == "company":
        return [] if value is None else [Said("company", ATTRIBUTE + "company", value.get("name") if isinstance(value, dict) else value)]
    if trait in _FIELDS:
        spell = _SPELL.get(trait, _text) if trait != "birthday" else partial(_birthday, zone=zone)
        return [Said(trait, _FIELDS[trait], None if value is None else spell(value))]
    key = attribute_key(trait)
    if not key:
        raise Refusal("This is no name of an attribute.")
    if isinstance(value, str) and "\0" in value:
        raise Refusal("No database stores this text.")
    return [Said(_shown(trait), ATTRIBUTE + key, value)]


def attribute_key(trait: str) -> str:
    """The key of the attribute that a trait is for: `favoriteColor` and `Favorite Color` are `favorite_color`. May come out empty."""
    return _OTHER.sub("_", _HUMP.sub("_", trait[:80]).lower()).strip("_")[:40]


def _shown(trait: str) -> str:
    """A trait's name as far as it can be said back: one that a program made, not one that somebody typed."""
    return trait if len(trait) <= 40 and trait.isascii() and trait.isidentifier() else "?"


def _address(value: object) -> list[Said]:
    if not isinstance(value, dict):
        raise Refusal("An address is an object with street, city, state, postalCode and country.", path=("address",))
    found = []
    for part, target in _ADDRESS.items():
        if part in value:
            given = value[part]
            if given is not None and not isinstance(given, str | int):
                raise Refusal("This is a text.", path=("address", part))
            found.append(Said(f"address.{part}", target, None if given is None else str(given)))
    return found


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise Refusal("This is a text.")


def _birthday(value: object, *, zone: ZoneInfo) -> date:
    text = value if isinstance(value, str) else ""
    try:
        if len(text) == 10:
            return date.fromisoformat(text)
        moment = datetime.fromisoformat(text)
        at_midnight = moment.time() == time(0) or moment.tzinfo is None
        return moment.date() if at_midnight else moment.astimezone(zone).date()
    except (ValueError, OverflowError):
        raise Refusal("Give a birthday as a date such as 1990-01-31.") from None


def _gender(value: object) -> Gender:
    found = _GENDERS.get(str(value).strip().lower()) if isinstance(value, str | int) and not isinstance(value, bool) else None
    if found is None:
        raise Refusal("Give a gender as female, male, other or unknown.")
    return found


_SPELL: Final = {"gender": _gender}
