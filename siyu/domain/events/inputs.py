"""What is said to us of events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated
from uuid import UUID

from annotated_doc import Doc

from siyu.domain.customers import IdentityGiven, Unknown
from siyu.domain.events import rules
from siyu.domain.events.tables import DESCRIPTION_MAX, NAME_MAX, TITLE_MAX
from siyu.domain.kernel.inputs import UNSET, Personal, Unset
from siyu.domain.kernel.reading import Containing
from siyu.privacy.personal import Category
from siyu.privacy.refusal import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class EventGiven:
    customer: Annotated[IdentityGiven, Doc("Who did it, by a value that the customer is known by.")]
    name: Annotated[str, Doc(f"What was done, such as `product_viewed`: at most {NAME_MAX} characters; case counts.")]
    occurred_at: Annotated[
        datetime, Doc("When it was done; up to ten years ago, and at most five minutes ahead. The order of arrival doesn't matter.")
    ]
    properties: Annotated[
        object,
        Personal(Category.BEHAVIOUR),
        Doc(f"What else is known of it: a JSON object of at most {rules.PROPERTIES_BYTES_MAX // 1024} KB. What is personal is sealed."),
    ] = None
    channel: Annotated[str | None, Doc("Where it was done: a site, an app, a shop.")] = None
    idempotency_key: Annotated[
        str, Doc(f"Yours alone, at most {rules.KEY_MAX} characters: the same event sent again under the same key changes nothing.")
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsTrack:
    events: Annotated[list[EventGiven], Doc(f"At most {rules.BATCH_MAX:,}; a bad one never loses the others.")]
    unknown_customers: Annotated[
        Unknown | None, Doc("What becomes of an event of somebody who isn't known: `CREATE` makes a customer, which is usual.")
    ] = None


@dataclass(slots=True, kw_only=True)
class EventRow:
    """An event whose customer is known already: what `record` takes. `occurred_at` is aware; `properties` are JSON values."""

    customer_id: UUID
    name: str
    occurred_at: datetime
    properties: Mapping[str, object]
    #: The idempotency key, unique in the whole house.
    key: str
    channel: str | None = None
    #: The event's place in its call, for the paths of refusals.
    position: int = 0
    #: The moment in the sender's own words, where `occurred_at` was worked out from it: by it a repetition is told, not by `occurred_at`.
    said_at: str | None = None


@dataclass(slots=True)
class Tracked:
    """What became of a batch. A refusal's path is `input, events, position` and what is wrong below; late and future ones are accepted."""

    accepted: int = 0
    duplicates: int = 0
    #: The duplicates' positions.
    repeated: set[int] = field(default_factory=set)
    late: int = 0
    future: int = 0
    refusals: list[Refusal] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPropertyGiven:
    name: Annotated[str, Doc("The property's name in the JSON; it counts at whatever depth it stands.")]
    personal: Annotated[
        bool, Doc("Whether its values tell who somebody is: they are sealed, whole, from now on, and a job seals what is stored already.")
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDefine:
    name: Annotated[str, Doc("The name that events carry.")]
    title: Annotated[str | Unset | None, Doc(f"Its name for people, at most {TITLE_MAX} characters; null clears it.")] = UNSET
    description: Annotated[
        str | Unset | None, Doc(f"What it means and when it is sent, at most {DESCRIPTION_MAX} characters; null clears it.")
    ] = UNSET
    properties: Annotated[list[EventPropertyGiven] | None, Doc("Properties to define; others stay as they are.")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDefinitionFilter:
    """Which definitions are listed."""

    search: Annotated[str | None, Doc("A part of the name or of the title."), Containing(("name", "title"))] = None
