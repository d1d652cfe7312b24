"""What people ask of us under data protection law, and what became of it.

These rows stay when a person is erased, as proof that it was done. So they are no tables about people: they name the customer only
while the customer is there, hold no value of theirs, and lose their notes with them.
"""

from __future__ import annotations

from enum import StrEnum

from tortoise import fields
from tortoise.fields import JSONField
from tortoise.indexes import Index

from siyu.domain.kernel.tables import Row


class DataRequestKind(StrEnum):
    """What was asked."""

    ACCESS = "ACCESS"
    EXPORT = "EXPORT"
    ERASURE = "ERASURE"
    RECTIFICATION = "RECTIFICATION"
    RESTRICTION = "RESTRICTION"
    OBJECTION = "OBJECTION"


class DataRequestState(StrEnum):
    """Where a request stands."""

    RECEIVED = "RECEIVED"
    AWAITING_VERIFICATION = "AWAITING_VERIFICATION"
    AWAITING_APPROVAL = "AWAITING_APPROVAL"
    ON_HOLD = "ON_HOLD"
    SCHEDULED = "SCHEDULED"
    RUNNING = "RUNNING"
    AWAITING_PARTNERS = "AWAITING_PARTNERS"
    VERIFYING = "VERIFYING"
    COMPLETED = "COMPLETED"
    PARTLY_COMPLETED = "PARTLY_COMPLETED"
    DENIED = "DENIED"
    WITHDRAWN = "WITHDRAWN"
    FAILED = "FAILED"


class Jurisdiction(StrEnum):
    """Whose law sets the deadline."""

    CN = "CN"
    EU = "EU"
    UK = "UK"
    US_CA = "US_CA"
    OTHER = "OTHER"


class StepAction(StrEnum):
    """What becomes of a person's rows in one store."""

    EXPORT = "EXPORT"
    DELETE = "DELETE"
    ANONYMISE = "ANONYMISE"
    RETAIN = "RETAIN"
    RESTRICT = "RESTRICT"
    SHRED_KEY = "SHRED_KEY"


class DataRequest(Row):
    """One request. Its state moves only by `moving.move`, which writes the event beside it."""

    number = fields.CharField(20, unique=True, description="Its name on paper; it tells no count.")
    kind = fields.CharEnumField(DataRequestKind, max_length=16, description="What was asked.")
    state = fields.CharEnumField(DataRequestState, max_length=24, description="Where it stands.")
    jurisdiction = fields.CharEnumField(Jurisdiction, max_length=8, description="Whose law sets the deadline.")
    #: Null once the person is erased.
    customer_id = fields.UUIDField(null=True)
    #: All customers who are that person, those merged into them too, from the deletion of their rows until the end: by then nothing else
    #: tells whose keys have to go.
    people: JSONField[list[str] | None] = fields.JSONField(null=True)
    subject_pseudonym = fields.CharField(32, description="What stands for the person in the audit trail; it outlives an erasure.")
    requested_at = fields.DatetimeField(description="When it reached the organisation.")
    due_at = fields.DatetimeField(description="The first moment that is too late, by the law of the jurisdiction.")
    channel = fields.CharField(40, null=True, description="How it came: letter, email, shop, app.")
    opened_by_id = fields.UUIDField(null=True)
    work_id = fields.UUIDField(null=True)
    #: Kind and customer while the request is under way: nobody has two of a kind at once.
    open_key = fields.CharField(60, null=True, unique=True)
    ended_at = fields.DatetimeField(null=True, description="When it ended, well or not.")
    export_bytes = fields.BigIntField(null=True, description="Size of the archive.")
    export_sha256 = fields.CharField(64, null=True, description="Checksum of the archive.")
    export_expires_at = fields.DatetimeField(null=True, description="When the archive is deleted.")
    export_downloads = fields.IntField(default=0, description="How often a link was handed out: once at most.")

    class Meta:
        table = "data_requests"
        indexes = (Index(fields=("created_at", "id")), Index(fields=("customer_id", "created_at", "id")))


class DataRequestApproval(Row):
    """A member of staff who agreed."""

    request_id = fields.UUIDField(db_index=True)
    by_id = fields.UUIDField()
    note = fields.CharField(500, null=True, description="What they noted; it goes when the person is erased.")

    class Meta:
        table = "data_request_approvals"


class DataRequestEvent(Row):
    """A state that the request came into."""

    request_id = fields.UUIDField(db_index=True)
    state = fields.CharEnumField(DataRequestState, max_length=24, description="The state.")
    actor = fields.CharField(200, description="Who or what brought it there.")
    note = fields.CharField(500, null=True, description="Why; it goes when the person is erased.")

    class Meta:
        table = "data_request_events"


class DataRequestStep(Row):
    """One store and what becomes of the person's rows there."""

    request_id = fields.UUIDField()
    position = fields.IntField()
    store = fields.CharField(64, description="The store: a table, the files, the key store.")
    action = fields.CharEnumField(StepAction, max_length=16, description="What becomes of the rows.")
    rows = fields.IntField(default=0, description="How many rows: planned, and once it is done, those that there were.")
    done = fields.BooleanField(default=False, description="Whether it was done.")
    ground = fields.CharField(200, null=True, description="The statute under which rows are kept; null where none are.")
    until = fields.DateField(null=True, description="Until when rows are kept.")

    class Meta:
        table = "data_request_steps"
        unique_together = (("request_id", "store"),)
