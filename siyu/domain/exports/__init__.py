"""Exports: customers and orders become files, under the grants of whoever asked."""

from siyu.domain.exports.commands import AT_ONCE_MAX, cancel, clear, purge, start, start_customers, start_orders
from siyu.domain.exports.handing import DOWNLOADS_MAX, link, take
from siyu.domain.exports.inputs import CustomersExport, ExportCancel, OrdersExport, Wish
from siyu.domain.exports.queries import ExportView, find
from siyu.domain.exports.running import run
from siyu.domain.exports.source import EXPORT, visible
from siyu.domain.exports.tables import ExportFormat, ExportKind

__all__ = [
    "AT_ONCE_MAX", "DOWNLOADS_MAX", "EXPORT", "CustomersExport", "ExportCancel", "ExportFormat", "ExportKind", "ExportView", "OrdersExport",
    "Wish", "cancel", "clear", "find", "link", "purge", "run", "start", "start_customers", "start_orders", "take", "visible",
]  # fmt: skip
