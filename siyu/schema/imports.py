"""Imports in the SDL."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, cast
from uuid import UUID

import strawberry

from siyu.domain import imports
from siyu.domain.imports import ERRORS_DEFAULT, ERRORS_MAX, ImportMode
from siyu.domain.kernel.reading import Row
from siyu.schema import planned
from siyu.schema.binding import reads
from siyu.schema.context import Info
from siyu.schema.errors import Payload, mutation
from siyu.schema.planned import RowOf
from siyu.schema.relay import Node
from siyu.schema.taking import Input, takes
from siyu.schema.work import Job

strawberry.enum(ImportMode, description="What an import may do with a row: make customers, change those who are there, or both.")


@strawberry.type(description="A cell that could not be taken or, with no column, a row.")
class ImportError:  # the SDL's name
    row: int = strawberry.field(description="The row as a spreadsheet numbers it.")
    column: str | None = strawberry.field(description="Title of the column; null when it is the whole row.")
    value: str | None = strawberry.field(description="A few characters of the value. It is whole in the file of rejected rows only.")
    message: str = strawberry.field(description="What is wrong, in one sentence.")


_First = Annotated[int | None, strawberry.argument(description=f"How many, from the first row on: at most {ERRORS_MAX}.")]


async def _errors(root: Row, info: Info, first: _First = None) -> list[ImportError]:
    found = await imports.errors(info.context.actor, cast(UUID, root["id"]), first=ERRORS_DEFAULT if first is None else first)
    return [ImportError(row=each.row, column=each.column, value=each.value, message=each.message) for each in found]


async def _rejected_rows_url(root: Row, info: Info) -> str | None:
    return await imports.rejected_link(info.context.actor, cast(UUID, root["id"]))


@reads(imports.IMPORT)
class Import(Node):
    job: Job
    filename: str
    dry_run: bool
    created: int
    updated: int
    skipped: int
    rejected: int
    created_at: datetime
    finished_at: datetime | None

    errors: list[ImportError] = strawberry.field(
        resolver=_errors, description=f"The first problems, by row: {ERRORS_DEFAULT} where no number is asked, at most {ERRORS_MAX}."
    )
    rejected_rows_url: str | None = strawberry.field(
        resolver=_rejected_rows_url,
        description="A link to the rows with problems, as they came, each with its reasons: to be mended and imported again. It works"
        " once, for fifteen minutes; null while the import runs, where there are none, and after a week.",
    )


@takes
class ColumnMapping(Input[imports.ColumnMapping]):
    """What a column of the file fills."""


@takes
class CustomersImportInput(Input[imports.CustomersImport]):
    """A CSV, JSON-lines or spreadsheet file that was uploaded to /uploads, and how its columns map."""


@strawberry.type(description="The import that was started.")
class ImportPayload(Payload):
    import_id: strawberry.Private[UUID | None] = None
    import_: Import | None = planned.written(imports.IMPORT, by="import_id", name="import")


@strawberry.type
class Query:
    @planned.query(Import | None)
    def import_(self, info: Info, id: strawberry.ID) -> RowOf:
        """An import and how far it is; null when there is none of this id. Scope `customers:import`."""
        return RowOf(imports.IMPORT, planned.key("Import", id))


@strawberry.type
class Mutation:
    @mutation
    async def customers_import(self, info: Info, input: CustomersImportInput) -> ImportPayload:  # the SDL's name
        """Import customers from an uploaded file, as a job. Scope `customers:import`."""
        return ImportPayload(import_id=await imports.start_customers(info.context.actor, input.to_domain()))
