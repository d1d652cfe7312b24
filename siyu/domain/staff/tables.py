"""Tables of staff: who works here, and their logins."""

from __future__ import annotations

from tortoise import fields

from siyu.domain.kernel import clock
from siyu.domain.kernel.tables import Row
from siyu.privacy.actor import Role


class Staff(Row):
    """A member of staff. Never deleted: what they did keeps its author."""

    name = fields.CharField(100, description="Name as it is shown.")
    email = fields.CharField(254, unique=True, description="Email address that they sign in with, in lower case.")
    role = fields.CharEnumField(Role, max_length=32, description="What they may do.")
    active = fields.BooleanField(default=True, description="Whether they may sign in.")
    last_seen_at = fields.DatetimeField(null=True, description="When they last asked for something; exact to a minute.")
    updated_at = fields.DatetimeField(default=clock.now)
    password_hash = fields.CharField(200, null=True)
    failures = fields.IntField(default=0)
    locked_until = fields.DatetimeField(null=True)
    invite_digest = fields.BinaryField(null=True)
    invite_expires_at = fields.DatetimeField(null=True)

    class Meta:
        table = "staff"


class StaffLogin(Row):
    """One pair of access and refresh secret. A refresh replaces it by another of the same `family`."""

    staff_id = fields.UUIDField(db_index=True)
    family = fields.UUIDField(db_index=True)
    access_digest = fields.BinaryField()
    access_expires_at = fields.DatetimeField()
    refresh_digest = fields.BinaryField()
    refresh_expires_at = fields.DatetimeField(db_index=True)
    replaced_at = fields.DatetimeField(null=True)
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "staff_logins"
