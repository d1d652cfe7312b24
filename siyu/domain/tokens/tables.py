"""Tables of tokens."""

from __future__ import annotations

from tortoise import fields

from siyu.domain.kernel.tables import Row


class AccessToken(Row):
    """A partner's access token. Its row stays after it ended: the audit trail names it."""

    name = fields.CharField(100, description="What it is called here.")
    partner = fields.CharField(100, description="Who holds it.")
    prefix = fields.CharField(40, description="How the secret begins: enough to recognise it, not to use it.")
    last_four = fields.CharField(4, description="How the secret ends.")
    scopes: fields.Field[list[str]] = fields.JSONField(description="What it may do and see.")
    purpose = fields.CharField(64, null=True, description="Code of the one purpose that it sees people for.")
    created_by_id = fields.UUIDField()
    expires_at = fields.DatetimeField(description="When it ends by itself.")
    last_used_at = fields.DatetimeField(null=True, description="When it was last used; exact to a minute.")
    revoked_at = fields.DatetimeField(null=True, description="When it was ended by hand.")
    digest = fields.BinaryField()
    previous_digest = fields.BinaryField(null=True)
    previous_expires_at = fields.DatetimeField(null=True)

    class Meta:
        table = "access_tokens"
