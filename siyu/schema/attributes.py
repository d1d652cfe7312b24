"""Attributes in the SDL."""

from __future__ import annotations

from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from siyu.domain import attributes
from siyu.domain.attributes import AttributeType
from siyu.schema import planned
from siyu.schema.binding import reads
from siyu.schema.context import Info
from siyu.schema.errors import Payload, mutation
from siyu.schema.planned import RowsOf
from siyu.schema.taking import Input, takes

strawberry.enum(AttributeType, description="Which values an attribute takes.")


@reads(attributes.ATTRIBUTE_DEFINITION)
class AttributeDefinition:
    key: str
    title: str
    type: AttributeType
    choices: list[str] | None
    personal: bool
    searchable: bool
    retention_days: int | None


@reads(attributes.ATTRIBUTE_VALUE)
class AttributeValue:
    key: str
    value: JSON | None


@takes
class AttributeValueInput(Input[attributes.AttributeGiven]):
    """A value to set."""


@takes
class AttributeDefineInput(Input[attributes.AttributeDefine]):
    """What the attribute is."""


@strawberry.type(description="The defined attribute.")
class AttributeDefinePayload(Payload):
    definition_id: strawberry.Private[UUID | None] = None
    attribute: AttributeDefinition | None = planned.written(attributes.ATTRIBUTE_DEFINITION, by="definition_id")


@strawberry.type
class Query:
    @planned.query(list[AttributeDefinition])
    def attribute_definitions(self, info: Info) -> RowsOf:
        """The attributes that your organisation defined, by key."""
        return RowsOf(attributes.ATTRIBUTE_DEFINITION)


@strawberry.type
class Mutation:
    @mutation
    async def attribute_define(self, info: Info, input: AttributeDefineInput) -> AttributeDefinePayload:  # the SDL's name
        """Define an attribute, or change the title, the choices (only adding) and the retention of one. Scope `attributes:define`."""
        return AttributeDefinePayload(definition_id=await attributes.define(info.context.actor, input.to_domain()))
