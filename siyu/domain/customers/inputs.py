"""What is said to us of a customer. `UNSET` is "left out": it stays as it is; null clears."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from annotated_doc import Doc

from siyu.domain import attributes
from siyu.domain.customers import rules
from siyu.domain.customers.tables import ActivityState, Gender, IdentityKind, LifecycleStage
from siyu.domain.kernel import boot, normal
from siyu.domain.kernel.inputs import UNSET, Personal, Ref, Unset
from siyu.domain.kernel.reading import Blind, OneOf, Same, Within
from siyu.domain.kernel.reading.conditions import Match, Through, Tied
from siyu.privacy.actor import Scope
from siyu.privacy.personal import Category

_IDENTITY = Personal(Category.IDENTITY)
_CONTACT = Personal(Category.CONTACT)
_DEMOGRAPHIC = Personal(Category.DEMOGRAPHIC)
_LOCATION = Personal(Category.LOCATION)

Text = str | None | Unset


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityGiven:
    kind: Annotated[IdentityKind, Doc("What kind of value it is.")]
    value: Annotated[str, _IDENTITY, Doc("The value in any spelling; a number is read as one of the organisation's own region.")]
    app_id: Annotated[str | None, Doc("The WeChat app that an openid belongs to; for no other kind.")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressGiven:
    line1: Annotated[Text, _CONTACT, Doc("Street and house number.")] = UNSET
    line2: Annotated[Text, _CONTACT, Doc("Building, floor, door.")] = UNSET
    postal_code: Annotated[Text, _CONTACT, Doc("Postal code.")] = UNSET
    city: Annotated[Text, _LOCATION, Doc("City; the same as the customer's own `city`.")] = UNSET
    province: Annotated[Text, _LOCATION, Doc("Province or state; the same as the customer's own.")] = UNSET
    country: Annotated[Text, _LOCATION, Doc("Country; the same as the customer's own.")] = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What may be said of a person, when the customer is made and later."""

    external_id: Annotated[Text, _IDENTITY, Doc("The key of this customer in your own system; unique.")] = UNSET
    display_name: Annotated[Text, _IDENTITY, Doc("The name to show; made from family and given name where it is left out.")] = UNSET
    family_name: Annotated[Text, _IDENTITY, Doc("Family name.")] = UNSET
    given_name: Annotated[Text, _IDENTITY, Doc("Given name.")] = UNSET
    phone: Annotated[Text, _CONTACT, Doc("Telephone number in any spelling; stored as E.164, unique.")] = UNSET
    email: Annotated[Text, _CONTACT, Doc("Email address; stored in lower case, unique.")] = UNSET
    address: Annotated[AddressGiven | Unset | None, Doc("Postal address; what is left out of it stays.")] = UNSET
    birthday: Annotated[date | Unset | None, _DEMOGRAPHIC, Doc("Date of birth.")] = UNSET
    gender: Annotated[Gender | Unset | None, _DEMOGRAPHIC, Doc("Gender, as the customer gave it.")] = UNSET
    occupation: Annotated[Text, _DEMOGRAPHIC, Doc("Occupation.")] = UNSET
    income_band: Annotated[Text, _DEMOGRAPHIC, Doc("Income, in your own bands.")] = UNSET
    education: Annotated[Text, _DEMOGRAPHIC, Doc("Education.")] = UNSET
    locale: Annotated[Text, Doc("Language to speak, as a BCP 47 tag: `zh-CN`.")] = UNSET
    timezone: Annotated[Text, Doc("Time zone, as an IANA name: `Asia/Shanghai`.")] = UNSET
    city: Annotated[Text, _LOCATION, Doc("City.")] = UNSET
    province: Annotated[Text, _LOCATION, Doc("Province or state.")] = UNSET
    country: Annotated[Text, _LOCATION, Doc("Country.")] = UNSET
    source: Annotated[Text, Doc("Where the customer came from: a channel, a store, an advertisement, a friend.")] = UNSET
    attributes: Annotated[
        list[attributes.AttributeGiven] | Unset | None, Doc("Values of attributes that you defined; null as a value clears one.")
    ] = UNSET
    owner_id: Annotated[UUID | Unset | None, Ref("Staff"), Doc("The member of staff who looks after the customer.")] = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerCreate(Profile):
    identities: Annotated[list[IdentityGiven] | None, Doc("Further values that the customer is known by.")] = None
    tags: Annotated[list[str] | None, Doc("Names of tags to put on; those that are there stay. Scope `tags:assign`.")] = None
    referral_code: Annotated[
        str | None, Doc("The code of the customer who referred this one; the same one again changes nothing, another one is refused.")
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerUpdate(Profile):
    id: Annotated[UUID, Ref("Customer"), Doc("The customer.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerUpsert:
    match: Annotated[IdentityGiven, Doc("By what the customer is found; a customer who is not found is made with it.")]
    set: Annotated[CustomerCreate, Doc("What to set; what is left out stays.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityAdd:
    customer_id: Annotated[UUID, Ref("Customer"), Doc("The customer.")]
    identity: Annotated[IdentityGiven, Doc("The value that the customer is known by from now on.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityRemove:
    customer_id: Annotated[UUID, Ref("Customer"), Doc("The customer.")]
    identity_id: Annotated[UUID, Ref("Identity"), Doc("The identity to remove.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class DateTimeRange:
    from_: Annotated[datetime | None, Doc("The first moment that is in.")] = None
    before: Annotated[datetime | None, Doc("The first moment that is out.")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecimalRange:
    min: Annotated[Decimal | None, Doc("The least that is in.")] = None
    max: Annotated[Decimal | None, Doc("The most that is in.")] = None


class CustomerSort(StrEnum):
    CREATED_AT_DESC = "CREATED_AT_DESC"
    CREATED_AT_ASC = "CREATED_AT_ASC"
    UPDATED_AT_DESC = "UPDATED_AT_DESC"
    LAST_ORDERED_AT_DESC = "LAST_ORDERED_AT_DESC"
    TOTAL_SPENT_DESC = "TOTAL_SPENT_DESC"


def _spelled(kind: IdentityKind, text: str) -> str:
    return rules.identity_value(kind, text, boot.current().settings.region)


def _identity(kind: IdentityKind, of: str) -> Blind:
    """Found among all the person's identities of the kind, not only the profile's own."""
    return Blind(
        "value_index", of, lambda text: _spelled(kind, text), through=Through("Identity", "customer_id", f"kind = '{kind}' and app_id = ''")
    )


def _tagged(match: Match) -> Tied:
    return Tied("tag_assignments", "customer_id", "tag_id", Scope.TAGS_READ, match, named=("tags", "name"))


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerFilter:
    """Every member that is given must hold."""

    ids: Annotated[list[UUID] | None, Ref("Customer"), Doc("One of these customers."), OneOf("id")] = None
    phone: Annotated[
        str | None, _CONTACT, Doc("Known by this telephone number, in any spelling."), _identity(IdentityKind.PHONE, "phone")
    ] = None
    email: Annotated[str | None, _CONTACT, Doc("Known by this email address."), _identity(IdentityKind.EMAIL, "email")] = None
    external_id: Annotated[
        str | None, _IDENTITY, Doc("The key in your own system."), _identity(IdentityKind.EXTERNAL_ID, "external_id")
    ] = None
    name: Annotated[
        str | None,
        _IDENTITY,
        Doc("The whole name to show, whatever its case or width; no part of it."),
        Blind("name_index", "display_name", normal.folded, truncated=True),
    ] = None
    tags_any: Annotated[list[str] | None, Doc("Has at least one of these tags, by name."), _tagged(Match.ANY)] = None
    tags_all: Annotated[list[str] | None, Doc("Has all of these tags."), _tagged(Match.ALL)] = None
    tags_none: Annotated[list[str] | None, Doc("Has none of these tags."), _tagged(Match.NONE)] = None
    segment: Annotated[
        UUID | None,
        Ref("Segment"),
        Doc("Is in this segment now."),
        Tied("segment_members", "customer_id", "segment_id", Scope.SEGMENTS_READ),
    ] = None
    lifecycle_stage: Annotated[list[LifecycleStage] | None, Doc("At one of these stages."), OneOf("lifecycle_stage")] = None
    activity: Annotated[list[ActivityState] | None, Doc("As active as one of these says."), OneOf("activity")] = None
    city: Annotated[list[str] | None, _LOCATION, Doc("One of these cities."), OneOf("city")] = None
    source: Annotated[list[str] | None, Doc("One of these sources."), OneOf("source")] = None
    gender: Annotated[list[Gender] | None, _DEMOGRAPHIC, Doc("One of these genders."), OneOf("gender")] = None
    anonymous: Annotated[bool | None, Doc("Whether nothing but anonymous ids is known of the customer."), Same("anonymous")] = None
    created_at: Annotated[DateTimeRange | None, Doc("When the customer was made."), Within("created_at")] = None
    last_ordered_at: Annotated[DateTimeRange | None, Doc("When the last order was placed."), Within("last_ordered_at")] = None
    total_spent: Annotated[DecimalRange | None, Doc("Sum of the orders that count."), Within("spent_e4")] = None
    all: Annotated[list[CustomerFilter] | None, Doc("All of these hold.")] = None
    any: Annotated[list[CustomerFilter] | None, Doc("At least one of these holds.")] = None
    not_: Annotated[CustomerFilter | None, Doc("This does not hold.")] = None
