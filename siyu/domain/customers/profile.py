"""From what was said of a person to the columns of their row."""

from __future__ import annotations

from dataclasses import fields
from datetime import date

from siyu.domain.customers import rules
from siyu.domain.customers.inputs import AddressGiven, Profile
from siyu.domain.customers.tables import Customer
from siyu.domain.kernel import boot, clock
from siyu.domain.kernel.inputs import changes
from siyu.privacy.refusal import Refusal, Refusals

FIELDS = tuple(item.name for item in fields(Profile))

#: Short texts and their longest; the clear ones must not hold a person's number or address.
_SEALED_LINES = {"display_name": 120, "family_name": 60, "given_name": 60, "line1": 200, "line2": 200, "postal_code": 20}
_CLEAR_LINES = {"occupation": 80, "income_band": 40, "education": 40, "locale": 35, "city": 80, "province": 80, "country": 80, "source": 80}
_PLACES = ("city", "province", "country")


def spelled(said: Profile, path: tuple[str, ...]) -> dict[str, object]:
    """What was said, by column, in its normal spelling. All that does not fit is refused at once, each at its path."""
    raw = {name: value for name, value in changes(said).items() if name in FIELDS and name not in ("address", "attributes")}
    where: dict[str, tuple[str, ...]] = {name: (name,) for name in raw}
    if isinstance(said.address, AddressGiven):
        for name, value in changes(said.address).items():
            if raw.setdefault(name, value) != value:
                raise Refusal("This differs in the address.", path=(*path, name))
            where.setdefault(name, ("address", name))
    elif said.address is None:
        for name in ("line1", "line2", "postal_code"):
            raw.setdefault(name, None)
    found: dict[str, object] = {}
    refusals: list[Refusal] = []
    for name, value in raw.items():
        try:
            found[name] = _spell(name, value)
        except Refusal as refusal:
            refusals.append(Refusal(refusal.message, path=(*path, *where.get(name, (name,))), code=refusal.code))
    if refusals:
        raise Refusals(refusals)
    return found


def _spell(name: str, value: object) -> object:
    if value is None:
        return None
    settings = boot.current().settings
    if isinstance(value, str):
        if name in rules.CONTACTS:
            return rules.identity_value(rules.CONTACTS[name], value, settings.region) if value.strip() else None
        if name in _SEALED_LINES:
            return rules.one_line(name, value, _SEALED_LINES[name])
        if name in _CLEAR_LINES:
            return rules.clear_of_people(name, rules.one_line(name, value, _CLEAR_LINES[name]))
        if name == "timezone":
            return rules.known_timezone(value)
    if isinstance(value, date):
        rules.plausible_birthday(value, clock.today(settings.timezone))
    return value


def apply(customer: Customer, columns: dict[str, object]) -> None:
    """Set the columns, and those that follow from them: the name to show, the month of birth, the age band."""
    for name, value in columns.items():
        setattr(customer, name, value)
    if "display_name" not in columns and ("family_name" in columns or "given_name" in columns) and customer.display_name is None:
        composed = rules.composed_name(_text(columns.get("family_name")), _text(columns.get("given_name")))
        if composed is not None:
            customer.display_name = composed
    if "birthday" in columns:
        birthday = columns["birthday"]
        customer.birth_month = birthday.month if isinstance(birthday, date) else None
        customer.age_band = rules.age_band(birthday, clock.today(boot.current().settings.timezone)) if isinstance(birthday, date) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
