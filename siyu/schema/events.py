"""Events and their register in the SDL."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from siyu.domain import events, work
from siyu.domain.events import EventDefinitionFilter
from siyu.domain.kernel.paging import Slice
from siyu.schema import planned
from siyu.schema.binding import reads
from siyu.schema.connections import Connection
from siyu.schema.context import Info
from siyu.schema.errors import Payload, mutation
from siyu.schema.planned import PageOf, RowOf
from siyu.schema.relay import Node
from siyu.schema.taking import Input, takes
from siyu.schema.work import Job

if TYPE_CHECKING:
    from siyu.schema.customers import Customer


@reads(events.EVENT)
class Event(Node):
    name: str
    occurred_at: datetime
    received_at: datetime
    channel: str | None
    properties: JSON | None
    late: bool
    customer: Annotated[Customer, strawberry.lazy("siyu.schema.customers")]


@reads(events.EVENT_PROPERTY)
class EventProperty:
    name: str
    types: list[str]
    personal: bool
    seen_personal: bool
    sealing: bool
    first_seen_at: datetime | None
    last_seen_at: datetime | None
    count: int


@reads(events.EVENT_DEFINITION)
class EventDefinition(Node):
    name: str
    title: str | None
    description: str | None
    properties: list[EventProperty]
    first_seen_at: datetime | None
    last_seen_at: datetime | None
    count: int


@takes
class EventPropertyInput(Input[events.EventPropertyGiven]):
    """What is said of a property."""


@takes
class EventDefineInput(Input[events.EventDefine]):
    """What the events of a name mean; what is left out stays."""


@strawberry.type(description="The definition as it is now.")
class EventDefinePayload(Payload):
    definition_id: strawberry.Private[UUID | None] = None
    work_id: strawberry.Private[UUID | None] = None
    definition: EventDefinition | None = planned.written(events.EVENT_DEFINITION, by="definition_id")
    job: Job | None = planned.written(work.JOB, by="work_id")


@strawberry.type
class Query:
    @planned.query(Connection[EventDefinition])
    def event_definitions(
        self,
        info: Info,
        first: int | None = None,
        after: str | None = None,
        search: Annotated[str | None, strawberry.argument(description="A part of the name or of the title.")] = None,
    ) -> PageOf:
        """The names of events that have come or were defined, by name. Scope `events:read`."""
        return PageOf(events.EVENT_DEFINITION, EventDefinitionFilter(search=search), None, Slice(first, after))

    @planned.query(EventDefinition | None)
    async def event_definition(
        self, info: Info, name: Annotated[str, strawberry.argument(description="The name that events carry.")]
    ) -> RowOf:
        """The events of one name: what they mean, which properties they have; null when there are none. Scope `events:read`."""
        return RowOf(events.EVENT_DEFINITION, await events.definition(info.context.actor, name))


@strawberry.type
class Mutation:
    @mutation
    async def event_define(self, info: Info, input: EventDefineInput) -> EventDefinePayload:  # the SDL's name
        """Say what events of a name mean, and which of their properties are personal. Scope `events:define`."""
        return _defined(await events.define(info.context.actor, input.to_domain()))


def _defined(done: events.Defined) -> EventDefinePayload:
    return EventDefinePayload(definition_id=done.definition_id, work_id=done.work_id)
