"""Exports in the SDL."""

from __future__ import annotations

from datetime import datetime
from typing import cast
from uuid import UUID

import strawberry

from siyu.domain import exports
from siyu.domain.exports import DOWNLOADS_MAX, ExportFormat, ExportKind
from siyu.domain.kernel.paging import Slice
from siyu.domain.kernel.reading import Row
from siyu.schema import customers as _customers  # noqa: F401  # the filters' input types are made there
from siyu.schema import ordering as _ordering  # noqa: F401  # as above
from siyu.schema import planned
from siyu.schema.binding import reads
from siyu.schema.connections import Connection
from siyu.schema.context import Info
from siyu.schema.errors import Payload, mutation
from siyu.schema.planned import PageOf, RowOf
from siyu.schema.relay import Node
from siyu.schema.taking import Input, takes
from siyu.schema.work import Job

strawberry.enum(ExportFormat, description="How a file is written: CSV after RFC 4180, one JSON object a line, or Parquet.")
strawberry.enum(ExportKind, description="What the rows of a file are.")


async def _download_url(root: Row, info: Info) -> str | None:
    return await exports.link(info.context.actor, cast(UUID, root["id"]))


@reads(exports.EXPORT)
class Export(Node):
    job: Job
    kind: ExportKind
    format: ExportFormat
    rows: int | None
    size_bytes: int | None
    filename: str
    fields: list[str]
    created_at: datetime
    finished_at: datetime | None
    expires_at: datetime | None
    by: str

    download_url: str | None = strawberry.field(
        resolver=_download_url,
        description="A link to the file, for whoever asked for the export: it works once, for fifteen minutes; ask again for another, up to"
        f" {DOWNLOADS_MAX} downloads. Null for everybody else, while the file is written, and once it is gone.",
    )


@takes
class CustomersExportInput(Input[exports.CustomersExport]):
    """Which customers, which columns, and how the file is written."""


@takes
class OrdersExportInput(Input[exports.OrdersExport]):
    """Which orders, which columns, and how the file is written."""


@takes
class ExportCancelInput(Input[exports.ExportCancel]):
    """Which export is to stop, or to go."""


@strawberry.type(description="The export that was started, or stopped.")
class ExportPayload(Payload):
    export_id: strawberry.Private[UUID | None] = None
    export: Export | None = planned.written(exports.EXPORT, by="export_id")


@strawberry.type
class Query:
    @planned.query(Export | None)
    def export(self, info: Info, id: strawberry.ID) -> RowOf:
        """An export and how far it is; null when there is none of this id. Scope `customers:export`."""
        return RowOf(exports.EXPORT, planned.key("Export", id))

    @planned.query(Connection[Export])
    def exports(self, info: Info, first: int | None = None, after: str | None = None) -> PageOf:
        """Exports, newest first: staff see all of them, a token its own. Scope `customers:export`."""
        return PageOf(exports.EXPORT, exports.visible(info.context.actor), None, Slice(first, after))


@strawberry.type
class Mutation:
    @mutation
    async def customers_export(self, info: Info, input: CustomersExportInput) -> ExportPayload:
        """Write customers into a file, as a job, under your own grants: scopes, purpose, consent. Scope `customers:export`."""
        return ExportPayload(export_id=await exports.start_customers(info.context.actor, input.to_domain()))

    @mutation
    async def orders_export(self, info: Info, input: OrdersExportInput) -> ExportPayload:
        """Write orders into a file, as a job, under your own grants. Scopes `customers:export` and `orders:read`."""
        return ExportPayload(export_id=await exports.start_orders(info.context.actor, input.to_domain()))

    @mutation
    async def export_cancel(self, info: Info, input: ExportCancelInput) -> ExportPayload:
        """Stop one of your exports, or remove its file. Scope `customers:export`."""
        return ExportPayload(export_id=await exports.cancel(info.context.actor, input.to_domain()))
