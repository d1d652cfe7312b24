"""Attributes that the organisation defines, and their values."""

from __future__ import annotations

from enum import StrEnum

from tortoise import fields

from siyu.domain.kernel import normal
from siyu.domain.kernel.tables import Row
from siyu.privacy.actor import Scope
from siyu.privacy.personal import Category, personal
from siyu.privacy.sealed import BlindIndexField, PersonalModel, SealedField


class AttributeType(StrEnum):
    TEXT = "TEXT"
    NUMBER = "NUMBER"
    BOOLEAN = "BOOLEAN"
    DATE = "DATE"
    CHOICE = "CHOICE"
    MULTI_CHOICE = "MULTI_CHOICE"


class AttributeDefinition(Row):
    """What an attribute is called, which values it takes, and whether they are personal."""

    key = fields.CharField(40, unique=True, description="Its name for programs: lower case, digits and underscores.")
    title = fields.CharField(80, description="Its name for people.")
    type = fields.CharEnumField(AttributeType, description="Which values it takes.")
    choices: fields.Field[list[str] | None] = fields.JSONField(null=True, description="The values of a choice.")
    personal = fields.BooleanField(description="Whether its values are sealed under the customer's own key.")
    searchable = fields.BooleanField(default=False, description="Whether customers can be found by a sealed value.")
    retention_days = fields.IntField(null=True, description="After so many days a value goes; null: as long as the customer stays.")

    class Meta:
        table = "attribute_definitions"


class AttributeValue(Row, PersonalModel):
    """One customer's value: clear where rules are computed on it, sealed where the definition calls it personal."""

    technical = frozenset({"id", "created_at", "customer_id", "key"})

    customer_id = fields.UUIDField()
    key = fields.CharField(40, description="The attribute.")
    clear: fields.Field[object] = personal(
        fields.JSONField(null=True, description="The value of an attribute that is not personal."), Category.BEHAVIOUR
    )
    sealed = SealedField(
        category=Category.BEHAVIOUR, scope=Scope.CUSTOMER_ATTRIBUTES_READ, format="json", description="The value of a personal attribute."
    )
    searchable = SealedField(
        category=Category.BEHAVIOUR,
        scope=Scope.CUSTOMER_ATTRIBUTES_READ,
        description="The value, as JSON, of one that people are found by.",
    )
    #: People are found by an attribute that its definition calls searchable, such as a car's number plate.
    searchable_index = BlindIndexField(of="searchable", normal=normal.folded)

    class Meta:
        table = "attribute_values"
        unique_together = (("customer_id", "key"),)
