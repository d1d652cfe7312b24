"""Long work as people see it: how far it is, how it ended."""

from __future__ import annotations

from enum import StrEnum

from tortoise import fields

from siyu.domain.kernel.tables import Row


class WorkState(StrEnum):
    """Where a piece of work is."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class Work(Row):
    """A job that somebody waits for. Its id is also its outbox row's, which holds the lease and the number of tries."""

    kind = fields.CharField(64, description="What is done.")
    state = fields.CharEnumField(WorkState, max_length=16, default=WorkState.QUEUED, description="Where it is.")
    done = fields.IntField(default=0, description="How much is done, in what this kind of work counts: rows, keys, steps.")
    total = fields.IntField(null=True, description="How much there is; null while that isn't known.")
    #: What a person is told: a sentence without any value of a customer.
    message = fields.CharField(500, null=True, description="A sentence on how it goes, or how it ended.")
    opened_by = fields.CharField(200)
    started_at = fields.DatetimeField(null=True, description="When it began.")
    finished_at = fields.DatetimeField(null=True, description="When it ended, well or not.")

    class Meta:
        table = "work"
