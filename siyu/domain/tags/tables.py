"""Tags, who has them, and who had them when."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar

from tortoise import fields
from tortoise.fields import JSONField
from tortoise.indexes import Index
from tortoise.models import Model

from siyu.domain.customers import IdentityKind
from siyu.domain.kernel import clock, ids
from siyu.domain.kernel.tables import Row
from siyu.privacy.actor import Scope
from siyu.privacy.columns import HashField
from siyu.privacy.personal import Category, personal
from siyu.privacy.sealed import PersonalModel

NAME_MAX = 80


class TagKind(StrEnum):
    MANUAL = "MANUAL"
    RULE = "RULE"


class TagSource(StrEnum):
    MANUAL = "MANUAL"
    RULE = "RULE"
    IMPORT = "IMPORT"
    API = "API"
    CHANNEL = "CHANNEL"
    JOURNEY = "JOURNEY"
    PENDING = "PENDING"


class TagEnd(StrEnum):
    """Why a tag was taken off."""

    REMOVED = "REMOVED"
    EXPIRED = "EXPIRED"
    RULE = "RULE"
    #: Another tag of the same exclusive group was put on.
    REPLACED = "REPLACED"


class TagGroup(Row):
    """Tags that belong together."""

    name = fields.CharField(NAME_MAX, unique=True, description="Its name.")
    exclusive = fields.BooleanField(default=False, description="Whether a customer has at most one tag of the group.")

    class Meta:
        table = "tag_groups"


class Tag(Row):
    """A word that customers are marked with: by hand, or by a rule."""

    name = fields.CharField(NAME_MAX, unique=True, description="Its name, the same for people, programs and rules.")
    description = fields.CharField(500, null=True, description="What it says of a customer.")
    group_id = fields.UUIDField(null=True, db_index=True)
    kind = fields.CharEnumField(TagKind, description="By hand, or by a rule.")
    rule: JSONField[dict[str, object] | None] = fields.JSONField(null=True)
    expression = fields.TextField(null=True)
    rule_version = fields.IntField(null=True, description="Grows by one with each change of the rule; null where there never was one.")
    expires_after_days = fields.IntField(null=True, description="A new assignment ends by itself after so many days; null: it stays.")
    evaluated_at = fields.DatetimeField(null=True, description="When the rule was last applied to everybody.")
    #: Whether the rule or much of what it speaks of has changed since.
    due = fields.BooleanField(default=False)
    #: Why the last evaluation failed, in words for people; null when it did not.
    failure = fields.CharField(300, null=True)
    archived_at = fields.DatetimeField(null=True, description="Since when nobody is given it any more; null while it is in use.")
    updated_at = fields.DatetimeField(default=clock.now, description="When it was last changed.")

    class Meta:
        table = "tags"


class TagAssignment(PersonalModel):
    """One customer who has a tag now."""

    technical = frozenset({"id", "customer_id", "assigned_by", "rule_version", "home_id"})
    naming: ClassVar[Mapping[str, str]] = {"tag_id": "tags"}

    id = fields.UUIDField(primary_key=True, default=ids.uuid7)
    customer_id = fields.UUIDField()
    tag_id = personal(fields.UUIDField(), Category.BEHAVIOUR, scope=Scope.TAGS_READ)
    source = personal(fields.CharEnumField(TagSource, description="How it came."), Category.BEHAVIOUR, scope=Scope.TAGS_READ)
    assigned_by = fields.CharField(200, null=True, description="Who put it on.")
    rule_version = fields.IntField(null=True, description="Of which version of the tag's rule; null by hand.")
    assigned_at = personal(fields.DatetimeField(default=clock.now, description="When."), Category.BEHAVIOUR, scope=Scope.TAGS_READ)
    expires_at = personal(
        fields.DatetimeField(null=True, description="When it ends by itself; null: it stays."), Category.BEHAVIOUR, scope=Scope.TAGS_READ
    )
    #: Whose it was before a merge put it aside for a better one, or put it in the place of a lesser one: there it goes back.
    home_id = fields.UUIDField(null=True)

    class Meta:
        table = "tag_assignments"
        unique_together = (("customer_id", "tag_id"),)
        indexes = (Index(fields=("tag_id", "customer_id")), Index(fields=("expires_at",)))


class TagChange(PersonalModel):
    """Somebody got a tag or lost it. Only added to."""

    technical = frozenset({"id", "customer_id", "changed_by"})
    naming: ClassVar[Mapping[str, str]] = {"tag_id": "tags"}

    id = fields.UUIDField(primary_key=True, default=ids.uuid7)
    customer_id = fields.UUIDField()
    tag_id = personal(fields.UUIDField(), Category.BEHAVIOUR, scope=Scope.TAGS_READ)
    assigned = personal(fields.BooleanField(description="Whether it was put on or taken off."), Category.BEHAVIOUR, scope=Scope.TAGS_READ)
    #: A `TagSource` of what was put on, a `TagEnd` of what was taken off.
    why = personal(fields.CharField(16), Category.BEHAVIOUR, scope=Scope.TAGS_READ)
    changed_by = fields.CharField(200, null=True)
    at = personal(fields.DatetimeField(description="When."), Category.BEHAVIOUR, scope=Scope.TAGS_READ)

    class Meta:
        table = "tag_changes"
        indexes = (Index(fields=("tag_id", "at")), Index(fields=("customer_id", "at", "id")))


class TagExclusion(Row, PersonalModel):
    """A customer from whom a rule's tag was taken by hand: the rule leaves it off, until it is put on by hand."""

    technical = frozenset({"id", "created_at", "customer_id", "decided_by"})
    naming: ClassVar[Mapping[str, str]] = {"tag_id": "tags"}

    customer_id = fields.UUIDField()
    tag_id = personal(fields.UUIDField(), Category.BEHAVIOUR, scope=Scope.TAGS_READ)
    decided_by = fields.CharField(200)

    class Meta:
        table = "tag_exclusions"
        unique_together = (("customer_id", "tag_id"),)
        indexes = (Index(fields=("tag_id",)),)


