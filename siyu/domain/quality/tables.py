"""Tables of data quality: what is wrong with whom, what was measured, and what a clean-up would mend."""

from __future__ import annotations

from enum import StrEnum

from tortoise import fields
from tortoise.fields import JSONField
from tortoise.indexes import Index

from siyu.domain.kernel import clock, ids
from siyu.domain.kernel.tables import Row
from siyu.domain.quality.rules import Rule
from siyu.privacy.personal import Category, personal
from siyu.privacy.sealed import PersonalModel


class PlanState(StrEnum):
    """Where a clean-up's plan stands."""

    PREPARING = "PREPARING"
    READY = "READY"
    RUN = "RUN"


class ItemState(StrEnum):
    """What became of one customer in a clean-up."""

    WAITING = "WAITING"
    MENDED = "MENDED"
    LEFT = "LEFT"


class QualityFinding(PersonalModel):
    """Something that is wrong with a customer's values, as the last inspection found it. Which rule, never which value."""

    technical = frozenset({"id", "found_at"})

    id = fields.UUIDField(primary_key=True, default=ids.uuid7)
    customer_id = fields.UUIDField()
    rule = personal(fields.CharEnumField(Rule, max_length=32, description="What is wrong."), Category.DEMOGRAPHIC)
    found_at = fields.DatetimeField(default=clock.now)

    class Meta:
        table = "quality_findings"
        unique_together = (("customer_id", "rule"),)
        indexes = (Index(fields=("rule", "customer_id")),)


class QualityInspection(Row):
    """A look at the values of those who changed since the last one, and at the ages of those who had a birthday since."""

    #: The rules, and the library of numbering plans, by which it looks: others begin with everybody again.
    version = fields.CharField(40)
    #: Customers who changed up to here are done with; null: from the first one.
    place = fields.DatetimeField(null=True)
    #: The same for those who are looked at for their age, once all who changed are done with.
    ages_place = fields.DatetimeField(null=True)
    ages = fields.BooleanField(default=False)
    #: Birthdays up to this day are done with when it has ended.
    day = fields.DateField()
    done = fields.IntField(default=0)
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "quality_inspections"


class QualitySnapshot(Row):
    """What was measured at a time, in numbers of people; sources of few people are counted together."""

    report: JSONField[dict[str, object]] = fields.JSONField()
    #: How long measuring took: what is quick is measured anew when somebody asks.
    took_ms = fields.IntField()

    class Meta:
        table = "quality_snapshots"
        indexes = (Index(fields=("created_at",)),)


class CleanupPlan(Row):
    """What a clean-up would mend, written down before it does; exactly that is run."""

    state = fields.CharEnumField(PlanState, max_length=16, default=PlanState.PREPARING, description="Where it stands.")
    #: The rules that were asked for; all where null.
    wished: JSONField[list[str] | None] = fields.JSONField(null=True)
    work_id = fields.UUIDField(null=True)
    expires_at = fields.DatetimeField(description="Until when it can be run: later, too much has changed.")

    class Meta:
        table = "cleanup_plans"
        indexes = (Index(fields=("created_at", "id")),)


class CleanupStep(Row):
    """One rule of a plan."""

    plan_id = fields.UUIDField(db_index=True)
    position = fields.SmallIntField()
    rule = fields.CharEnumField(Rule, max_length=32, description="What is mended.")
    rows = fields.IntField(default=0, description="How many customers it is about.")
    mended = fields.IntField(default=0, description="How many were mended.")
    left = fields.IntField(
        default=0, description="How many were left as they are: mended by somebody else, gone, or another customer is known by the value."
    )

    class Meta:
        table = "cleanup_steps"


class CleanupItem(PersonalModel):
    """One customer in a step of a plan."""

    technical = frozenset({"id", "step_id", "state"})

    id = fields.UUIDField(primary_key=True, default=ids.uuid7)
    customer_id = fields.UUIDField(db_index=True)
    step_id = fields.UUIDField()
    state = fields.CharEnumField(ItemState, max_length=16, default=ItemState.WAITING, description="What became of them.")

    class Meta:
        table = "cleanup_items"
        unique_together = (("step_id", "customer_id"),)
        indexes = (Index(fields=("step_id", "state", "id")),)
