"""What holds of a customer, whoever asks: spellings, names, ages. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Final
from zoneinfo import available_timezones

from siyu.domain.customers.tables import IdentityKind
from siyu.domain.kernel import normal
from siyu.privacy.refusal import Code, Refusal

#: Age bands by their lowest age, oldest first.
AGE_BANDS: Final = ((65, "65_PLUS"), (55, "55_64"), (45, "45_54"), (35, "35_44"), (25, "25_34"), (18, "18_24"), (0, "UNDER_18"))
AGE_MAX: Final = 130
IDENTITIES_MAX: Final = 50
VALUE_MAX: Final = 256

#: Columns of the profile that are identities too, and their kinds.
CONTACTS: Final = {"phone": IdentityKind.PHONE, "email": IdentityKind.EMAIL, "external_id": IdentityKind.EXTERNAL_ID}

#: Fields of a profile that a merge sets as a whole, as the SDL spells them, and their columns.
MERGED: Final[Mapping[str, tuple[str, ...]]] = {
    "externalId": ("external_id",),
    "displayName": ("display_name", "name_index"),
    "familyName": ("family_name",),
    "givenName": ("given_name",),
    "phone": ("phone",),
    "email": ("email",),
    "address": ("line1", "line2", "postal_code"),
    "birthday": ("birthday", "birthday_index", "birth_month", "age_band"),
    "gender": ("gender",),
    "occupation": ("occupation",),
    "incomeBand": ("income_band",),
    "education": ("education",),
    "locale": ("locale",),
    "timezone": ("timezone",),
    "city": ("city",),
    "province": ("province",),
    "country": ("country",),
    "source": ("source",),
    "owner": ("owner_id",),
}
#: What an address is incomplete without: taking one takes these, and lines of another place are not filled in.
PLACES: Final = ("city", "province", "country")

_PER_APP: Final = frozenset({IdentityKind.WECHAT_OPENID, IdentityKind.WECHAT_EXTERNAL_USERID})
_TIMEZONES: Final = frozenset(available_timezones())


def identity_value(kind: IdentityKind, value: str, region: str) -> str:
    """The normal spelling of an identity's value: numbers in E.164, addresses in lower case, codes without spaces."""
    spell: dict[IdentityKind, Callable[[str], str]] = {
        IdentityKind.PHONE: lambda text: normal.phone(text, region),
        IdentityKind.EMAIL: normal.email,
        IdentityKind.MEMBER_NO: normal.member_no,
    }
    spelled = spell.get(kind, normal.code)(value)
    if not spelled:
        raise Refusal("An identity needs a value.", path=("value",), code=Code.BLANK)
    if len(spelled) > VALUE_MAX:
        raise Refusal(f"An identity has at most {VALUE_MAX} characters.", path=("value",), code=Code.TOO_LONG)
    return spelled


def identity_app(kind: IdentityKind, app_id: str | None) -> str:
    """The app that an identity belongs to: needed for the kinds that are per app, and none for the others."""
    app = normal.code(app_id or "")
    if kind in _PER_APP and not app:
        raise Refusal(f"{kind} belongs to an app: say which.", path=("app_id",), code=Code.BLANK)
    if kind not in _PER_APP and app:
        raise Refusal(f"{kind} belongs to no app: leave it out.", path=("app_id",))
    if len(app) > 64:
        raise Refusal("An app's id has at most 64 characters.", path=("app_id",), code=Code.TOO_LONG)
    return app


def age_band(birthday: date, today: date) -> str:
    """The band of the age in whole years; who was born on 29 February is a year older on 1 March."""
    years = today.year - birthday.year - ((today.month, today.day) < (birthday.month, birthday.day))
    return next(band for lowest, band in AGE_BANDS if years >= lowest)


def plausible_birthday(birthday: date, today: date) -> None:
    """Refuse a date of birth in the future, or longer ago than anybody lives."""
    if birthday > today:
        raise Refusal("A birthday can't be in the future.", path=("birthday",))
    if today.year - birthday.year > AGE_MAX:
        raise Refusal(f"Nobody is older than {AGE_MAX} years.", path=("birthday",))


def composed_name(family_name: str | None, given_name: str | None) -> str | None:
    """The name to show where none was given: family name first without a space in Chinese, Japanese and Korean, last elsewhere."""
    parts = [part for part in (family_name, given_name) if part]
    if not parts:
        return None
    if all("\u3040" <= letter <= "\u9fff" or "\uac00" <= letter <= "\ud7a3" for part in parts for letter in part):
        return "".join(parts)
    return " ".join(reversed(parts))


def one_line(name: str, value: str | None, most: int) -> str | None:
    """A short text in its normal spelling; blank is None; too long is refused."""
    if value is None:
        return None
    spelled = normal.line(value)
    if len(spelled) > most:
        raise Refusal(f"At most {most} characters.", path=(name,), code=Code.TOO_LONG)
    return spelled or None


def known_timezone(value: str | None) -> str | None:
    """An IANA time zone."""
    if value is not None and value not in _TIMEZONES:
        raise Refusal("Give an IANA time zone, such as Asia/Shanghai.", path=("timezone",))
    return value


def clear_of_people(name: str, value: str | None) -> str | None:
    """A text that will be stored in the clear holds no telephone number, address or identity number."""
    if value is not None and normal.looks_personal(value):
        raise Refusal("This looks like somebody's number or address; it can't be stored here in the clear.", path=(name,))
    return value


def named(kinds: Iterable[IdentityKind]) -> bool:
    """Whether any of these says who somebody is; an anonymous id does not."""
    return any(kind is not IdentityKind.ANONYMOUS_ID for kind in kinds)


def anonymous(kinds: Collection[IdentityKind]) -> bool:
    """Whether a customer who is known by identities of these kinds has not said who they are. One without any is somebody's entry."""
    return bool(kinds) and not named(kinds)


def contacts(spelled: Mapping[str, object]) -> list[IdentityKind]:
    """The kinds of the identities that these columns of the profile are."""
    return [kind for name, kind in CONTACTS.items() if spelled.get(name) is not None]


class Side(StrEnum):
    """Whose value a merged profile shows."""

    KEPT = "KEPT"
    MERGED = "MERGED"


def sides(kept: Mapping[str, object], merged: Mapping[str, object], taken: Collection[str]) -> dict[str, Side]:
    """Whose value each field has once two profiles are one; fields that neither has are left out.

    The kept one's, but where it has none, or the field is `taken`, the merged one's. Only what is null, and places, is looked at.
    """
    wanted = {*taken, *(PLACES if "address" in taken else ())}
    found: dict[str, Side] = {}
    for name, columns in MERGED.items():
        mine, theirs = (any(profile[column] is not None for column in columns) for profile in (kept, merged))
        if theirs and (name in wanted or (not mine and (name != "address" or _same_place(kept, merged)))):
            found[name] = Side.MERGED
        elif mine:
            found[name] = Side.KEPT
    return found


def _same_place(kept: Mapping[str, object], merged: Mapping[str, object]) -> bool:
    return all(kept[place] in (None, merged[place]) for place in PLACES)


def few_enough(identities: Sequence[object]) -> None:
    """One person has so many identities at the most."""
    if len(identities) > IDENTITIES_MAX:
        raise Refusal(f"A customer has at most {IDENTITIES_MAX} identities.", path=("identities",), code=Code.LIMIT_EXCEEDED)
