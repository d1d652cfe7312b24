"""Tables of files: what was uploaded, and links to what may be downloaded."""

from __future__ import annotations

from tortoise import fields

from siyu.domain.kernel.tables import Row


class Upload(Row):
    """A file that somebody sent to be imported. The file goes when the import has ended; this row says that it was there."""

    filename = fields.CharField(200, description="Its name where it came from, made harmless.")
    size_bytes = fields.BigIntField(description="Size in bytes.")
    sha256 = fields.CharField(64, description="Checksum of its content.")
    created_by_id = fields.UUIDField(null=True)
    deleted_at = fields.DatetimeField(null=True, description="When the file was removed.", db_index=True)

    class Meta:
        table = "uploads"


class Download(Row):
    """A link to a file: works once, until it expires."""

    path = fields.CharField(500)
    filename = fields.CharField(200)
    digest = fields.BinaryField()
    expires_at = fields.DatetimeField(db_index=True)
    used_at = fields.DatetimeField(null=True)
    #: Whether the file goes with the link.
    owned = fields.BooleanField(default=False)
    created_by_id = fields.UUIDField(null=True)

    class Meta:
        table = "downloads"
