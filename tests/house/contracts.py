"""A contract of our own for import-linter: tables at home."""

from __future__ import annotations

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, output

_DOMAIN = "siyu.domain."
#: Its tables are what all others are based on.
_SHARED = "siyu.domain.kernel.tables"


class TablesAtHome(Contract):
    """`siyu.domain.<noun>.tables` is imported by nothing outside `siyu.domain.<noun>`. A new noun needs no line here."""

    type_name = "tables_at_home"

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        strays = sorted(
            f"{importer} imports {tables}: call a function of {tables.removesuffix('.tables')} instead"
            for tables in graph.modules
            if tables.startswith(_DOMAIN) and tables.endswith(".tables") and tables != _SHARED
            for importer in graph.find_modules_that_directly_import(tables)
            if not f"{importer}.".startswith(tables.removesuffix("tables"))
        )
        return ContractCheck(kept=not strays, metadata={"strays": strays})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for stray in check.metadata["strays"]:
            output.print_error(stray)
