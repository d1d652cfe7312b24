"""Who referred whom, by which code, and what became of it."""

from __future__ import annotations

from enum import StrEnum

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from siyu.domain.kernel import clock
from siyu.domain.kernel.tables import Row
from siyu.privacy.actor import Scope
from siyu.privacy.personal import Category, personal
from siyu.privacy.sealed import PersonalModel


class ReferralState(StrEnum):
    """How far a referral has come."""

    PENDING = "PENDING"
    QUALIFIED = "QUALIFIED"
    REWARDED = "REWARDED"
    EXPIRED = "EXPIRED"
    REJECTED = "REJECTED"


class ReferralProgram(Model):
    """When a referral qualifies. One row; without it the defaults hold."""

    id = fields.SmallIntField(primary_key=True, generated=False)
    minimum_e4 = fields.BigIntField()
    expire_after_days = fields.IntField(null=True)

    class Meta:
        table = "referral_program"


class ReferralCode(Row, PersonalModel):
    """Whose code it is: the code follows from the customer and a key of the house, and can't be turned round without this."""

    technical = frozenset({"id", "created_at", "customer_id"})

    customer_id = fields.UUIDField(unique=True)
    code = personal(fields.CharField(16, unique=True, description="The customer's own referral code."), Category.LOYALTY)

    class Meta:
        table = "referral_codes"


class Referral(Row, PersonalModel):
    """One friend whom a customer referred. It is the advocate's; the friend's part of it is a `ReferralFriend`, erased with the friend."""

    technical = frozenset({"id", "created_at", "customer_id", "order_id"})

    customer_id = fields.UUIDField()
    state = personal(
        fields.CharEnumField(ReferralState, max_length=9, description="How far it has come."), Category.LOYALTY, scope=Scope.POINTS_READ
    )
    expires_at = personal(
        fields.DatetimeField(null=True, description="An order placed from then on no longer qualifies; null: for good."),
        Category.LOYALTY,
        scope=Scope.POINTS_READ,
    )
    qualified_at = personal(fields.DatetimeField(null=True, description="When it qualified."), Category.LOYALTY, scope=Scope.POINTS_READ)
    #: The order by which it did.
    order_id = fields.UUIDField(null=True)
    updated_at = personal(
        fields.DatetimeField(default=clock.now, description="When it last changed."), Category.LOYALTY, scope=Scope.POINTS_READ
    )

    class Meta:
        table = "referrals"
        indexes = (
            Index(fields=("customer_id", "created_at", "id")),
            Index(fields=("state", "expires_at")),
            Index(fields=("state", "updated_at")),
        )


class ReferralFriend(Row, PersonalModel):
    """A customer who was referred: once, and for good."""

    technical = frozenset({"id", "created_at", "customer_id", "referral_id"})

    customer_id = fields.UUIDField(unique=True)
    referral_id = fields.UUIDField(unique=True)

    class Meta:
        table = "referral_friends"
