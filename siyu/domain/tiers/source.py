"""What can be read of tiers, and of how customers went from one to another."""

from __future__ import annotations

from siyu.domain.kernel.dialect import Kind
from siyu.domain.kernel.reading import Column, One, Order, Source, Told
from siyu.domain.tiers.queries import told
from siyu.domain.tiers.tables import Tier, TierChange
from siyu.privacy.actor import Scope

TIER = Source(
    "Tier",
    table=Tier,
    scope=Scope.POINTS_READ,
    description="A tier of membership: who earned or spent enough is at it, and has what it brings.",
    columns=("code", "name", "rank", "threshold", "qualification", "window_days", "grace_days", "benefits"),
    more=(
        Column("earning_multiplier", Kind.MONEY, "{t}.earning_multiplier_e4", nullable=False,
               description="What points that rules give are multiplied by, for whoever is at it."),
        Told("customers_count", told, "How many are at it, of those whom your purpose reaches; to a token fewer than ten are 0.",
             nullable=False),
    ),
    orders=(Order("RANK_ASC", "rank", descending=False),),
)  # fmt: skip

TIER_CHANGE = Source(
    "TierChange",
    table=TierChange,
    scope=Scope.POINTS_READ,
    description="A customer went from one tier to another.",
    columns=("at",),
    internal=("was_id", "became_id", "customer_id"),
    more=(
        One("was", "Tier", via="was_id", description="The tier before; null for none."),
        One("became", "Tier", via="became_id", description="The tier from then on; null for none."),
    ),
    orders=(Order("AT_DESC", "at"),),
)
