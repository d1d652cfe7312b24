"""A rule as a tree: exactly one member of each node is given, a branch or a condition.

These dataclasses are the rule itself: what the edge takes, what the text is parsed into, what is checked, stored (as the JSON of
the SDL's spelling, without nulls) and compiled.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from annotated_doc import Doc

from siyu.domain.customers import ActivityState, LifecycleStage
from siyu.domain.kernel.inputs import IntRange, Ref


class Comparison(StrEnum):
    EQ = "EQ"
    NEQ = "NEQ"
    GT = "GT"
    GTE = "GTE"
    LT = "LT"
    LTE = "LTE"
    BETWEEN = "BETWEEN"
    IN = "IN"
    NOT_IN = "NOT_IN"
    IS_SET = "IS_SET"
    IS_NOT_SET = "IS_NOT_SET"


class ProfileField(StrEnum):
    CITY = "CITY"
    PROVINCE = "PROVINCE"
    COUNTRY = "COUNTRY"
    GENDER = "GENDER"
    AGE_BAND = "AGE_BAND"
    OCCUPATION = "OCCUPATION"
    INCOME_BAND = "INCOME_BAND"
    EDUCATION = "EDUCATION"
    SOURCE = "SOURCE"
    LOCALE = "LOCALE"
    CREATED_AT = "CREATED_AT"
    UPDATED_AT = "UPDATED_AT"
    BIRTH_MONTH = "BIRTH_MONTH"
    OWNER = "OWNER"


class OrderMetric(StrEnum):
    COUNT = "COUNT"
    TOTAL = "TOTAL"
    AVERAGE = "AVERAGE"
    DAYS_SINCE_LAST = "DAYS_SINCE_LAST"
    DAYS_SINCE_FIRST = "DAYS_SINCE_FIRST"


class PointsMetric(StrEnum):
    BALANCE = "BALANCE"
    LIFETIME = "LIFETIME"
    EXPIRING = "EXPIRING"
    TIER = "TIER"


class AnniversaryOf(StrEnum):
    BIRTHDAY = "BIRTHDAY"
    FIRST_ORDER = "FIRST_ORDER"
    JOINED = "JOINED"


_VALUES = "Values to compare with: one, two for `BETWEEN` (both included), any number for `IN` and `NOT_IN`, none for `IS_SET`."


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    last_days: Annotated[
        int | None,
        Doc("From midnight so many days before today, in the organisation's time zone, until now. Not together with the others."),
    ] = None
    from_: Annotated[datetime | None, Doc("The first moment that is in.")] = None
    before: Annotated[datetime | None, Doc("The first moment that is out.")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileCondition:
    field: Annotated[ProfileField, Doc("Which field of the profile.")]
    is_: Annotated[Comparison, Doc("How it compares. What is not known compares with nothing: only `IS_NOT_SET` holds for it.")]
    values: Annotated[list[object] | None, Doc(_VALUES)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeCondition:
    key: Annotated[str, Doc("Which attribute, by its key; none that is personal.")]
    is_: Annotated[
        Comparison,
        Doc("How it compares. Of several choices, one among the values is enough for `EQ` and `IN`; `NEQ` and `NOT_IN` hold when none is."),
    ]
    values: Annotated[list[object] | None, Doc(_VALUES)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TagCondition:
    any: Annotated[list[str] | None, Doc("Has at least one of these tags.")] = None
    all: Annotated[list[str] | None, Doc("Has all of these tags.")] = None
    none: Annotated[list[str] | None, Doc("Has none of these tags.")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentCondition:
    in_: Annotated[list[UUID] | None, Ref("Segment"), Doc("Is in at least one of these segments.")] = None
    not_in: Annotated[list[UUID] | None, Ref("Segment"), Doc("Is in none of these segments.")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecycleCondition:
    stages: Annotated[list[LifecycleStage] | None, Doc("Is at one of these stages.")] = None
    activity: Annotated[list[ActivityState] | None, Doc("Is as active as one of these says.")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RfmCondition:
    groups: Annotated[list[str] | None, Doc("Is in one of these groups of the model.")] = None
    recency: Annotated[IntRange | None, Doc("Score of recency, 1 to the model's number of bins; the most is the latest.")] = None
    frequency: Annotated[IntRange | None, Doc("Score of frequency.")] = None
    monetary: Annotated[IntRange | None, Doc("Score of money spent.")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyCondition:
    key: Annotated[str, Doc("Property of the event, at the top of its JSON; none that is sealed.")]
    is_: Annotated[Comparison, Doc("How it compares; values of another type than the given ones compare with nothing.")]
    values: Annotated[list[object] | None, Doc(_VALUES)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventCondition:
    name: Annotated[str, Doc("Name of the events.")]
    window: Annotated[Window | None, Doc("When they happened; at any time when left out.")] = None
    where: Annotated[list[PropertyCondition] | None, Doc("What holds for each event that is counted.")] = None
    count: Annotated[IntRange, Doc("How many there are; `{ max: 0 }`: none.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCondition:
    metric: Annotated[
        OrderMetric,
        Doc("What is compared: number, total or mean of the orders that count, in the organisation's currency; whole days since."),
    ]
    is_: Annotated[Comparison, Doc("How it compares. Without any order, number and total are 0 and the others compare with nothing.")]
    values: Annotated[list[Decimal], Doc(_VALUES)]
    window: Annotated[Window | None, Doc("When they were placed; at any time when left out.")] = None
    categories: Annotated[list[str] | None, Doc("With an article of one of these categories.")] = None
    brands: Annotated[list[str] | None, Doc("With an article of one of these brands.")] = None
    skus: Annotated[list[str] | None, Doc("With one of these articles.")] = None
    channels: Annotated[list[str] | None, Doc("Placed at one of these.")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsCondition:
    metric: Annotated[
        PointsMetric,
        Doc("What is compared: the balance, what was ever earned less what was taken back of it, what will expire, or the tier."),
    ]
    is_: Annotated[
        Comparison,
        Doc(
            "How it compares. Whoever has no points has 0; without a tier, a tier compares with nothing. Tiers are compared by rank; "
            "`BETWEEN` is for numbers."
        ),
    ]
    values: Annotated[list[object], Doc(f"{_VALUES} Whole numbers, of `TIER` codes of tiers.")]
    window: Annotated[
        Window | None,
        Doc(
            "Of `LIFETIME`, when points were earned. Of `EXPIRING`, when they expire, after `from` and at `before` at the latest: there "
            "`lastDays` are days ahead, to the end of the day so many days after today. Not for the others."
        ),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentCondition:
    purpose: Annotated[str, Doc("Code of the purpose.")]
    granted: Annotated[bool, Doc("True: consent holds now. False: it does not: never asked, withdrawn, expired, or of an older notice.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnniversaryCondition:
    of: Annotated[AnniversaryOf, Doc("Of what.")]
    within_days: Annotated[
        int,
        Doc(
            "The next one is today or in at most so many days, in the organisation's time zone; 0 to 365. "
            "29 February is kept on 28 February in other years."
        ),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Exactly one member is given: a branch, or a condition."""

    all: Annotated[list[Rule] | None, Doc("All of these hold; at least one is given.")] = None
    any: Annotated[list[Rule] | None, Doc("At least one of these holds; at least one is given.")] = None
    not_: Annotated[Rule | None, Doc("This does not hold.")] = None
    profile: Annotated[ProfileCondition | None, Doc("What the profile says.")] = None
    attribute: Annotated[AttributeCondition | None, Doc("What an attribute of the organisation's own says.")] = None
    tag: Annotated[TagCondition | None, Doc("Which tags there are.")] = None
    segment: Annotated[SegmentCondition | None, Doc("In which other segments.")] = None
    lifecycle: Annotated[LifecycleCondition | None, Doc("At which stage, and how active.")] = None
    rfm: Annotated[RfmCondition | None, Doc("Scores of recency, frequency and money.")] = None
    event: Annotated[EventCondition | None, Doc("What was done, and how often.")] = None
    order: Annotated[OrderCondition | None, Doc("What was bought.")] = None
    points: Annotated[PointsCondition | None, Doc("How many points, and which tier.")] = None
    consent: Annotated[ConsentCondition | None, Doc("What was consented to.")] = None
    anniversary: Annotated[AnniversaryCondition | None, Doc("Which day is near.")] = None
