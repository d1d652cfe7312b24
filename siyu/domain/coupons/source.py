"""What can be read of coupons."""

from __future__ import annotations

from uuid import UUID

from siyu.domain.coupons.tables import Coupon
from siyu.domain.kernel.dialect import Kind
from siyu.domain.kernel.operation import operation
from siyu.domain.kernel.reading import Column, Moment, One, Order, Part, Reader, Source, TimelineKind
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.columns import BlindIndexField
from siyu.privacy.personal import Category, about

_LOYALTY = about(Category.LOYALTY, scope=Scope.COUPONS_READ)

COUPON = Source(
    "Coupon",
    table=Coupon,
    scope=Scope.COUPONS_READ,
    description="What one customer may have once, until a day.",
    columns=("code", "kind", "state", "valid_from", "valid_until", "redeemed_at", "created_at"),
    internal=("value_e4", "minimum_e4", "minimum_currency", "customer_id", "code_index"),
    more=(
        Column("value", Kind.MONEY, "{t}.value_e4", nullable=False, about=_LOYALTY,
               description="`AMOUNT`: how much off, in the currency of the minimum spend or, without one, the organisation's. `PERCENT`: "
               "how many percent off. `GIFT`: what it is worth."),
        Part("minimum_spend", {"amount": "minimum_e4", "currency": "minimum_currency"}, "From which spend on it may be redeemed.",
             null_with="minimum_e4"),
        One("customer", "Customer", via="customer_id", description="Whose it is."),
    ),
    orders=(Order("CREATED_AT_DESC", "created_at"),),
)  # fmt: skip

_TITLES = {"ISSUED": "Coupon issued", "REDEEMED": "Coupon redeemed", "EXPIRED": "Coupon expired", "REVOKED": "Coupon revoked"}

Moment(
    TimelineKind.COUPON,
    COUPON,
    at="created_at",
    title=lambda state: _TITLES.get(state, "Coupon"),
    titled_by=("state",),
    properties={"kind": "kind", "value": "value", "state": "state", "redeemedAt": "redeemed_at"},
)


@operation(Scope.COUPONS_READ)
async def find(actor: Actor, code: str) -> UUID | None:
    """The coupon of this code, in any spelling of it; None where there is none, or whose customer the actor's purpose doesn't reach."""
    index = Coupon._meta.fields_map["code_index"]
    assert isinstance(index, BlindIndexField)
    token = index.token(code)
    return await Reader(actor).named(COUPON, "code_index", token) if token else None
