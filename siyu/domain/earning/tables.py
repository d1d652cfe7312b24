"""What customers earn points for, what each version of it said, what was earned by it, and days on which somebody checked in."""

from __future__ import annotations

from enum import StrEnum

from tortoise import fields
from tortoise.fields import JSONField
from tortoise.indexes import Index
from tortoise.models import Model

from siyu.domain.kernel import clock, ids
from siyu.domain.kernel.tables import Row
from siyu.privacy.actor import Scope
from siyu.privacy.personal import Category, personal
from siyu.privacy.sealed import PersonalModel

NAME_MAX = 80
KEY_MAX = 80


class EarningTrigger(StrEnum):
    """What a rule gives points for."""

    ORDER_PAID = "ORDER_PAID"
    EVENT = "EVENT"
    SURVEY_COMPLETED = "SURVEY_COMPLETED"
    REFERRAL_QUALIFIED = "REFERRAL_QUALIFIED"
    BIRTHDAY = "BIRTHDAY"
    CHECK_IN = "CHECK_IN"
    SIGN_UP = "SIGN_UP"


class ReferralSide(StrEnum):
    """Who of the two gets the points of a referral."""

    ADVOCATE = "ADVOCATE"
    FRIEND = "FRIEND"
    BOTH = "BOTH"


class EarningRule(Row):
    """What is given for what, and when. With dates it is a campaign."""

    name = fields.CharField(NAME_MAX, description="Its name for people.")
    trigger = fields.CharEnumField(EarningTrigger, max_length=20, description="What it gives points for.")
    event_name = fields.CharField(100, null=True, description="For `EVENT`: the name of the events.")
    rate_e4 = fields.BigIntField(null=True)
    fixed = fields.IntField(null=True, description="So many points each time, beside the rate.")
    segment_id = fields.UUIDField(null=True)
    category = fields.CharField(80, null=True, description="For `ORDER_PAID`: only what was paid for articles of this category counts.")
    side = fields.CharEnumField(ReferralSide, max_length=8, null=True, description="For `REFERRAL_QUALIFIED`: who of the two gets them.")
    multiplied = fields.BooleanField(default=True, description="Whether the customer's tier multiplies them.")
    streak_days = fields.IntField(null=True, description="For `CHECK_IN`: each so many days in a row bring the bonus.")
    streak_bonus = fields.IntField(null=True, description="For `CHECK_IN`: how many points more on such a day.")
    maximum_per_day = fields.IntField(null=True, description="The most that it gives one customer on one day; null: no such limit.")
    active_from = fields.DatetimeField(null=True, description="From when on; null: since it was made.")
    active_until = fields.DatetimeField(null=True, description="Until before when; null: for good.")
    enabled = fields.BooleanField(default=True, description="Whether it gives anything at all.")
    version = fields.IntField(default=1, description="Grows by one with each change; each entry of the ledger names it.")
    updated_at = fields.DatetimeField(default=clock.now, description="When it was last changed.")

    class Meta:
        table = "earning_rules"
        indexes = (Index(fields=("segment_id",)),)


class EarningRuleVersion(Row):
    """What one version of a rule said. Only added to."""

    rule_id = fields.UUIDField()
    version = fields.IntField()
    terms: JSONField[dict[str, object]] = fields.JSONField()
    changed_by = fields.CharField(200)

    class Meta:
        table = "earning_rule_versions"
        unique_together = (("rule_id", "version"),)


class Earning(Row, PersonalModel):
    """What one customer earned by one rule for one occasion: each occasion once."""

    technical = frozenset(
        {"id", "created_at", "customer_id", "rule_id", "rule_version", "key", "about_id", "entry_id", "exact_e4", "basis_e4"}
    )

    customer_id = fields.UUIDField()
    rule_id = fields.UUIDField()
    rule_version = fields.IntField()
    #: The occasion, unique for the customer and the rule: `order:<id>`, `event:<id>`, `check-in:2026-05-01`, `birthday:2026`, `sign-up` …
    key = fields.CharField(KEY_MAX)
    about_id = fields.UUIDField(null=True)
    #: The calendar day in the organisation's time zone that its limit counts it on.
    day = personal(fields.DateField(description="On which day."), Category.LOYALTY, scope=Scope.POINTS_READ)
    points = personal(fields.BigIntField(description="How many points were earned."), Category.LOYALTY, scope=Scope.POINTS_READ)
    #: Of these, what is left after refunds.
    kept = personal(fields.BigIntField(description="How many are left after refunds."), Category.LOYALTY, scope=Scope.POINTS_READ)
    #: The same before rounding down, in ten-thousandths of a point, and what was left to pay of the order then, in its own currency.
    exact_e4 = fields.BigIntField(null=True)
    basis_e4 = fields.BigIntField(null=True)
    entry_id = fields.UUIDField()

    class Meta:
        table = "earnings"
        unique_together = (("customer_id", "rule_id", "key"),)
        indexes = (Index(fields=("about_id",)), Index(fields=("customer_id", "rule_id", "day")))


class CheckIn(PersonalModel):
    """A day on which somebody checked in."""

    technical = frozenset({"id", "customer_id", "created_at"})

    id = fields.UUIDField(primary_key=True, default=ids.uuid7)
    customer_id = fields.UUIDField()
    day = personal(fields.DateField(description="The day, in the organisation's time zone."), Category.BEHAVIOUR, scope=Scope.POINTS_READ)
    created_at = fields.DatetimeField(default=clock.now)

    class Meta:
        table = "check_ins"
        unique_together = (("customer_id", "day"),)


class EarningRound(Model):
    """The last local day for which birthdays were gone through. One row."""

    id = fields.SmallIntField(primary_key=True, generated=False)
    birthdays_on = fields.DateField()

    class Meta:
        table = "earning_rounds"
