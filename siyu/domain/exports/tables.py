"""Exports: files of customers or orders that somebody asked for, and under whose grants."""

from __future__ import annotations

from enum import StrEnum

from tortoise import fields
from tortoise.indexes import Index

from siyu.domain.kernel.tables import Row
from siyu.privacy.actor import ActorKind


class ExportKind(StrEnum):
    """What the rows of a file are."""

    CUSTOMERS = "CUSTOMERS"
    ORDERS = "ORDERS"


class ExportFormat(StrEnum):
    """How a file is written."""

    CSV = "CSV"
    JSONL = "JSONL"
    PARQUET = "PARQUET"


class Export(Row):
    """A file that is being written, or was, as its caller was allowed to have it.

    The file lies sealed under the key that is kept here: without the key nobody reads it, wherever a copy of it is.
    """

    work_id = fields.UUIDField(description="The work of it, which says whether it runs.")
    kind = fields.CharEnumField(ExportKind, max_length=16, description="What the rows are.")
    format = fields.CharEnumField(ExportFormat, max_length=16, description="How the file is written.")
    bom = fields.BooleanField(default=False)
    fields_asked: fields.Field[list[str]] = fields.JSONField(description="The file's columns, in their order.")
    sort = fields.CharField(40)
    #: The filter as JSON under the key: it may name a person. It goes when the file is complete.
    filter_sealed = fields.BinaryField(null=True)
    #: Tells the same request by the same caller again, while the first one runs. A keyed hash.
    digest = fields.BinaryField(null=True)
    key = fields.BinaryField(null=True)
    #: Counts up when the file has to be begun anew, since somebody who may be in it was erased.
    epoch = fields.IntField(default=0)
    by_kind = fields.CharEnumField(ActorKind, max_length=8)
    by_id = fields.UUIDField()
    by = fields.CharField(220, description="Who asked for it.")
    scopes: fields.Field[list[str]] = fields.JSONField()
    purpose = fields.CharField(64, null=True)
    filename = fields.CharField(80, description="The name that the file is sent under.")
    #: The name that it has in the folder of exports.
    stored = fields.CharField(80, null=True)
    rows = fields.IntField(null=True, description="How many rows the file holds; null until it is complete.")
    size_bytes = fields.BigIntField(null=True, description="Size of the file as it is sent; null until it is complete.")
    downloads = fields.IntField(default=0, description="How often the file was fetched.")
    finished_at = fields.DatetimeField(null=True, description="When the file was complete.")
    expires_at = fields.DatetimeField(null=True, description="Until when it can be fetched; null while it is written, and once it is gone.")
    #: When the file, its key and its filter went, or the export was given up.
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "exports"
        indexes = (
            Index(fields=("created_at", "id")),
            Index(fields=("by_id", "created_at", "id")),
            Index(fields=("ended_at", "finished_at")),
        )
