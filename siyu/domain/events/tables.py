"""Events of customers, and the register of their names and properties."""

from __future__ import annotations

from typing import Final

from tortoise import fields
from tortoise.indexes import Index

from siyu.domain.kernel import clock, ids
from siyu.domain.kernel.tables import Row
from siyu.privacy.actor import Scope
from siyu.privacy.columns import HashField
from siyu.privacy.personal import Category, personal
from siyu.privacy.sealed import PersonalModel, SealedField

NAME_MAX: Final = 100
PROPERTY_NAME_MAX: Final = 100
CHANNEL_MAX: Final = 40
TITLE_MAX: Final = 80
DESCRIPTION_MAX: Final = 500

#: As long as the events themselves, whatever category a value of theirs would have elsewhere.
_RETENTION_DAYS: Final = 730


class Event(PersonalModel):
    """Something that a customer did. Written by `recording` without instances, since there are many."""

    technical = frozenset({"id", "customer_id", "received_at", "key", "content", "late"})

    id = fields.UUIDField(primary_key=True, default=ids.uuid7)
    customer_id = fields.UUIDField()
    name = personal(fields.CharField(NAME_MAX, description="What was done: `product_viewed`."), Category.BEHAVIOUR)
    occurred_at = personal(fields.DatetimeField(description="When it was done; the order of a customer's events."), Category.BEHAVIOUR)
    received_at = fields.DatetimeField(default=clock.now, description="When it came here.")
    #: The idempotency key, hashed under a key of the house: it may hold anything.
    key = HashField(unique=True)
    #: Of name, moment and properties as they were given, hashed likewise: tells a repetition from another event under the same key.
    content = fields.BinaryField()
    channel = personal(
        fields.CharField(CHANNEL_MAX, null=True, description="Where it was done: a site, an app, a shop."), Category.BEHAVIOUR
    )
    #: Null stands for each value that is sealed.
    properties: fields.Field[object] = personal(
        fields.JSONField(null=True, description="What else is known of it; nothing that tells who it was."), Category.BEHAVIOUR
    )
    #: By JSON pointer, such as `/delivery/phone`.
    sealed_properties = SealedField(
        category=Category.IDENTITY,
        scope=Scope.CUSTOMER_IDENTITY_READ,
        format="json",
        retention_days=_RETENTION_DAYS,
        description="The properties that tell who it was.",
    )
    late = fields.BooleanField(default=False, description="Whether it came long after it had happened.")

    class Meta:
        table = "events"
        indexes = (Index(fields=("customer_id", "occurred_at", "id")),)


class EventDefinition(Row):
    """One name of events, known since the first event of it came or since it was defined."""

    name = fields.CharField(NAME_MAX, unique=True, description="The name that events carry.")
    title = fields.CharField(TITLE_MAX, null=True, description="Its name for people.")
    description = fields.CharField(DESCRIPTION_MAX, null=True, description="What it means, and when it is sent.")
    first_seen_at = fields.DatetimeField(null=True, description="When the first such event came; null while none has.")
    last_seen_at = fields.DatetimeField(null=True, description="When the last one came that was counted.")
    count = fields.IntField(default=0, description="How many have come, counted every minute; those since erased too.")

    class Meta:
        table = "event_definitions"


class EventProperty(Row):
    """One property of the events of a name, at whatever depth of their JSON."""

    definition_id = fields.UUIDField()
    name = fields.CharField(PROPERTY_NAME_MAX, description="The property's name in the JSON, at whatever depth.")
    types: fields.Field[list[str]] = fields.JSONField(
        default=list, description="Which types were seen: `string`, `number`, `boolean`, `date`, `array`, `object`, `null`."
    )
    personal = fields.BooleanField(default=False, description="Whether its values are sealed, by definition.")
    seen_personal = fields.BooleanField(
        default=False,
        description="Whether a value came that looked like somebody's number or address, and was sealed for that.",
    )
    sealing = fields.BooleanField(default=False, description="True while values that came before it was personal are still being sealed.")
    first_seen_at = fields.DatetimeField(null=True, description="When it first came; null while it has not.")
    last_seen_at = fields.DatetimeField(null=True, description="When it last came, counted every minute, at the top of the JSON.")
    count = fields.IntField(default=0, description="How many events have had it at the top of their JSON, counted every minute.")

    class Meta:
        table = "event_properties"
        unique_together = (("definition_id", "name"),)


class EventTally(Row):
    """Up to where events are counted. One row."""

    counted_until = fields.DatetimeField(description="Events that came before this moment are counted.")

    class Meta:
        table = "event_tally"
