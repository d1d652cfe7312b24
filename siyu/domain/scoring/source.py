"""What can be read of scores."""

from __future__ import annotations

from datetime import datetime

from siyu.domain.kernel import clock, days
from siyu.domain.kernel.dialect import Kind
from siyu.domain.kernel.reading import Column, Derived, Order, Source
from siyu.domain.scoring.tables import RfmChange, RfmScore
from siyu.privacy.actor import Scope
from siyu.privacy.personal import Category, about

_PURCHASE = about(Category.PURCHASE, scope=Scope.ORDERS_READ)


def _days_since(last_at: datetime) -> int:
    zone = days.here()
    return max(0, (days.day_of(clock.now(), zone) - days.day_of(last_at, zone)).days)


RFM_SCORE = Source(
    "RfmScore",
    table=RfmScore,
    scope=Scope.ORDERS_READ,
    description="How lately, how often and for how much a customer bought in the model's window, as scores among all who did.",
    columns=("recency", "frequency", "monetary"),
    internal=("customer_id", "last_ordered_at"),
    more=(
        Column("group", Kind.TEXT, "{t}.group_name", nullable=False, about=_PURCHASE,
               description="The first group of the model that takes the scores; `Other` where none does."),
        Derived("days_since_last_order", Kind.INT, needs=("last_ordered_at",), compute=_days_since, nullable=False, about=_PURCHASE,
                description="Days of the calendar since the last order in the window, in the organisation's time zone; 0 today."),
        Column("orders", Kind.INT, "{t}.orders_count", nullable=False, about=_PURCHASE, description="How many orders in the window count."),
        Column("spent", Kind.MONEY, "{t}.spent_e4", nullable=False, about=_PURCHASE,
               description="What they come to after refunds, in the organisation's currency; those without a rate are not in it."),
        Column("scored_at", Kind.DATETIME, "coalesce((select m.scored_at from rfm_model m where m.id = 1), {t}.scored_at)", nullable=False,
               description="When everybody was last scored."),
    ),
    orders=(Order("CUSTOMER_ASC", "customer_id", descending=False),),
)  # fmt: skip

RFM_CHANGE = Source(
    "RfmChange",
    table=RfmChange,
    scope=Scope.ORDERS_READ,
    description="Scores that a customer had from a moment on; all null where nothing was bought in the window any more.",
    columns=("recency", "frequency", "monetary"),
    internal=("customer_id",),
    more=(
        Column("at", Kind.DATETIME, "{t}.created_at", nullable=False, description="From when on."),
        Column("group", Kind.TEXT, "{t}.group_name", about=_PURCHASE, description="The group that the scores were in."),
    ),
    orders=(Order("CREATED_AT_DESC", "created_at"),),
)
