"""What can be read of merges."""

from __future__ import annotations

from siyu.domain.kernel.reading import Moment, Order, Source, TimelineKind
from siyu.domain.merges.tables import Merge
from siyu.privacy.actor import Scope

MERGE = Source(
    "Merge",
    table=Merge,
    scope=Scope.CUSTOMERS_READ,
    description="Two customers who turned out to be one.",
    columns=("created_at", "actor", "undone_at"),
    internal=("customer_id", "merged_id", "by_id"),
    orders=(Order("CREATED_AT_DESC", "created_at"),),
)

Moment(
    TimelineKind.MERGE,
    MERGE,
    at="created_at",
    title=lambda undone_at: "Merged with another record" if undone_at is None else "Merged with another record, and parted again",
    titled_by=("undone_at",),
    properties={"undoneAt": "undone_at"},
)
