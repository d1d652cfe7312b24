"""Imports: files of customers and orders become rows of the house."""

from siyu.domain.imports.commands import copy_rejected, purge, rejected_link, start, start_customers
from siyu.domain.imports.erasing import clear
from siyu.domain.imports.inputs import MATCH_ON, ColumnMapping, CustomersImport, Wish
from siyu.domain.imports.matching import ImportMode
from siyu.domain.imports.queries import ERRORS_DEFAULT, ERRORS_MAX, ImportView, ProblemView, bad_cells, errors, find
from siyu.domain.imports.running import run
from siyu.domain.imports.source import IMPORT
from siyu.domain.imports.tables import ImportKind

__all__ = [
    "ERRORS_DEFAULT", "ERRORS_MAX", "IMPORT", "MATCH_ON", "ColumnMapping", "CustomersImport", "ImportKind", "ImportMode", "ImportView",
    "ProblemView", "Wish", "bad_cells", "clear", "copy_rejected", "errors", "find", "purge", "rejected_link", "run", "start",
    "start_customers",
]  # fmt: skip