class PendingTag(Model):
    """A tag for somebody whom nobody knows yet, by the keyed hash of an identity; it is put on when the customer comes."""

    id = fields.UUIDField(primary_key=True, default=ids.uuid7)
    created_at = fields.DatetimeField(default=clock.now)
    kind = fields.CharEnumField(IdentityKind, max_length=24)
    app_id = fields.CharField(64, default="")
    value_index = HashField()
    tag_id = fields.UUIDField(db_index=True)
    assigned_by = fields.CharField(200, null=True)
    expires_at = fields.DatetimeField(null=True)

    class Meta:
        table = "tag_pending"
        unique_together = (("kind", "app_id", "value_index", "tag_id"),)


class TagBatch(Row):
    """Tags that are being put on many customers, or taken off: where it is moves on in the transaction that does the next of them."""

    tag_ids: JSONField[list[str]] = fields.JSONField()
    #: Whether they are put on or taken off.
    assigned = fields.BooleanField()
    #: Whose members; null: the customers of `TagBatchCustomer`.
    segment_id = fields.UUIDField(null=True)
    source = fields.CharEnumField(TagSource, max_length=8)
    by = fields.CharField(200)
    #: Under which purpose members are seen.
    purpose = fields.CharField(64, null=True)
    expires_at = fields.DatetimeField(null=True)
    #: The last customer that is done, by id; how many were looked at, and how many assignments have changed.
    last_id = fields.UUIDField(null=True)
    done = fields.IntField(default=0)
    changed = fields.IntField(default=0)
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "tag_batches"


class TagBatchCustomer(PersonalModel):
    """One customer of a batch that is not done yet."""

    technical = frozenset({"id", "batch_id", "customer_id"})

    id = fields.UUIDField(primary_key=True, default=ids.uuid7)
    batch_id = fields.UUIDField()
    customer_id = fields.UUIDField()

    class Meta:
        table = "tag_batch_customers"
        unique_together = (("batch_id", "customer_id"),)
        indexes = (Index(fields=("customer_id",)),)
