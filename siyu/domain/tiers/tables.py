"""Tiers, and how customers went from one to another. At which tier somebody is stands in the points account."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from siyu.domain.kernel import clock
from siyu.domain.kernel.tables import Row
from siyu.privacy.actor import Scope
from siyu.privacy.personal import Category, personal
from siyu.privacy.sealed import PersonalModel

CODE_MAX = 40
NAME_MAX = 80


class TierQualification(StrEnum):
    """What is held against a tier's threshold."""

    BALANCE = "BALANCE"
    POINTS_IN_WINDOW = "POINTS_IN_WINDOW"
    SPEND_IN_WINDOW = "SPEND_IN_WINDOW"
    LIFETIME_POINTS = "LIFETIME_POINTS"


class Tier(Row):
    """A tier: from what on somebody is at it, for how long, and what it brings."""

    code = fields.CharField(CODE_MAX, unique=True, description="Its name for programs and rules; it stays.")
    name = fields.CharField(NAME_MAX, description="Its name for people.")
    rank = fields.IntField(unique=True, description="Its place: of the tiers that are reached, the highest is the customer's.")
    threshold = fields.IntField(description="From how many on: points, or of `SPEND_IN_WINDOW` units of the organisation's currency.")
    qualification = fields.CharEnumField(TierQualification, max_length=20, description="What is held against the threshold.")
    window_days = fields.IntField(
        null=True, description="What was earned or spent since midnight so many days before today counts; null where there is no window."
    )
    grace_days = fields.IntField(default=0, description="For so many days more somebody stays at it who no longer reaches it.")
    benefits: fields.Field[list[str]] = fields.JSONField(description="What it brings, in words for customers.")
    earning_multiplier_e4 = fields.IntField(default=10_000)
    updated_at = fields.DatetimeField(default=clock.now, description="When it was last changed.")

    class Meta:
        table = "tiers"


class TierLadder(Model):
    """How far everybody is in line with the tiers. One row."""

    id = fields.SmallIntField(primary_key=True, generated=False)
    version = fields.IntField(default=1)
    #: Which version everybody was last brought in line with; null: none.
    applied_version = fields.IntField(null=True)

    class Meta:
        table = "tier_ladder"


class TierChange(Row, PersonalModel):
    """Somebody went from one tier to another. Only added to."""

    technical = frozenset({"id", "created_at", "customer_id"})
    naming: ClassVar[Mapping[str, str]] = {"was_id": "tiers", "became_id": "tiers"}

    customer_id = fields.UUIDField()
    was_id = personal(fields.UUIDField(null=True), Category.LOYALTY, scope=Scope.POINTS_READ)
    became_id = personal(fields.UUIDField(null=True), Category.LOYALTY, scope=Scope.POINTS_READ)
    at = personal(fields.DatetimeField(description="When."), Category.LOYALTY, scope=Scope.POINTS_READ)

    class Meta:
        table = "tier_changes"
        indexes = (Index(fields=("customer_id", "at", "id")),)
