"""Points: the program, accounts, the ledger and its lots. Whole points only."""

from __future__ import annotations

from enum import StrEnum

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from siyu.domain.kernel import clock, ids
from siyu.domain.kernel.tables import Row
from siyu.privacy.actor import Scope
from siyu.privacy.columns import HashField
from siyu.privacy.personal import Category, personal
from siyu.privacy.sealed import PersonalModel, SealedField


class NegativeBalancePolicy(StrEnum):
    """What becomes of a claw-back that finds too few points."""

    FORBID = "FORBID"
    ALLOW = "ALLOW"
    CLAMP_TO_ZERO = "CLAMP_TO_ZERO"


class PointsEntryKind(StrEnum):
    EARN = "EARN"
    ACTIVATE = "ACTIVATE"
    REDEEM = "REDEEM"
    EXPIRE = "EXPIRE"
    ADJUST = "ADJUST"
    REVERSE = "REVERSE"
    TRANSFER_IN = "TRANSFER_IN"
    TRANSFER_OUT = "TRANSFER_OUT"


class PointsProgram(Model):
    """How points work here. One row."""

    id = fields.SmallIntField(primary_key=True, generated=False)
    name = fields.CharField(80)
    expire_after_days = fields.IntField(null=True)
    pending_days = fields.IntField(default=0)
    negative_balance = fields.CharEnumField(NegativeBalancePolicy)
    version = fields.IntField(default=1)

    class Meta:
        table = "points_program"


class PointsAccount(Row, PersonalModel):
    """What one customer's entries come to; whoever writes entries holds this row."""

    technical = frozenset({"id", "created_at", "customer_id", "last_sequence", "updated_at", "tier_id"})

    customer_id = fields.UUIDField(unique=True)
    balance = personal(
        fields.BigIntField(default=0, description="What can be spent now; below zero: owed."), Category.LOYALTY, scope=Scope.POINTS_READ
    )
    pending = personal(
        fields.BigIntField(default=0, description="Earned, and not to be spent yet."), Category.LOYALTY, scope=Scope.POINTS_READ
    )
    lifetime_earned = personal(
        fields.BigIntField(default=0, description="All that was ever earned, less what was reversed."),
        Category.LOYALTY,
        scope=Scope.POINTS_READ,
    )
    last_sequence = fields.IntField(default=0)
    tier_id = fields.UUIDField(null=True, db_index=True)
    tier_since = personal(
        fields.DatetimeField(null=True, description="Since when at this tier."), Category.LOYALTY, scope=Scope.POINTS_READ
    )
    tier_until = personal(
        fields.DatetimeField(null=True, description="Until when it holds at least; null: for good."),
        Category.LOYALTY,
        scope=Scope.POINTS_READ,
    )
    updated_at = fields.DatetimeField(default=clock.now)

    class Meta:
        table = "points_accounts"
        indexes = (Index(fields=("tier_until",)),)


