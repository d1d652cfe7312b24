"""Making rewards and changing them."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from siyu.domain import coupons, segments, tiers
from siyu.domain.kernel import clock
from siyu.domain.kernel.inputs import UNSET
from siyu.domain.kernel.operation import operation
from siyu.domain.kernel.wording import optional_line, required_line
from siyu.domain.rewards import rules
from siyu.domain.rewards.inputs import RewardSave
from siyu.domain.rewards.tables import DESCRIPTION_MAX, NAME_MAX, Reward, RewardKind
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, NotFound, Refusal

_PATH: Final = ("input",)


@operation(Scope.REWARDS_WRITE, writes=True)
async def save(actor: Actor, wish: RewardSave) -> UUID:
    """A new reward, or what is given of one changed; its id. Refuses an unknown reward, segment or tier, dates that end before they begin,
    numbers that make no sense, and the kind `COUPON` without a coupon."""
    row = Reward() if wish.id is None else await Reward.filter(id=wish.id).select_for_update().get_or_none()
    if row is None:
        raise NotFound("There is no such reward.", path=(*_PATH, "id"))
    row.name = required_line(wish.name, (*_PATH, "name"), most=NAME_MAX)
    row.kind = wish.kind
    row.cost = rules.number(wish.cost, (*_PATH, "cost"), least=0)
    if wish.description is not UNSET:
        row.description = optional_line(wish.description, (*_PATH, "description"), most=DESCRIPTION_MAX)
    _numbers(row, wish)
    _dates(row, wish)
    await _conditions(actor, row, wish)
    _coupon(row, wish)
    row.updated_at = clock.now()
    await row.save(force_create=wish.id is None)
    return row.id


def _numbers(row: Reward, wish: RewardSave) -> None:
    if wish.stock is not UNSET:
        row.stock = None if wish.stock is None else rules.number(wish.stock, (*_PATH, "stock"), least=0)
    if wish.per_customer_limit is not UNSET:
        limit = wish.per_customer_limit
        row.per_customer_limit = None if limit is None else rules.number(limit, (*_PATH, "per_customer_limit"), least=1)


def _dates(row: Reward, wish: RewardSave) -> None:
    if wish.active_from is not UNSET:
        row.active_from = wish.active_from
    if wish.active_until is not UNSET:
        row.active_until = wish.active_until
    if row.active_from is not None and row.active_until is not None and row.active_until <= row.active_from:
        raise Refusal("It ends before it begins.", path=(*_PATH, "active_until"))


async def _conditions(actor: Actor, row: Reward, wish: RewardSave) -> None:
    if wish.segment_id is not UNSET:
        if wish.segment_id is not None:
            await segments.require(actor, wish.segment_id, path=(*_PATH, "segment_id"))
        row.segment_id = wish.segment_id
    if wish.tier_id is not UNSET:
        if wish.tier_id is not None and wish.tier_id not in {rung.id for rung in await tiers.known(actor)}:
            raise NotFound("There is no such tier.", path=(*_PATH, "tier_id"))
        row.tier_id = wish.tier_id


def _coupon(row: Reward, wish: RewardSave) -> None:
    path = (*_PATH, "coupon")
    if wish.coupon is not UNSET:
        made = coupons.template(wish.coupon, path) if wish.coupon is not None else None
        row.update_from_dict({
            "coupon_kind": made and made.kind,
            "coupon_value_e4": made and made.value_e4,
            "coupon_minimum_e4": made and made.minimum_e4,
            "coupon_minimum_currency": made and made.minimum_currency,
            "coupon_valid_days": made and made.valid_days,
        })  # fmt: skip
    if row.kind is RewardKind.COUPON and row.coupon_kind is None:
        raise Refusal("Say which coupon it is.", path=path, code=Code.BLANK)
