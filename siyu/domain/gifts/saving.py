"""Making gifts and changing them."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from tortoise.exceptions import IntegrityError

from siyu.domain import coupons, segments, tiers
from siyu.domain.gifts import rules
from siyu.domain.gifts.inputs import CouponGiftSave
from siyu.domain.gifts.tables import NAME_MAX, CouponGift, GiftOccasion
from siyu.domain.kernel import clock, database, days
from siyu.domain.kernel.inputs import UNSET
from siyu.domain.kernel.operation import operation
from siyu.domain.kernel.wording import required_line
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, NotFound, Refusal, Taken

_PATH: Final = ("input",)


@operation(Scope.COUPONS_ISSUE, writes=True)
async def save(actor: Actor, wish: CouponGiftSave) -> UUID:
    """A new gift, or a changed one; its id. It is given from today on, to those whom the saver's purpose reaches.

    Refuses an unknown gift, segment or tier, a name that another has, and a `MONTHLY` one without segment and tier.
    """
    row = CouponGift() if wish.id is None else await CouponGift.filter(id=wish.id).select_for_update().get_or_none()
    if row is None:
        raise NotFound("There is no such gift.", path=(*_PATH, "id"))
    template = coupons.template(wish.coupon, (*_PATH, "coupon"))
    yesterday = days.day_of(clock.now(), days.here()) - timedelta(days=1)
    active = wish.active is not False
    row.update_from_dict({
        "name": required_line(wish.name, (*_PATH, "name"), most=NAME_MAX),
        "occasion": wish.occasion,
        "days_before": _number(wish.days_before or 0, "days_before", least=0, most=rules.DAYS_BEFORE_MAX),
        "day_of_month": _number(1 if wish.day_of_month is None else wish.day_of_month, "day_of_month", most=rules.DAY_OF_MONTH_MAX),
        "kind": template.kind,
        "value_e4": template.value_e4,
        "minimum_e4": template.minimum_e4,
        "minimum_currency": template.minimum_currency,
        "valid_days": template.valid_days,
        "purpose": actor.purpose,
        "given_on": yesterday if wish.id is None or (active and not row.active) else row.given_on,
        "active": active,
        "updated_at": clock.now(),
    })  # fmt: skip
    await _conditions(actor, row, wish)
    try:
        async with database.transaction():
            await row.save(force_create=wish.id is None)
    except IntegrityError:
        raise Taken("There is a gift of this name.", path=(*_PATH, "name")) from None
    return row.id


async def _conditions(actor: Actor, row: CouponGift, wish: CouponGiftSave) -> None:
    if wish.segment_id is not UNSET:
        if wish.segment_id is not None:
            await segments.require(actor, wish.segment_id, path=(*_PATH, "segment_id"))
        row.segment_id = wish.segment_id
    if wish.tier_id is not UNSET:
        if wish.tier_id is not None and wish.tier_id not in {rung.id for rung in await tiers.known(actor)}:
            raise NotFound("There is no such tier.", path=(*_PATH, "tier_id"))
        row.tier_id = wish.tier_id
    if row.occasion is GiftOccasion.MONTHLY and row.segment_id is None and row.tier_id is None:
        raise Refusal("Say who gets it: a segment or a tier.", path=(*_PATH, "segment_id"), code=Code.BLANK)


def _number(given: int, member: str, *, most: int, least: int = 1) -> int:
    if not least <= given <= most:
        raise Refusal(f"From {least} to {most}.", path=(*_PATH, member))
    return given
