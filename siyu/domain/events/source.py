"""What can be read of events and of their register."""

from __future__ import annotations

from siyu.domain.events.splitting import joined
from siyu.domain.events.tables import Event, EventDefinition, EventProperty
from siyu.domain.kernel.dialect import Kind
from siyu.domain.kernel.reading import Derived, Many, Moment, One, Order, Source, TimelineKind
from siyu.privacy.actor import Scope
from siyu.privacy.personal import Category, about

EVENT = Source(
    "Event",
    table=Event,
    scope=Scope.EVENTS_READ,
    description="Something that a customer did.",
    columns=("name", "occurred_at", "received_at", "channel", "late"),
    internal=("properties", "sealed_properties", "customer_id"),
    more=(
        Derived(
            "properties",
            Kind.JSON,
            needs=("properties", "sealed_properties"),
            compute=joined,
            description="What else is known of it. A value that tells who it was is null without `customer.identity:read`.",
            about=about(Category.BEHAVIOUR),
            tells=("sealed_properties",),
        ),
        One("customer", "Customer", via="customer_id", description="Who did it."),
    ),
    orders=(Order("OCCURRED_AT_DESC", "occurred_at"),),
)

EVENT_DEFINITION = Source(
    "EventDefinition",
    table=EventDefinition,
    scope=Scope.EVENTS_READ,
    description="One name of events: what it means, which properties such events have, how many there were.",
    columns=("name", "title", "description", "first_seen_at", "last_seen_at", "count"),
    more=(
        Many("properties", "EventProperty", by="definition_id", sort="NAME_ASC", description="The properties seen or defined.", most=250),
    ),
    orders=(Order("NAME_ASC", "name", descending=False),),
)

EVENT_PROPERTY = Source(
    "EventProperty",
    table=EventProperty,
    scope=Scope.EVENTS_READ,
    description="One property of the events of a name.",
    columns=("name", "types", "personal", "seen_personal", "sealing", "first_seen_at", "last_seen_at", "count"),
    internal=("definition_id",),
    orders=(Order("NAME_ASC", "name", descending=False),),
)

Moment(
    TimelineKind.EVENT,
    EVENT,
    at="occurred_at",
    title=str,
    titled_by=("name",),
    properties={"name": "name", "channel": "channel", "properties": "properties"},
)
