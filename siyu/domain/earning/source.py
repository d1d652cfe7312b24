"""What can be read of earning rules."""

from __future__ import annotations

from siyu.domain.earning.tables import EarningRule
from siyu.domain.kernel.dialect import Kind
from siyu.domain.kernel.reading import Column, One, Order, Source
from siyu.privacy.actor import Scope

EARNING_RULE = Source(
    "EarningRule",
    table=EarningRule,
    scope=Scope.POINTS_READ,
    description="What points are given for, and how many. With dates it is a campaign.",
    columns=(
        "name", "trigger", "event_name", "fixed", "category", "side", "multiplied", "streak_days", "streak_bonus", "maximum_per_day",
        "active_from", "active_until", "enabled", "version", "created_at", "updated_at",
    ),
    internal=("segment_id",),
    more=(
        Column("rate", Kind.MONEY, "{t}.rate_e4",
               description="For `ORDER_PAID`: so many points for each unit of the organisation's currency."),
        One("segment", "Segment", via="segment_id", description="Only for members of this segment; null: for everybody."),
    ),
    orders=(Order("CREATED_AT_ASC", "created_at", descending=False),),
)  # fmt: skip
