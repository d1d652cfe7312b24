"""What can be read of imports."""

from __future__ import annotations

from siyu.domain.imports.tables import Import
from siyu.domain.kernel.reading import One, Source
from siyu.privacy.actor import Scope

IMPORT = Source(
    "Import",
    table=Import,
    scope=Scope.CUSTOMERS_IMPORT,
    description="A file that is being imported, or was. The four counters add up to the rows that were read.",
    columns=("filename", "dry_run", "created", "updated", "skipped", "rejected", "created_at", "finished_at"),
    internal=("work_id",),
    more=(One("job", "Job", via="work_id", description="How far it is."),),
)
