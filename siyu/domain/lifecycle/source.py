"""What can be read of the ways of customers."""

from __future__ import annotations

from siyu.domain.kernel.reading import Order, Source
from siyu.domain.lifecycle.tables import LifecycleChange
from siyu.privacy.actor import Scope

LIFECYCLE_CHANGE = Source(
    "LifecycleChange",
    table=LifecycleChange,
    scope=Scope.ORDERS_READ,
    description="A customer went from one stage, or one state of activity, to another.",
    columns=("axis", "was", "became", "at"),
    internal=("customer_id",),
    orders=(Order("AT_DESC", "at"),),
)
