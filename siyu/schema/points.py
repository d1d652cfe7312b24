"""Points in the SDL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from functools import partial
from typing import Annotated, Any, cast
from uuid import UUID

import strawberry
from strawberry.dataloader import DataLoader

from siyu.domain import earning, points, tiers
from siyu.domain.kernel.reading import Row
from siyu.domain.points import NegativeBalancePolicy, PointsEntryKind, Posted
from siyu.schema import planned, relay
from siyu.schema.binding import reads, reads_part
from siyu.schema.connections import Connection
from siyu.schema.context import Info
from siyu.schema.earning import EarningRule
from siyu.schema.errors import Payload, mutation, query
from siyu.schema.planned import NodesOf, RowsOf
from siyu.schema.relay import Node
from siyu.schema.taking import Input, takes
from siyu.schema.tiers import Tier, TierChange

From = Annotated[date | None, strawberry.argument(name="from", description="A day of the first month; eleven months ago where left out.")]
Within = Annotated[int, strawberry.argument(description="How many days from today; 0 is today alone.")]
To = Annotated[date | None, strawberry.argument(description="A day of the last month; this month where left out.")]

strawberry.enum(NegativeBalancePolicy, description="What becomes of a claw-back, or an adjustment, that finds too few points.")
strawberry.enum(PointsEntryKind, description="What a line of the ledger does.")


def _together(info: Info, load: Callable[[list[Any]], Any]) -> DataLoader[Any, Any]:
    """One call for all rows of a page."""
    at = tuple(str(key) for key in info.path.as_list() if isinstance(key, str))
    return info.context.together.setdefault(at, DataLoader(load, cache=False))


async def _expiring(info: Info, within_days: int, keys: list[UUID]) -> list[int]:
    found = await points.expiring(info.context.actor, keys, within_days)
    return [found[key] for key in keys]


async def _ahead(info: Info, keys: list[UUID]) -> list[TierProgress | None]:
    found = await tiers.ahead(info.context.actor, keys)
    return [TierProgress(tier_id=each.tier_id, remaining=each.remaining) if (each := found.get(key)) else None for key in keys]


async def _tiers(info: Info, keys: list[UUID]) -> list[Row | None]:
    ids = {key: relay.encode("Tier", key) for key in keys}
    rows = cast("list[Row | None]", await NodesOf(list(ids.values())).read(info))
    found = {row["id"]: row for row in rows if row is not None}
    return [found.get(key) for key in keys]


@strawberry.type(description="What is missing for the next tier.")
class TierProgress:
    tier_id: strawberry.Private[UUID]
    remaining: int = strawberry.field(description="How many points are missing, or units of the organisation's currency, rounded up.")

    @query
    async def tier(self, info: Info) -> Tier:
        """The next tier."""
        return cast(Tier, await _together(info, partial(_tiers, info)).load(self.tier_id))


@reads_part(points.POINTS_ACCOUNT, "next_expiry")
class PointsExpiry:
    points: int
    expires_at: datetime


@reads(points.POINTS_ENTRY)
class PointsEntry(Node):
    kind: PointsEntryKind
    points: int
    change: int
    balance_after: int
    reason: str | None
    source: str | None
    reverses: PointsEntry | None
    rule_version: int | None
    available_at: datetime
    expires_at: datetime | None
    created_at: datetime


async def expiring(root: Row, info: Info, within_days: Within) -> int:
    """What `PointsAccount.expiring` shows, asked once for a whole page."""
    return cast(int, await _together(info, partial(_expiring, info, within_days)).load(root["id"]))


async def next_tier(root: Row, info: Info) -> TierProgress | None:
    """What `PointsAccount.nextTier` shows, asked once for a whole page."""
    return cast("TierProgress | None", await _together(info, partial(_ahead, info)).load(root["id"]))


@reads(points.POINTS_ACCOUNT)
class PointsAccount(Node):
    balance: int
    pending: int
    lifetime_earned: int
    expiring: int = strawberry.field(
        resolver=expiring, description="How many points expire until the end of the day so many days from today; pending ones too."
    )
    next_expiry: PointsExpiry | None
    tier: Tier | None
    tier_since: datetime | None
    tier_until: datetime | None
    tier_history: Connection[TierChange]
    next_tier: TierProgress | None = strawberry.field(
        resolver=next_tier, description="The next tier and what is missing for it; null for whoever is at the top."
    )
    entries: Connection[PointsEntry]


@strawberry.type(
    description="Points of a calendar month, in the organisation's time zone; to an access token zeros where few people's moved."
)
class PointsMonth:
    month: date = strawberry.field(description="Its first day.")
    issued: int = strawberry.field(description="Issued in it, less what was taken back.")
    redeemed: int = strawberry.field(description="Redeemed in it, less what was given back.")
    expired: int = strawberry.field(description="Expired in it.")
    owed: int = strawberry.field(description="Outstanding and pending together at its end, or now.")


@strawberry.type(
    description="What is owed to customers in points, of everybody: `outstanding` + `pending` = `issued` - `redeemed` - `expired`, exactly."
    " To an access token all is 0 where fewer than ten people have points."
)
class PointsLiability:
    outstanding: int = strawberry.field(description="The sum of all balances, those below zero too.")
    pending: int = strawberry.field(description="Earned, and not to be spent yet.")
    expiring_in30_days: int = strawberry.field(description="What of both expires in the next thirty days.")
    issued: int = strawberry.field(description="All that was ever issued, less what was taken back.")
    redeemed: int = strawberry.field(description="All that was ever redeemed, less what was given back.")
    expired: int = strawberry.field(description="All that ever expired.")

    @query
    async def months(
        self,
        info: Info,
        from_: From = None,
        to: To = None,
    ) -> list[PointsMonth]:
        """The same month by month, in order, sixty at the most."""
        return [PointsMonth(**_shown(each)) for each in await points.months(info.context.actor, from_, to)]


@strawberry.type(description="How points work here.")
class PointsProgram:
    name: str = strawberry.field(description="What customers know it by.")
    expire_after_days: int | None = strawberry.field(
        description="New points expire at the end of the day so many days after they can be spent; null: never."
    )
    pending_days: int = strawberry.field(description="New points can be spent from the midnight so many days later on; 0: at once.")
    negative_balance: NegativeBalancePolicy = strawberry.field(description="What becomes of a claw-back that finds too few points.")

    @query
    async def earning_rules(self, info: Info) -> list[EarningRule]:
        """The rules by which points are given, the oldest first."""
        return cast("list[EarningRule]", await RowsOf(earning.EARNING_RULE).read(info))

    @query
    async def liability(self, info: Info) -> PointsLiability:
        """What is owed to customers in points."""
        return PointsLiability(**_shown(await points.liability(info.context.actor)))

    @classmethod
    def of(cls, found: points.Program) -> PointsProgram:
        """From the domain's."""
        return cls(
            name=found.name,
            expire_after_days=found.expire_after_days,
            pending_days=found.pending_days,
            negative_balance=found.negative_balance,
        )