class PointsEntry(PersonalModel):
    """One line of the ledger. Only added to."""

    technical = frozenset({
        "id", "customer_id", "account_id", "sequence", "key", "digest", "reverses_id", "lot_id", "rule_id", "rule_version", "about_id",
        "created_at",
    })  # fmt: skip

    id = fields.UUIDField(primary_key=True, default=ids.uuid7)
    customer_id = fields.UUIDField()
    #: The account that it was written for, which stays when customers are merged, and its number there: 1, 2, 3 … without a gap.
    account_id = fields.UUIDField()
    sequence = fields.IntField()
    kind = personal(
        fields.CharEnumField(PointsEntryKind, max_length=12, description="What happened."), Category.LOYALTY, scope=Scope.POINTS_READ
    )
    points = personal(fields.BigIntField(description="How many; below zero where they go."), Category.LOYALTY, scope=Scope.POINTS_READ)
    #: What it did to the balance: 0 for what is pending, its points once they are activated. The balance is the sum of these.
    change = personal(fields.BigIntField(description="What it did to the balance."), Category.LOYALTY, scope=Scope.POINTS_READ)
    balance_after = personal(fields.BigIntField(description="The balance after it."), Category.LOYALTY, scope=Scope.POINTS_READ)
    reason = SealedField(category=Category.FREE_TEXT, scope=Scope.POINTS_READ, null=True, description="Why, as whoever wrote it said.")
    source = personal(fields.CharField(32, description="What made it: a code."), Category.LOYALTY, scope=Scope.POINTS_READ)
    #: The order, event, coupon, customer … that it is about.
    about_id = fields.UUIDField(null=True)
    rule_id = fields.UUIDField(null=True)
    rule_version = fields.IntField(null=True, description="The version of the earning rule that made it; null where none did.")
    reverses_id = fields.UUIDField(null=True)
    #: Of a reversal: how many points of the reversed entry it settles, which may be more than there were to take.
    covers = personal(fields.BigIntField(null=True), Category.LOYALTY, scope=Scope.POINTS_READ)
    #: The lot that it opened, activated or closed.
    lot_id = fields.UUIDField(null=True)
    available_at = personal(fields.DatetimeField(description="From when they can be spent."), Category.LOYALTY, scope=Scope.POINTS_READ)
    expires_at = personal(
        fields.DatetimeField(null=True, description="When they expire; null: never."), Category.LOYALTY, scope=Scope.POINTS_READ
    )
    #: The caller's idempotency key and a digest of what it came with, both hashed under a key of the house.
    key = HashField(null=True, unique=True)
    digest = fields.BinaryField(null=True)
    created_at = fields.DatetimeField(default=clock.now, description="When it was written.")

    class Meta:
        table = "points_entries"
        unique_together = (("account_id", "sequence"),)
        indexes = (
            Index(fields=("customer_id", "created_at", "id")),
            Index(fields=("created_at",)),
            Index(fields=("about_id",)),
            Index(fields=("reverses_id",)),
        )


class PointsLot(PersonalModel):
    """Points that came together, with what is left of them: `points` less what its takes say. Debits take lots by (expiry, nulls last; then
    age; then id)."""

    technical = frozenset({"id", "customer_id", "entry_id", "activated", "open", "created_at"})

    id = fields.UUIDField(primary_key=True, default=ids.uuid7)
    customer_id = fields.UUIDField()
    #: The entry that opened it; null where a merge's undoing did.
    entry_id = fields.UUIDField(null=True, db_index=True)
    points = personal(fields.BigIntField(), Category.LOYALTY, scope=Scope.POINTS_READ)
    remaining = personal(fields.BigIntField(), Category.LOYALTY, scope=Scope.POINTS_READ)
    available_at = personal(fields.DatetimeField(), Category.LOYALTY, scope=Scope.POINTS_READ)
    expires_at = personal(fields.DatetimeField(null=True), Category.LOYALTY, scope=Scope.POINTS_READ)
    activated = fields.BooleanField()
    #: Whether anything is left; closed lots are out of every search.
    open = fields.BooleanField()
    created_at = fields.DatetimeField(default=clock.now)

    class Meta:
        table = "points_lots"
        indexes = (
            Index(fields=("customer_id", "open", "expires_at")),
            Index(fields=("open", "expires_at")),
            Index(fields=("activated", "available_at")),
        )


class PointsTake(PersonalModel):
    """How many points an entry took from a lot, below zero where it gave them back; a deficit that a credit pays takes from its own lot.

    Without an entry: what was settled when customers were merged or parted, worked out anew each time.
    """

    technical = frozenset({"id", "customer_id", "entry_id", "lot_id"})

    id = fields.UUIDField(primary_key=True, default=ids.uuid7)
    customer_id = fields.UUIDField(db_index=True)
    entry_id = fields.UUIDField(null=True, db_index=True)
    lot_id = fields.UUIDField(db_index=True)
    points = personal(fields.BigIntField(), Category.LOYALTY, scope=Scope.POINTS_READ)

    class Meta:
        table = "points_takes"
