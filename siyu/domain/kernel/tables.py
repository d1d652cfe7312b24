"""The house's own tables, and what every table of a noun is based on."""

from __future__ import annotations

from tortoise import fields
from tortoise.fields import JSONField
from tortoise.models import Model

from siyu.domain.kernel import clock, ids


class Row(Model):
    """A row with a key made in Python, in order of time, and the moment that it was made."""

    id = fields.UUIDField(primary_key=True, default=ids.uuid7)
    created_at = fields.DatetimeField(default=clock.now, description="When it was made.")

    class Meta:
        abstract = True


class Outbox(Row):
    """A job that is due after a commit. The row is the truth, the queue only a doorbell; it goes when the job has run."""

    job = fields.CharField(64)
    args: JSONField[list[str]] = fields.JSONField()
    due_at = fields.DatetimeField(db_index=True)
    attempts = fields.IntField(default=0)
    #: Type of the last error, never its text, which may hold a value.
    error = fields.CharField(200, null=True)
    failed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "outbox"


class Scheduled(Model):
    """The last moment for which a job that runs by itself was written into the outbox."""

    job = fields.CharField(64, primary_key=True)
    due_at = fields.DatetimeField()

    class Meta:
        table = "scheduled"
