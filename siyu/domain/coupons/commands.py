"""Issuing coupons, redeeming them, and taking them back."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final
from uuid import UUID

from tortoise.exceptions import IntegrityError

from siyu.domain import customers
from siyu.domain.coupons import batches, receiving, rules
from siyu.domain.coupons.inputs import CouponIssue, CouponRedeem, CouponRevoke
from siyu.domain.coupons.rules import Stands, Template
from siyu.domain.coupons.tables import Coupon, CouponBatch, CouponState
from siyu.domain.kernel import clock, database, repeating
from siyu.domain.kernel.operation import operation
from siyu.domain.kernel.wording import required_code, required_line
from siyu.privacy import stricter
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, NotFound, Refusal

_CODE: Final = ("input", "code")
_ORDER_MAX: Final = 80


@dataclass(frozen=True, slots=True)
class Issued:
    """The coupons that were issued at once, or the work that issues them; whether that is the answer to an earlier request."""

    coupon_ids: tuple[UUID, ...] = ()
    work_id: UUID | None = None
    replayed: bool = False


@operation(Scope.COUPONS_ISSUE, writes=True)
async def issue(actor: Actor, wish: CouponIssue) -> Issued:
    """A coupon of the template for each of these customers, one a person. More than `AT_ONCE_MAX` are left to a job.

    The same key with the same input gives the first answer; with another input it is refused (`CONFLICT`). Refuses a template that makes
    no sense, and unknown, merged and restricted customers, each by its path: then nothing is done.
    """
    template = rules.template(wish.template, ("input", "template"))
    key = repeating.key("coupon_batches", wish.idempotency_key)
    people = sorted({str(each) for each in wish.customer_ids or ()})
    digest = repeating.digest("coupon_batches", asdict(template), people, wish.segment_id)
    batch = _batch(actor, wish, template, key, digest)
    try:
        async with database.transaction():
            await batch.save(force_create=True)  # who has the same key waits here
    except IntegrityError:
        return await _issued_before(key, digest)
    chosen = await receiving.chosen(actor, wish.customer_ids, wish.segment_id)
    if chosen is None:
        return Issued(work_id=await batches.begin(actor, batch, wish.customer_ids or ()))
    given = await batches.at_once(actor, batch, chosen)
    return Issued(coupon_ids=tuple(given))


def _batch(actor: Actor, wish: CouponIssue, template: Template, key: bytes, digest: bytes) -> CouponBatch:
    return CouponBatch(
        key=key,
        digest=digest,
        kind=template.kind,
        value_e4=template.value_e4,
        minimum_e4=template.minimum_e4,
        minimum_currency=template.minimum_currency,
        valid_days=template.valid_days,
        segment_id=wish.segment_id,
        by=actor.name,
        purpose=actor.purpose,
    )


async def _issued_before(key: bytes, digest: bytes) -> Issued:
    batch = await CouponBatch.get(key=key)
    repeating.same(batch.digest, digest)
    if batch.work_id is not None:
        return Issued(work_id=batch.work_id, replayed=True)
    found = await Coupon.filter(batch_id=batch.id).order_by("id").values_list("id", flat=True)
    return Issued(coupon_ids=tuple(found), replayed=True)  # type: ignore[arg-type]  # flat: the ids


@dataclass(frozen=True, slots=True)
class Done:
    """The coupon that it was about; whether that was done before."""

    coupon_id: UUID
    replayed: bool = False


@operation(Scope.COUPONS_REDEEM, writes=True)
async def redeem(actor: Actor, wish: CouponRedeem) -> Done:
    """Redeem a coupon, once. The same key with the same input gives the first answer; with another input it is refused (`CONFLICT`).

    Refuses an unknown code (`NOT_FOUND`), one that was redeemed or revoked (`WRONG_STATE`) or has expired (`EXPIRED`), too small a spend,
    and whoever has restricted processing.
    """
    key = repeating.key("coupons.redeem", wish.idempotency_key)
    spend_e4, currency = rules.money(wish.spend, ("input", "spend"))
    order = None
    if wish.order_external_id is not None:
        order = required_code(wish.order_external_id, ("input", "order_external_id"), most=_ORDER_MAX)
    row = await _held(actor, wish.code)
    digest = repeating.digest("coupons.redeem", row.id, order, spend_e4, currency)
    known = await Coupon.filter(redeem_key=key).get_or_none()
    if known is not None:
        repeating.same(known.redeem_digest, digest)
        return Done(known.id, replayed=True)
    rules.redeemable(
        Stands(row.state, row.valid_from, row.valid_until, row.minimum_e4, row.minimum_currency), clock.now(), spend_e4, currency
    )
    if row.customer_id in await stricter.restricted([row.customer_id]):
        raise Refusal("This person has restricted processing.", path=_CODE, code=Code.RESTRICTED)
    row.state, row.redeemed_at, row.redeem_key, row.redeem_digest = CouponState.REDEEMED, clock.now(), key, digest
    row.order_external_id, row.spend_e4, row.spend_currency = order, spend_e4, currency
    try:
        async with database.transaction():
            await row.save(update_fields=[
                "state", "redeemed_at", "redeem_key", "redeem_digest", "order_external_id", "spend_e4", "spend_currency",
            ])  # fmt: skip
    except IntegrityError:  # another coupon's redemption took the key meanwhile
        repeating.same(None, digest)
    return Done(row.id)


@operation(Scope.COUPONS_ISSUE, writes=True)
async def revoke(actor: Actor, wish: CouponRevoke) -> Done:
    """Take a coupon back, so that it can't be redeemed any more; said again it changes nothing. Refuses one that was redeemed or has
    expired (`WRONG_STATE`)."""
    reason = required_line(wish.reason, ("input", "reason"), most=rules.REASON_MAX, impersonal=False)
    row = await _held(actor, wish.code)
    if row.state is CouponState.REVOKED:
        return Done(row.id, replayed=True)
    if row.state is not CouponState.ISSUED:
        word = "redeemed" if row.state is CouponState.REDEEMED else "expired"
        raise Refusal(f"This coupon has {'been ' if word == 'redeemed' else ''}{word}.", path=_CODE, code=Code.WRONG_STATE)
    row.state, row.revoked_at, row.reason = CouponState.REVOKED, clock.now(), reason
    await row.save(update_fields=["state", "revoked_at", "reason"])
    return Done(row.id)


async def _held(actor: Actor, code: str) -> Coupon:
    """The coupon of this code and its customer, held until the transaction ends."""
    named = await Coupon.get_or_none(code_index=code)
    if named is None:
        raise NotFound("There is no such coupon.", path=_CODE)
    await customers.hold(actor, [named.customer_id])
    row = await Coupon.filter(id=named.id).select_for_update().get_or_none()
    if row is None:
        raise NotFound("There is no such coupon.", path=_CODE)
    if row.customer_id != named.customer_id:  # merged just now
        raise Refusal("This coupon is another customer's since a moment ago: send it again.", path=_CODE, code=Code.CONFLICT)
    return row
