"""The mechanism's tables in the main database."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from tortoise import fields
from tortoise.fields import JSONField
from tortoise.models import Model
from uuid_utils.compat import uuid7

from siyu.privacy import clock
from siyu.privacy.personal import Category, personal
from siyu.privacy.sealed import PersonalModel, SealedField


class LegalBasis(StrEnum):
    """Why people may be seen for a purpose (GDPR Art. 6, PIPL Art. 13)."""

    CONSENT = "CONSENT"
    CONTRACT = "CONTRACT"
    LEGAL_OBLIGATION = "LEGAL_OBLIGATION"
    VITAL_INTEREST = "VITAL_INTEREST"
    PUBLIC_TASK = "PUBLIC_TASK"
    LEGITIMATE_INTEREST = "LEGITIMATE_INTEREST"


class ConsentState(StrEnum):
    """What a person has said about a purpose."""

    GRANTED = "GRANTED"
    WITHDRAWN = "WITHDRAWN"


class Purpose(Model):
    """What people are seen for. A new version of its notice asks everyone again."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    code = fields.CharField(64, unique=True)
    title = fields.CharField(200)
    description = fields.TextField()
    #: A `LegalBasis`.
    legal_basis = fields.CharField(32)
    version = fields.IntField(default=1)
    notice_hash = fields.CharField(64)
    categories: JSONField[list[str]] = fields.JSONField()
    recipients: JSONField[list[str]] = fields.JSONField()
    expires_after_days = fields.IntField(null=True)
    created_at = fields.DatetimeField(default=clock.now)
    archived_at = fields.DatetimeField(null=True)

    class Meta:
        app = "siyu"
        table = "purposes"


class ConsentEvent(PersonalModel):
    """Something that a person said about a purpose. Events are only added; `Consent` is what they come to."""

    technical: ClassVar[frozenset[str]] = frozenset({"purpose_version", "notice_hash", "channel", "actor", "created_at"})

    id = fields.UUIDField(primary_key=True, default=uuid7)
    customer_id = fields.UUIDField()
    purpose = personal(fields.CharField(64), Category.BEHAVIOUR)
    state = personal(fields.CharField(16), Category.BEHAVIOUR)
    purpose_version = fields.IntField()
    notice_hash = fields.CharField(64)
    channel = fields.CharField(64)
    evidence = SealedField(category=Category.FREE_TEXT, format="json")
    actor = fields.CharField(200)
    occurred_at = personal(fields.DatetimeField(), Category.BEHAVIOUR)
    created_at = fields.DatetimeField(default=clock.now)

    class Meta:
        app = "siyu"
        table = "consent_events"
        indexes = (("customer_id", "occurred_at", "id"),)


class Consent(PersonalModel):
    """What holds now, one row a person and purpose: no row, never asked."""

    technical: ClassVar[frozenset[str]] = frozenset({"purpose_version"})

    id = fields.UUIDField(primary_key=True, default=uuid7)
    customer_id = fields.UUIDField()
    purpose = personal(fields.CharField(64), Category.BEHAVIOUR)
    state = personal(fields.CharField(16), Category.BEHAVIOUR)
    purpose_version = fields.IntField()
    since = personal(fields.DatetimeField(), Category.BEHAVIOUR)
    expires_at = personal(fields.DatetimeField(null=True), Category.BEHAVIOUR)

    class Meta:
        app = "siyu"
        table = "consents"
        unique_together = (("customer_id", "purpose"),)


class Restriction(PersonalModel):
    """A person whose data may be kept and not used (GDPR Art. 18): out of every purpose but a legal obligation."""

    subject: ClassVar[str] = "customer_id"
    technical: ClassVar[frozenset[str]] = frozenset({"reason"})

    customer_id = fields.UUIDField(primary_key=True, default=None)
    since = personal(fields.DatetimeField(default=clock.now), Category.BEHAVIOUR)
    #: A code of ours, never free text.
    reason = fields.CharField(64)

    class Meta:
        app = "siyu"
        table = "restrictions"


class AuditEvent(Model):
    """One line of the audit trail, chained to the line before by its hash. Who, what, whose by pseudonym, which fields; never a value."""

    sequence = fields.BigIntField(primary_key=True, generated=False)
    at = fields.DatetimeField(db_index=True)
    actor = fields.CharField(200)
    action = fields.CharField(100)
    #: JSON as it was hashed, so text: a database must not spell it anew.
    subjects = fields.TextField()
    fields_ = fields.TextField(source_field="fields")
    purpose = fields.CharField(64, null=True)
    request = fields.CharField(100)
    detail = fields.TextField(null=True)
    previous = fields.BinaryField()
    hash = fields.BinaryField()

    class Meta:
        app = "siyu"
        table = "audit_events"


class AuditHead(Model):
    """The end of the chain: whoever adds lines holds this row, and a trail that was cut short doesn't end here."""

    id = fields.SmallIntField(primary_key=True, generated=False)
    sequence = fields.BigIntField()
    hash = fields.BinaryField()

    class Meta:
        app = "siyu"
        table = "audit_heads"


class AuditPending(Model):
    """A line written inside a transaction, committed with it, and chained a moment later."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    line = fields.TextField()

    class Meta:
        app = "siyu"
        table = "audit_pending"
