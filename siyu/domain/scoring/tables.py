"""Scores of recency, frequency and money (RFM), by a model that the organisation sets."""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from siyu.domain.kernel import clock, ids
from siyu.domain.kernel.tables import Row
from siyu.privacy.actor import Scope
from siyu.privacy.personal import Category, personal
from siyu.privacy.sealed import PersonalModel


class RfmModel(Model):
    """The model. One row."""

    id = fields.SmallIntField(primary_key=True, generated=False)
    window_days = fields.IntField()
    bins = fields.IntField()
    #: In the order in which they are tried: `{name, recency: [min, max], frequency: [min, max], monetary: [min, max]}`.
    groups: fields.Field[list[dict[str, Any]]] = fields.JSONField()
    version = fields.IntField(default=1)
    #: When everybody was last scored, and by which version.
    scored_at = fields.DatetimeField(null=True)
    scored_version = fields.IntField(null=True)
    #: The least value that has each score, as everybody was last ranked: `{axis: [[score, value], …]}`; null until then.
    cuts: fields.Field[dict[str, list[list[int]]] | None] = fields.JSONField(null=True)

    class Meta:
        table = "rfm_model"


def _score(description: str) -> Any:  # as the ORM's own fields: whatever is annotated
    return personal(fields.SmallIntField(description=description), Category.PURCHASE, scope=Scope.ORDERS_READ)


class RfmScore(PersonalModel):
    """One customer's scores as they are now; no row without an order in the window."""

    technical = frozenset({"id", "customer_id", "scored_at"})

    id = fields.UUIDField(primary_key=True, default=ids.uuid7)
    customer_id = fields.UUIDField(unique=True)
    recency = _score("1 to the model's number of bins; the most for the latest orders.")
    frequency = _score("1 to the number of bins; the most for the most orders.")
    monetary = _score("1 to the number of bins; the most for the most spent.")
    group_name = personal(
        fields.CharField(80, description="The first group of the model that the scores fit."), Category.PURCHASE, scope=Scope.ORDERS_READ
    )
    last_ordered_at = personal(
        fields.DatetimeField(description="When the last order in the window was placed."), Category.PURCHASE, scope=Scope.ORDERS_READ
    )
    orders_count = personal(fields.IntField(description="How many in the window."), Category.PURCHASE, scope=Scope.ORDERS_READ)
    spent_e4 = personal(
        fields.BigIntField(description="What they come to, in the organisation's currency."), Category.PURCHASE, scope=Scope.ORDERS_READ
    )
    scored_at = fields.DatetimeField(default=clock.now, description="When anything of it last changed.")

    class Meta:
        table = "rfm_scores"
        indexes = (Index(fields=("group_name", "customer_id")),)


class RfmChange(Row, PersonalModel):
    """Scores that a customer had from a moment on; written when one of them or the group changes. Null: no order in the window any more."""

    technical = frozenset({"id", "created_at", "customer_id"})

    customer_id = fields.UUIDField()
    recency = personal(fields.SmallIntField(null=True, description="Recency from then on."), Category.PURCHASE, scope=Scope.ORDERS_READ)
    frequency = personal(fields.SmallIntField(null=True, description="Frequency."), Category.PURCHASE, scope=Scope.ORDERS_READ)
    monetary = personal(fields.SmallIntField(null=True, description="Money spent."), Category.PURCHASE, scope=Scope.ORDERS_READ)
    group_name = personal(fields.CharField(80, null=True), Category.PURCHASE, scope=Scope.ORDERS_READ)

    class Meta:
        table = "rfm_changes"
        indexes = (Index(fields=("customer_id", "created_at", "id")),)
