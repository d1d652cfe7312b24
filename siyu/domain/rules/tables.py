"""What rules speak of: for deleting and renaming with care, and for knowing whom a change concerns."""

from __future__ import annotations

from enum import StrEnum

from tortoise import fields
from tortoise.indexes import Index

from siyu.domain.kernel.tables import Row

NAME_MAX = 120


class HolderKind(StrEnum):
    """What has a rule."""

    SEGMENT = "SEGMENT"
    TAG = "TAG"


class RuleReference(Row):
    """One thing of which one rule speaks."""

    holder_kind = fields.CharEnumField(HolderKind, max_length=16)
    holder_id = fields.UUIDField()
    #: The kind of change that concerns the rule, a `touching.Change`.
    change = fields.CharField(16)
    #: Of what: a tag's or segment's id, an event's name, an attribute's key, a purpose's code; empty where the change says it all.
    name = fields.CharField(NAME_MAX)

    class Meta:
        table = "rule_references"
        unique_together = (("holder_id", "change", "name"),)
        indexes = (Index(fields=("change", "name")),)
