"""What can be read of points."""

from __future__ import annotations

from typing import Final

from siyu.domain import customers
from siyu.domain.kernel.dialect import Kind
from siyu.domain.kernel.reading import Column, Many, Moment, One, Part, Source, TimelineKind
from siyu.domain.points.tables import PointsEntry
from siyu.privacy.actor import Scope
from siyu.privacy.personal import Category, about

_LOYALTY: Final = about(Category.LOYALTY, scope=Scope.POINTS_READ)


def _of(column: str) -> str:
    return f"(select a.{column} from points_accounts a where a.customer_id = {{t}}.id)"  # noqa: S608  # our own words only


def _number(name: str, description: str) -> Column:
    return Column(name, Kind.INT, f"coalesce({_of(name)}, 0)", nullable=False, about=_LOYALTY, description=description, wide=True)


_NEXT: Final = "(select min(l.expires_at) from points_lots l where l.customer_id = {t}.id and l.open)"
_NEXT_POINTS: Final = (
    "(select cast(sum(n.remaining) as bigint) from points_lots n where n.customer_id = {t}.id and n.open"  # noqa: S608  # our own words only
    f" and n.expires_at = {_NEXT})"
)

#: Everybody has one: of whoever never had points all is zero. So it is a customer's row that is read, under the customer's key.
POINTS_ACCOUNT = Source(
    "PointsAccount",
    table=customers.CUSTOMER.model,
    scope=Scope.POINTS_READ,
    description="A customer's points, and the tier that they brought.",
    columns=(),
    internal=("created_at",),
    where="{t}.merged_into_id is null",
    more=(
        _number("balance", "What can be spent now; below zero, what is owed."),
        _number("pending", "Earned, and not to be spent yet."),
        _number("lifetime_earned", "All that was ever earned, less what was taken back of it."),
        Column("next_expires_at", Kind.DATETIME, _NEXT, nullable=False, about=_LOYALTY, description="When."),
        Column("next_points", Kind.INT, _NEXT_POINTS, nullable=False, about=_LOYALTY, wide=True, description="How many."),
        Part("next_expiry", {"points": "next_points", "expires_at": "next_expires_at"},
             "What expires next, and when; null where nothing does.", null_with="next_expires_at"),
        Column("tier_id", Kind.ID, _of("tier_id")),
        Column("tier_since", Kind.DATETIME, _of("tier_since"), about=_LOYALTY, description="Since when at this tier; null without one."),
        Column("tier_until", Kind.DATETIME, _of("tier_until"), about=_LOYALTY,
               description="Until when it holds at least; null without one, and where it holds for good."),
        One("tier", "Tier", via="tier_id", description="The tier; null for whoever is at none."),
        Many("tier_history", "TierChange", by="customer_id", sort="AT_DESC",
             description="How the customer went from tier to tier, the last change first."),
        Many("entries", "PointsEntry", by="customer_id", sort="CREATED_AT_DESC", description="The ledger, the last entry first."),
    ),
)  # fmt: skip

POINTS_ENTRY = Source(
    "PointsEntry",
    table=PointsEntry,
    scope=Scope.POINTS_READ,
    description="One line of the ledger; it never changes.",
    columns=("kind", "points", "change", "balance_after", "reason", "source", "available_at", "expires_at", "rule_version", "created_at"),
    internal=("reverses_id", "customer_id", "rule_id"),
    more=(
        One("reverses", "PointsEntry", via="reverses_id",
            description="The entry that it takes back, whole or in part; null for every other."),
    ),
)  # fmt: skip

_TITLES: Final = {
    "EARN": "Points earned",
    "ACTIVATE": "Points can be spent",
    "REDEEM": "Points redeemed",
    "EXPIRE": "Points expired",
    "ADJUST": "Points adjusted",
    "REVERSE": "Points taken back",
    "TRANSFER_IN": "Points received",
    "TRANSFER_OUT": "Points given away",
}

Moment(
    TimelineKind.POINTS,
    POINTS_ENTRY,
    at="created_at",
    title=lambda kind: _TITLES.get(kind, "Points"),
    titled_by=("kind",),
    properties={"kind": "kind", "points": "points", "balance": "balance_after", "source": "source"},
)
