"""What can be read of referrals."""

from __future__ import annotations

from siyu.domain.kernel.dialect import Kind
from siyu.domain.kernel.reading import Column, One, Order, Source
from siyu.domain.referrals.tables import Referral
from siyu.privacy.actor import Scope
from siyu.privacy.personal import Category, about

REFERRAL = Source(
    "Referral",
    table=Referral,
    scope=Scope.POINTS_READ,
    description="A friend whom a customer referred.",
    columns=("state", "created_at", "qualified_at", "expires_at"),
    internal=("customer_id",),
    more=(
        Column("friend_id", Kind.ID, "(select f.customer_id from referral_friends f where f.referral_id = {t}.id)",
               about=about(Category.LOYALTY, scope=Scope.POINTS_READ)),
        One("advocate", "Customer", via="customer_id", description="Who referred the friend."),
        One("friend", "Customer", via="friend_id", description="The friend; null where they were erased."),
    ),
    orders=(Order("CREATED_AT_DESC", "created_at"),),
)  # fmt: skip
