"""Tables of duplicates: by what people are compared, who may be one person, and how far each search came."""

from __future__ import annotations

from enum import StrEnum

from tortoise import fields
from tortoise.fields import JSONField
from tortoise.indexes import Index

from siyu.domain.kernel import ids
from siyu.domain.kernel.tables import Row
from siyu.privacy.personal import Category, personal
from siyu.privacy.sealed import PersonalModel


class CandidateState(StrEnum):
    """What became of two people who may be one."""

    OPEN = "OPEN"
    DISMISSED = "DISMISSED"


class DuplicateKey(PersonalModel):
    """One of the tokens by which a person meets those they are compared with: 40 bits of a keyed hash. Nothing is searched by it."""

    technical = frozenset({"id", "kind"})

    id = fields.UUIDField(primary_key=True, default=ids.uuid7)
    customer_id = fields.UUIDField(db_index=True)
    kind = fields.CharField(16)
    token = personal(
        fields.BigIntField(db_index=True, description="A keyed hash of a few values, such as the sound of a name with a birthday."),
        Category.IDENTITY,
    )

    class Meta:
        table = "duplicate_keys"


class DuplicateCandidate(Row, PersonalModel):
    """Two customers who may be one person. The row goes with either of them."""

    subject = "left_id"
    others = ("right_id",)
    technical = frozenset({"id", "created_at", "state", "said", "dismissed_rank", "dismissed_reasons", "dismissed_at", "dismissed_by"})

    left_id = fields.UUIDField()
    right_id = fields.UUIDField(db_index=True)
    rank = personal(fields.IntField(description="The score in ten-thousandths: lists are sorted by it."), Category.IDENTITY)
    reasons: JSONField[list[str]] = personal(
        fields.JSONField(description="What speaks for it, the weightiest first; never a value."), Category.IDENTITY
    )
    state = fields.CharEnumField(CandidateState, max_length=16, default=CandidateState.OPEN)
    #: Whether a rule of joining said so, rather than the search: then no search takes it back.
    said = fields.BooleanField(default=False)
    dismissed_rank = fields.IntField(null=True)
    dismissed_reasons: JSONField[list[str] | None] = fields.JSONField(null=True)
    dismissed_at = fields.DatetimeField(null=True)
    dismissed_by = fields.CharField(200, null=True)

    class Meta:
        table = "duplicate_candidates"
        unique_together = (("left_id", "right_id"),)
        indexes = (Index(fields=("state", "rank", "id")),)


class DuplicateSearch(Row):
    """A run over the customers who changed since the one before. Its place moves in the transaction that stores what was found."""

    work_id = fields.UUIDField(null=True)
    #: The rules by which it compares: others begin with everybody again.
    version = fields.IntField()
    #: Customers who changed up to here are done with; null: from the first one.
    place = fields.DatetimeField(null=True)
    done = fields.IntField(default=0)
    found = fields.IntField(default=0)
    #: Groups of people who share a token, too large to compare.
    crowded = fields.IntField(default=0)
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "duplicate_searches"
        indexes = (Index(fields=("created_at",)),)
