"""What is said to us of an export."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from annotated_doc import Doc

from siyu.domain.customers import CustomerFilter, CustomerSort
from siyu.domain.exports.tables import ExportFormat, ExportKind
from siyu.domain.kernel.inputs import Ref
from siyu.domain.orders import OrderFilter, OrderSort

_FIELDS = Doc(
    "The file's columns, in this order, named as fields are here, with dots inside: `address.city`. Left out: all plain ones you may see."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomersExport:
    """Which customers, which columns, and how the file is written."""

    filter: Annotated[CustomerFilter | None, Doc("Which customers; all that your purpose reaches when left out.")] = None
    fields: Annotated[list[str] | None, _FIELDS] = None
    format: Annotated[ExportFormat, Doc("How the file is written.")]
    sort: Annotated[CustomerSort | None, Doc("The order of the rows; the oldest first when left out.")] = None
    bom: Annotated[bool | None, Doc("Begin a CSV file with the mark by which Excel knows UTF-8.")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersExport:
    """Which orders, which columns, and how the file is written."""

    filter: Annotated[OrderFilter | None, Doc("Which orders; all of the people whom your purpose reaches when left out.")] = None
    fields: Annotated[list[str] | None, _FIELDS] = None
    format: Annotated[ExportFormat, Doc("How the file is written.")]
    sort: Annotated[OrderSort | None, Doc("The order of the rows; those placed first when left out.")] = None
    bom: Annotated[bool | None, Doc("Begin a CSV file with the mark by which Excel knows UTF-8.")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportCancel:
    """Which export is to stop, or to go."""

    id: Annotated[UUID, Ref("Export"), Doc("One of your own exports.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """An export of any kind, as it is asked for inside the house; no `fields` means all plain ones that the caller may see."""

    kind: ExportKind
    format: ExportFormat
    fields: tuple[str, ...] = ()
    filter: object | None = None
    sort: str | None = None
    bom: bool = False
