"""What can be read of staff."""

from __future__ import annotations

from siyu.domain.kernel.reading import Order, Source
from siyu.domain.staff.tables import Staff
from siyu.privacy.actor import Scope

STAFF = Source(
    "Staff",
    table=Staff,
    scope=Scope.STAFF_READ,
    description="A member of staff.",
    columns=("name", "email", "role", "active", "last_seen_at", "created_at"),
    orders=(Order("CREATED_AT_DESC", "created_at"),),
)
