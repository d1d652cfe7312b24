"""Merges: who turned out to be one with whom, and all that is needed to part them again."""

from __future__ import annotations

from tortoise import fields
from tortoise.fields import JSONField
from tortoise.indexes import Index

from siyu.domain.kernel.tables import Row
from siyu.privacy.personal import Category
from siyu.privacy.sealed import PersonalModel, SealedField


class Merge(Row, PersonalModel):
    """One customer merged into another. The row is about both, and goes with either of them."""

    others = ("merged_id",)
    technical = frozenset({"id", "created_at", "by_id", "actor", "undone_at"})

    #: Whom the merged one went into.
    customer_id = fields.UUIDField()
    merged_id = fields.UUIDField(db_index=True)
    by_id = fields.UUIDField(null=True, description="The member of staff who merged them; null where a rule did.")
    actor = fields.CharField(200, description="Who or what merged them.")
    undone_at = fields.DatetimeField(null=True, description="When they were parted again.")
    #: What the kept profile and both consents were before, and are after; it goes once they are parted.
    snapshot = SealedField(category=Category.IDENTITY, format="json", description="What the merge replaced.")

    class Meta:
        table = "merges"
        indexes = (Index(fields=("customer_id", "created_at", "id")),)


class MergeMove(Row, PersonalModel):
    """Some rows of one store that a merge has moved: keys, nothing else."""

    others = ("merged_id",)
    technical = frozenset({"id", "created_at", "merge_id", "store", "keys"})

    customer_id = fields.UUIDField(db_index=True)
    merged_id = fields.UUIDField(db_index=True)
    merge_id = fields.UUIDField(db_index=True)
    store = fields.CharField(64)
    keys: JSONField[list[str]] = fields.JSONField()

    class Meta:
        table = "merge_moves"
