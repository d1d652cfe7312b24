"""Which scopes a condition asks for: what may be read may be asked about, nothing else. Pure."""

from __future__ import annotations

from typing import Final

from siyu.domain.rules.inputs import AnniversaryOf, ProfileField, Rule
from siyu.privacy.actor import Scope

_DEMOGRAPHICS: Final = (
    ProfileField.GENDER,
    ProfileField.AGE_BAND,
    ProfileField.OCCUPATION,
    ProfileField.INCOME_BAND,
    ProfileField.EDUCATION,
    ProfileField.BIRTH_MONTH,
)
_PROFILE: Final = {
    **dict.fromkeys(_DEMOGRAPHICS, Scope.CUSTOMER_DEMOGRAPHICS_READ),
    **dict.fromkeys((ProfileField.CITY, ProfileField.PROVINCE, ProfileField.COUNTRY), Scope.CUSTOMER_LOCATION_READ),
    ProfileField.OWNER: Scope.STAFF_READ,
}
_ANNIVERSARIES: Final = {
    AnniversaryOf.BIRTHDAY: Scope.CUSTOMER_BIRTHDAY_READ,
    AnniversaryOf.FIRST_ORDER: Scope.ORDERS_READ,
    AnniversaryOf.JOINED: Scope.CUSTOMERS_READ,
}
_KINDS: Final = {
    "attribute": Scope.CUSTOMERS_READ,
    "tag": Scope.TAGS_READ,
    "segment": Scope.SEGMENTS_READ,
    "lifecycle": Scope.ORDERS_READ,
    "rfm": Scope.ORDERS_READ,
    "event": Scope.EVENTS_READ,
    "order": Scope.ORDERS_READ,
    "points": Scope.POINTS_READ,
    "consent": Scope.CONSENT_READ,
}


def needed(rule: Rule) -> frozenset[Scope]:
    """The scopes that one condition asks for, those of what it reads; none for a branch."""
    if rule.profile is not None:
        return frozenset({_PROFILE.get(rule.profile.field, Scope.CUSTOMERS_READ)})
    if rule.anniversary is not None:
        return frozenset({_ANNIVERSARIES[rule.anniversary.of]})
    return frozenset(scope for name, scope in _KINDS.items() if getattr(rule, name) is not None)
