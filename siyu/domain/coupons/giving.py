"""Making coupons: each for something and somebody, once, however often it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from siyu.domain.coupons import codes, rules
from siyu.domain.coupons.rules import Template
from siyu.domain.coupons.tables import Coupon, CouponSource
from siyu.domain.kernel import clock, days, repeating
from siyu.domain.kernel.operation import operation
from siyu.privacy.actor import Actor


@operation(writes=True)
async def give(
    actor: Actor, wanted: Mapping[UUID, str], template: Template, *, source: CouponSource, batch_id: UUID | None = None
) -> dict[UUID, UUID]:
    """A coupon for each of these customers, who are held by the caller; of each customer the id of theirs.

    What stands beside a customer names what the coupon is for, the customer in it: for the same one there is one coupon, and asked for
    again it is given back. Three statements whatever the number. For nouns that have checked a scope of their own.
    """
    if not wanted:
        return {}
    keys = {customer_id: repeating.key("coupons.issue", about) for customer_id, about in wanted.items()}
    known = await _known(keys)
    now = clock.now()
    until = rules.until(template.valid_days, now, days.here())
    lacking = {customer_id: key for customer_id, key in keys.items() if customer_id not in known}
    rows = [
        Coupon.fresh(
            customer_id=customer_id,
            batch_id=batch_id,
            issue_key=key,
            source=source,
            code=codes.fresh(),
            kind=template.kind,
            value_e4=template.value_e4,
            minimum_e4=template.minimum_e4,
            minimum_currency=template.minimum_currency,
            valid_from=now,
            valid_until=until,
        )
        for customer_id, key in sorted(lacking.items(), key=lambda item: item[1])
    ]
    if rows:
        await Coupon.bulk_create(rows, ignore_conflicts=True)
        known |= await _known(lacking)  # somebody else may have been faster
    return known


async def _known(keys: Mapping[UUID, bytes]) -> dict[UUID, UUID]:
    found = await Coupon.filter(issue_key__in=list(keys.values())).values_list("issue_key", "id") if keys else []
    by_key = {bytes(key): coupon_id for key, coupon_id in found}
    return {customer_id: by_key[key] for customer_id, key in keys.items() if key in by_key}
