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

    kind = fields.CharField(64)
    state = fields.CharEnumField(WorkState, max_length=16, default=WorkState.QUEUED)
    done = fields.IntField(default=0)
    total = fields.IntField(null=True)
    #: What a person is told: a sentence without any value of a customer.
    message = fields.CharField(500, null=True)
    opened_by = fields.CharField(200)
    started_at = fields.DatetimeField(null=True)
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "work"
