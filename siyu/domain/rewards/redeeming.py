"""Redeeming rewards: points, coupon and stock in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from tortoise.exceptions import IntegrityError

from siyu.domain import coupons, customers, points, segments, tiers
from siyu.domain.coupons import CouponSource, Template
from siyu.domain.kernel import clock, database, ids, repeating
from siyu.domain.kernel.dialect import Kind, Statement
from siyu.domain.kernel.operation import operation
from siyu.domain.points import Posting
from siyu.domain.rewards import rules
from siyu.domain.rewards.inputs import RewardRedeem
from siyu.domain.rewards.rules import Offer, Taker
from siyu.domain.rewards.tables import Reward, RewardRedemption
from siyu.privacy import stricter
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, NotFound, Refusal

_CUSTOMER: Final = ("input", "customer_id")
_SOURCE: Final = "reward"


@dataclass(frozen=True, slots=True)
class Redeemed:
    """Whose points it took, the ledger's entry (None: it cost nothing) and the coupon that came with it; whether that was before."""

    customer_id: UUID
    entry_id: UUID | None
    coupon_id: UUID | None
    replayed: bool = False


@operation(Scope.POINTS_REDEEM, writes=True)
async def redeem(actor: Actor, wish: RewardRedeem) -> Redeemed:
    """Give a customer a reward for their points. The same key with the same input gives the first answer; another input is `CONFLICT`.

    Refuses what can't be had now or by this customer (`WRONG_STATE`, `EXPIRED`), more than the limit (`LIMIT_EXCEEDED`), what is sold out
    (`OUT_OF_STOCK`), too few points (`INSUFFICIENT_POINTS`), and whoever has restricted processing: then nothing is done.
    """
    key = repeating.key("reward_redemptions", wish.idempotency_key)
    digest = repeating.digest("reward_redemptions", wish.reward_id, wish.customer_id)
    stands = (await customers.hold(actor, [wish.customer_id])).get(wish.customer_id)
    if stands is not None:
        await points.hold_accounts(actor, [stands])  # twins, and others for this customer, wait here
    known = await RewardRedemption.get_or_none(key=key)
    if known is not None:
        return _again(known, digest)
    if stands != wish.customer_id:
        raise _unfit(stands)
    reward = await Reward.get_or_none(id=wish.reward_id)
    if reward is None:
        raise NotFound("There is no such reward.", path=("input", "reward_id"))
    await _check(actor, reward, wish.customer_id)
    row = RewardRedemption(id=ids.uuid7(), customer_id=wish.customer_id, reward_id=reward.id, points=reward.cost, key=key, digest=digest)
    row.entry_id = await _pay(actor, row)
    row.coupon_id = await _coupon(actor, reward, row)
    try:
        async with database.transaction():
            await row.save(force_create=True)
    except IntegrityError:  # somebody else's redemption took the key meanwhile
        raise Refusal("This key was used with another input.", path=("input", "idempotency_key"), code=Code.CONFLICT) from None
    if reward.stock is not None:
        await _take(reward.id)  # last: everybody waits for this row
    return Redeemed(row.customer_id, row.entry_id, row.coupon_id)


def _again(known: RewardRedemption, digest: bytes) -> Redeemed:
    repeating.same(known.digest, digest)
    return Redeemed(known.customer_id, known.entry_id, known.coupon_id, replayed=True)


def _unfit(stands: UUID | None) -> Refusal:
    if stands is None:
        return NotFound("There is no such customer.", path=_CUSTOMER)
    message = "This customer was merged into another: name that one, which `mergedInto` tells."
    return Refusal(message, path=_CUSTOMER, code=Code.WRONG_STATE)


async def _check(actor: Actor, reward: Reward, customer_id: UUID) -> None:
    """Whether this customer, who is held, may have the reward now."""
    if customer_id in await stricter.restricted([customer_id]):
        raise Refusal("This person has restricted processing.", path=_CUSTOMER, code=Code.RESTRICTED)
    had = 0
    if reward.per_customer_limit is not None:
        had = await RewardRedemption.filter(customer_id=customer_id, reward_id=reward.id).count()
    taker = Taker(
        had=had,
        in_segment=reward.segment_id is None or bool(await segments.among(actor, [reward.segment_id], [customer_id])),
        at_tier=reward.tier_id is None or await _at_tier(actor, reward.tier_id, customer_id),
    )
    offer = Offer(reward.stock, reward.per_customer_limit, reward.active_from, reward.active_until)
    rules.available(offer, taker, clock.now())


async def _at_tier(actor: Actor, tier_id: UUID, customer_id: UUID) -> bool:
    asked = {rung.id: rung for rung in await tiers.known(actor)}.get(tier_id)
    at = (await tiers.held(actor, [customer_id])).get(customer_id)
    return asked is not None and at is not None and at.rank >= asked.rank


async def _pay(actor: Actor, row: RewardRedemption) -> UUID | None:
    if row.points == 0:
        return None
    posting = Posting(customer_id=row.customer_id, points=row.points, source=_SOURCE, key=f"{_SOURCE}:{row.id}", about_id=row.reward_id)
    try:
        return (await points.debit(actor, posting)).entry_id
    except Refusal as refusal:
        raise Refusal(refusal.message, path=_CUSTOMER, code=refusal.code) from None


async def _coupon(actor: Actor, reward: Reward, row: RewardRedemption) -> UUID | None:
    if reward.coupon_kind is None or reward.coupon_value_e4 is None or reward.coupon_valid_days is None:
        return None
    template = Template(
        reward.coupon_kind, reward.coupon_value_e4, reward.coupon_minimum_e4, reward.coupon_minimum_currency, reward.coupon_valid_days
    )
    given = await coupons.give(actor, {row.customer_id: f"{_SOURCE}:{row.id}"}, template, source=CouponSource.REWARD)
    return given[row.customer_id]


async def _take(reward_id: UUID) -> None:
    """One less in stock. What somebody else took since the reward was read counts: it never falls below zero."""
    statement = Statement(database.dialect())
    sql = f"update rewards set stock = stock - 1 where id = {statement.bind(reward_id, Kind.ID)} and (stock is null or stock > 0)"  # noqa: S608  # bound
    if not await database.run(sql, statement.args):
        raise rules.sold_out()
