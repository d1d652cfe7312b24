"""Imports, and what could not be taken of each."""

from __future__ import annotations

from enum import StrEnum

from tortoise import fields
from tortoise.indexes import Index

from siyu.domain.imports.matching import ImportMode
from siyu.domain.kernel.tables import Row


class ImportKind(StrEnum):
    """What a file is about."""

    CUSTOMERS = "CUSTOMERS"
    ORDERS = "ORDERS"


class Import(Row):
    """A file that is being imported, or was. Its counters and its place in the file move in the transaction that stores the rows."""

    work_id = fields.UUIDField(description="The work of it, which says whether it runs.")
    upload_id = fields.UUIDField(description="The uploaded file; it goes when the import has ended.")
    sha256 = fields.CharField(64, description="Checksum of the file: the same file goes on where it stopped.", db_index=True)
    kind = fields.CharEnumField(ImportKind, max_length=16, description="What the file is about.")
    filename = fields.CharField(200, description="The file's name where it came from.")
    mapping: fields.Field[dict[str, str]] = fields.JSONField(description="Which column fills which field, where the caller said.")
    match_on: fields.Field[list[str]] = fields.JSONField(description="By which identities rows find their customers.")
    mode = fields.CharEnumField(ImportMode, max_length=16, description="What may be done with a row.")
    encoding = fields.CharField(40, null=True, description="The encoding that the caller named.")
    dry_run = fields.BooleanField(default=False, description="Whether nothing is stored but what would happen.")
    tag_ids: fields.Field[list[str] | None] = fields.JSONField(null=True, description="Tags that every customer of the file is to have.")
    opened_by_id = fields.UUIDField(null=True)
    read = fields.IntField(default=0, description="Rows of the file that are done with, bad ones and all.")
    created = fields.IntField(default=0, description="Customers or orders that were made.")
    updated = fields.IntField(default=0, description="Rows that changed a customer or an order that was there.")
    skipped = fields.IntField(default=0, description="Rows that were blank or repeated, or that the mode leaves out.")
    rejected = fields.IntField(default=0, description="Rows of which nothing was taken.")
    problems = fields.IntField(default=0, description="Cells and rows that could not be taken.")
    #: Cells that held no such value, by field and by source of their rows; see `problems.tallied`.
    bad_cells: fields.Field[dict[str, dict[str, int]] | None] = fields.JSONField(null=True)
    rejected_bytes = fields.IntField(default=0, description="Length of the file of rejected rows.")
    finished_at = fields.DatetimeField(null=True, description="When the last row was done.")
    purged_at = fields.DatetimeField(null=True, description="When its files and problems were removed.")

    class Meta:
        table = "imports"
        indexes = (Index(fields=("created_at", "id")), Index(fields=("upload_id",)))


class ImportProblem(Row):
    """A cell, or with no column a whole row, that could not be taken.

    Of the value there is a hint only: the file of rejected rows has it whole.
    """

    import_id = fields.UUIDField()
    row = fields.IntField(description="The row as a spreadsheet numbers it.")
    column = fields.CharField(200, null=True, description="The column's title; null when it is the whole row.")
    hint = fields.CharField(100, null=True, description="A few characters of the value.")
    message = fields.CharField(300, description="What is wrong.")

    class Meta:
        table = "import_problems"
        indexes = (Index(fields=("import_id", "row", "id")),)
