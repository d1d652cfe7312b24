"""Coupons: what a customer may have once, until a day."""

from siyu.domain.coupons.batches import SCOPES, purge, purpose_of, run
from siyu.domain.coupons.commands import Done, Issued, issue, redeem, revoke
from siyu.domain.coupons.expiring import expire
from siyu.domain.coupons.giving import give
from siyu.domain.coupons.inputs import CouponIssue, CouponRedeem, CouponRevoke, CouponTemplate
from siyu.domain.coupons.receiving import present as receivers
from siyu.domain.coupons.rules import AT_ONCE_MAX, Template, template
from siyu.domain.coupons.source import COUPON, find
from siyu.domain.coupons.tables import CouponKind, CouponSource, CouponState

__all__ = [
    "AT_ONCE_MAX", "COUPON", "SCOPES", "CouponIssue", "CouponKind", "CouponRedeem", "CouponRevoke", "CouponSource", "CouponState",
    "CouponTemplate", "Done", "Issued", "Template", "expire", "find", "give", "issue", "purge", "purpose_of", "receivers", "redeem",
    "revoke", "run", "template",
]  # fmt: skip