def _shown(found: points.Liability | points.Month) -> Mapping[str, Any]:
    return asdict(found)


@takes
class PointsProgramUpdateInput(Input[points.PointsProgramUpdate]):
    """What to change of the program, for points that come from now on: what is left out stays."""


@takes
class PointsAwardInput(Input[points.PointsAward]):
    """Points to give."""


@takes
class PointsRedeemInput(Input[points.PointsRedeem]):
    """Points to spend."""


@takes
class PointsAdjustInput(Input[points.PointsAdjust]):
    """What to put right."""


@takes
class PointsReverseInput(Input[points.PointsReverse]):
    """What to take back."""


@takes
class PointsTransferInput(Input[points.PointsTransfer]):
    """Points to give from one customer to another."""


@strawberry.type(description="The program as it is now.")
class PointsProgramPayload(Payload):
    points_program: PointsProgram | None = strawberry.field(default=None, description="The program; null when the change was refused.")


@strawberry.type(description="The account and the entry that was written.")
class PointsPayload(Payload):
    account_id: strawberry.Private[UUID | None] = None
    entry_id: strawberry.Private[UUID | None] = None
    account: PointsAccount | None = planned.written(points.POINTS_ACCOUNT, by="account_id")
    entry: PointsEntry | None = planned.written(points.POINTS_ENTRY, by="entry_id")
    replayed: bool = strawberry.field(default=False, description="Whether the key had been used, and this is the answer of that time.")

    @classmethod
    def of(cls, done: Posted) -> PointsPayload:
        """From what the domain did."""
        return cls(account_id=done.customer_id, entry_id=done.entry_id, replayed=done.replayed)


@strawberry.type
class Query:
    @query
    async def points_program(self, info: Info) -> PointsProgram:
        """How points work here, and what is owed in them. Scope `points:read`."""
        return PointsProgram.of(await points.read_program(info.context.actor))


@strawberry.type
class Mutation:
    @mutation
    async def points_program_update(self, info: Info, input: PointsProgramUpdateInput) -> PointsProgramPayload:
        """Change how points work, for those that come from now on. Scope `points:write`."""
        return PointsProgramPayload(points_program=PointsProgram.of(await points.update_program(info.context.actor, input.to_domain())))

    @mutation
    async def points_award(self, info: Info, input: PointsAwardInput) -> PointsPayload:
        """Give points. The same key with the same input again changes nothing and is answered as before, with another input it is refused
        as `CONFLICT`. Scope `points:award`."""
        return PointsPayload.of(await points.award(info.context.actor, input.to_domain()))

    @mutation
    async def points_redeem(self, info: Info, input: PointsRedeemInput) -> PointsPayload:
        """Spend points, those that expire first. Refused as `INSUFFICIENT_POINTS` where there are too few. Scope `points:redeem`."""
        return PointsPayload.of(await points.redeem(info.context.actor, input.to_domain()))

    @mutation
    async def points_adjust(self, info: Info, input: PointsAdjustInput) -> PointsPayload:
        """Put a balance right, up or down; below zero by the program's policy. Scope `points:write`."""
        return PointsPayload.of(await points.adjust(info.context.actor, input.to_domain()))

    @mutation
    async def points_reverse(self, info: Info, input: PointsReverseInput) -> PointsPayload:
        """Take an entry back: one that gave points, as far as that was not done yet, or one that took some. Refused as `WRONG_STATE` where
        it was taken back, or is not such an entry. Scope `points:write`."""
        return PointsPayload.of(await points.reverse(info.context.actor, input.to_domain()))

    @mutation
    async def points_transfer(self, info: Info, input: PointsTransferInput) -> PointsPayload:
        """Give points of one customer to another, with the days that they have left; the giver's account and entry are answered. Scope
        `points:write`."""
        return PointsPayload.of(await points.transfer(info.context.actor, input.to_domain()))
