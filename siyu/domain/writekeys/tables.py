"""Tables of write keys."""

from __future__ import annotations

from tortoise import fields

from siyu.domain.kernel.tables import Row


class WriteKey(Row):
    """A key with which a site, an app or a server sends behaviour. Its row stays after it ended: the audit trail names it."""

    name = fields.CharField(100, description="What it is called here.")
    channel = fields.CharField(80, description="Where what it sends comes from, such as `web` or `mini-program`.")
    prefix = fields.CharField(40, description="How the secret begins: enough to recognise it, not to use it.")
    last_four = fields.CharField(4, description="How the secret ends.")
    profiles = fields.BooleanField(default=True, description="Whether `identify` through it may write traits into profiles.")
    created_by_id = fields.UUIDField(null=True)
    last_used_at = fields.DatetimeField(null=True, description="When it was last used; exact to a minute.")
    revoked_at = fields.DatetimeField(null=True, description="When it was ended.")
    digest = fields.BinaryField()

    class Meta:
        table = "write_keys"
