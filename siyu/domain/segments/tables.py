"""Segments, who is in them, and who was when."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar

from tortoise import fields
from tortoise.fields import JSONField
from tortoise.indexes import Index
from tortoise.models import Model

from siyu.domain.kernel import clock, ids
from siyu.domain.kernel.tables import Row
from siyu.privacy.actor import Scope
from siyu.privacy.personal import Category, personal
from siyu.privacy.sealed import PersonalModel, SealedField


class SegmentKind(StrEnum):
    DYNAMIC = "DYNAMIC"
    STATIC = "STATIC"


class Override(StrEnum):
    INCLUDE = "INCLUDE"
    EXCLUDE = "EXCLUDE"


class Segment(Row):
    """A named set of customers: by a rule, or by hand."""

    code = fields.CharField(40, unique=True, description="Its name for programs and rules; it never changes.")
    name = fields.CharField(80, description="Its name for people.")
    description = fields.CharField(500, null=True, description="Whom it is meant to hold, and what for.")
    kind = fields.CharEnumField(SegmentKind, description="By a rule, or by hand.")
    rule: JSONField[dict[str, object] | None] = fields.JSONField(null=True)
    expression = fields.TextField(null=True, description="The rule as text; null without one.")
    rule_version = fields.IntField(default=1, description="Grows by one with each change of the rule.")
    evaluated_at = fields.DatetimeField(null=True, description="When the rule was last applied to everybody.")
    evaluation_milliseconds = fields.IntField(null=True, description="How long that took.")
    #: Whether the rule or much of what it speaks of has changed since.
    due = fields.BooleanField(default=False)
    failure = fields.CharField(
        300, null=True, description="Why the rule could not be applied the last time; its members are those of before. Null when it could."
    )
    updated_at = fields.DatetimeField(default=clock.now, description="When it was last changed.")

    class Meta:
        table = "segments"


class SegmentMember(PersonalModel):
    """One customer who is in a segment now. Written by evaluation, by differences."""

    technical = frozenset({"id", "customer_id"})
    naming: ClassVar[Mapping[str, str]] = {"segment_id": "segments"}

    id = fields.UUIDField(primary_key=True, default=ids.uuid7)
    segment_id = personal(fields.UUIDField(), Category.BEHAVIOUR, scope=Scope.SEGMENTS_READ)
    customer_id = fields.UUIDField()
    entered_at = personal(fields.DatetimeField(description="Since when."), Category.BEHAVIOUR, scope=Scope.SEGMENTS_READ)
    reason = SealedField(
        category=Category.FREE_TEXT, scope=Scope.SEGMENTS_READ, null=True, description="Why somebody put the customer in by hand."
    )

    class Meta:
        table = "segment_members"
        unique_together = (("segment_id", "customer_id"),)
        indexes = (Index(fields=("customer_id", "segment_id")),)


class SegmentChange(PersonalModel):
    """Somebody entered a segment or left it. Only added to: who was a member at a moment entered once more than they left before it."""

    technical = frozenset({"id", "customer_id"})
    naming: ClassVar[Mapping[str, str]] = {"segment_id": "segments"}

    id = fields.UUIDField(primary_key=True, default=ids.uuid7)
    segment_id = personal(fields.UUIDField(), Category.BEHAVIOUR, scope=Scope.SEGMENTS_READ)
    customer_id = fields.UUIDField()
    entered = personal(fields.BooleanField(description="Whether they entered or left."), Category.BEHAVIOUR, scope=Scope.SEGMENTS_READ)
    at = personal(fields.DatetimeField(description="When."), Category.BEHAVIOUR, scope=Scope.SEGMENTS_READ)

    class Meta:
        table = "segment_changes"
        indexes = (Index(fields=("segment_id", "at", "customer_id")), Index(fields=("customer_id", "at", "id")))


class SegmentOverride(Row, PersonalModel):
    """What somebody decided by hand about one customer and one segment; it beats the rule."""

    technical = frozenset({"id", "created_at", "customer_id", "decided_by"})
    naming: ClassVar[Mapping[str, str]] = {"segment_id": "segments"}

    segment_id = personal(fields.UUIDField(), Category.BEHAVIOUR, scope=Scope.SEGMENTS_READ)
    customer_id = fields.UUIDField()
    override = personal(fields.CharEnumField(Override, description="In or out."), Category.BEHAVIOUR, scope=Scope.SEGMENTS_READ)
    reason = SealedField(category=Category.FREE_TEXT, scope=Scope.SEGMENTS_READ, null=True, description="Why, as whoever decided it wrote.")
    decided_by = fields.CharField(200)

    class Meta:
        table = "segment_overrides"
        unique_together = (("segment_id", "customer_id"),)
        indexes = (Index(fields=("customer_id", "segment_id")),)


class SegmentSize(Model):
    """How many were in a segment at the end of a day in the organisation's time zone, and who came and went; no person."""

    id = fields.UUIDField(primary_key=True, default=ids.uuid7)
    segment_id = fields.UUIDField()
    day = fields.DateField()
    count = fields.IntField()
    entered = fields.IntField(default=0)
    left = fields.IntField(default=0)

    class Meta:
        table = "segment_sizes"
        unique_together = (("segment_id", "day"),)


class SegmentDrop(Row):
    """A sudden loss of members, and the condition of the rule that lost most of them; no person."""

    segment_id = fields.UUIDField(db_index=True)
    before = fields.IntField()
    after = fields.IntField()
    rule_version = fields.IntField()
    #: Where in the rule (`all.1`), what it says there, and how many of those lost it no longer holds for; null when it is no one condition.
    path = fields.CharField(200, null=True)
    condition = fields.TextField(null=True)
    lost = fields.IntField(null=True)

    class Meta:
        table = "segment_drops"
