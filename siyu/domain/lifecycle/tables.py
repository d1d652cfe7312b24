"""By which policy customers are at a stage and active, and how they went from one to another."""

from __future__ import annotations

from enum import StrEnum

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from siyu.domain.kernel.tables import Row
from siyu.privacy.actor import Scope
from siyu.privacy.personal import Category, personal
from siyu.privacy.sealed import PersonalModel


class Axis(StrEnum):
    STAGE = "STAGE"
    ACTIVITY = "ACTIVITY"


class LifecyclePolicy(Model):
    """The policy. One row."""

    id = fields.SmallIntField(primary_key=True, generated=False)
    new_within_days = fields.IntField()
    loyal_orders = fields.IntField()
    silent_after_days = fields.IntField()
    churned_after_days = fields.IntField()
    version = fields.IntField(default=1)
    #: When it was last applied to everybody, and which version.
    applied_at = fields.DatetimeField(null=True)
    applied_version = fields.IntField(null=True)

    class Meta:
        table = "lifecycle_policy"


class LifecycleChange(Row, PersonalModel):
    """Somebody went from one stage or state of activity to another. Only added to."""

    technical = frozenset({"id", "created_at", "customer_id", "axis"})

    customer_id = fields.UUIDField()
    axis = fields.CharEnumField(Axis)
    was = personal(fields.CharField(16, description="What it was."), Category.PURCHASE, scope=Scope.ORDERS_READ)
    became = personal(fields.CharField(16, description="What it became."), Category.PURCHASE, scope=Scope.ORDERS_READ)
    at = personal(fields.DatetimeField(description="When."), Category.PURCHASE, scope=Scope.ORDERS_READ)

    class Meta:
        table = "lifecycle_changes"
        indexes = (Index(fields=("customer_id", "at", "id")), Index(fields=("at",)))
