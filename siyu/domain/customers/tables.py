"""Customers and the identities that they are known by."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum

from tortoise import fields
from tortoise.indexes import Index

from siyu.domain.kernel import boot, clock, normal
from siyu.domain.kernel.tables import Row
from siyu.privacy.actor import Scope
from siyu.privacy.personal import Category, personal
from siyu.privacy.sealed import BlindIndexField, PersonalModel, SealedField

#: Stands for "never ordered" in a column that is sorted by and so never null.
NEVER = datetime(1970, 1, 1, tzinfo=UTC)

#: 4,096 buckets: by CipherSweet's rule right for 8,192 to 16 million customers, so that a name can't be told from its bucket.
NAME_INDEX_BITS = 12


class Gender(StrEnum):
    FEMALE = "FEMALE"
    MALE = "MALE"
    OTHER = "OTHER"
    UNKNOWN = "UNKNOWN"


class LifecycleStage(StrEnum):
    PROSPECT = "PROSPECT"
    NEW = "NEW"
    RETURNING = "RETURNING"
    LOYAL = "LOYAL"


class ActivityState(StrEnum):
    ACTIVE = "ACTIVE"
    SILENT = "SILENT"
    CHURNED = "CHURNED"


class IdentityKind(StrEnum):
    PHONE = "PHONE"
    EMAIL = "EMAIL"
    EXTERNAL_ID = "EXTERNAL_ID"
    MEMBER_NO = "MEMBER_NO"
    WECHAT_OPENID = "WECHAT_OPENID"
    WECHAT_UNIONID = "WECHAT_UNIONID"
    WECHAT_EXTERNAL_USERID = "WECHAT_EXTERNAL_USERID"
    ANONYMOUS_ID = "ANONYMOUS_ID"


class Customer(Row, PersonalModel):
    """One person. What rules are computed on is clear; what tells who it is, is sealed under the person's own key."""

    subject = "id"
    technical = frozenset({"id", "created_at", "updated_at", "owner_id", "anonymous", "merged_into_id"})

    updated_at = fields.DatetimeField(default=clock.now, description="When anything of the profile last changed.")
    external_id = SealedField(
        category=Category.IDENTITY,
        scope=Scope.CUSTOMER_IDENTITY_READ,
        null=True,
        description="The key of this customer in the organisation's own system.",
    )
    display_name = SealedField(
        category=Category.IDENTITY, scope=Scope.CUSTOMER_NAME_READ, null=True, description="The name to show and to greet by."
    )
    #: Service staff look people up by name; truncated, since a full index would tell who shares a name with whom.
    name_index = BlindIndexField(of="display_name", normal=normal.folded, bits=NAME_INDEX_BITS)
    family_name = SealedField(category=Category.IDENTITY, scope=Scope.CUSTOMER_NAME_READ, null=True, description="Family name.")
    given_name = SealedField(category=Category.IDENTITY, scope=Scope.CUSTOMER_NAME_READ, null=True, description="Given name.")
    phone = SealedField(
        category=Category.CONTACT, scope=Scope.CUSTOMER_PHONE_READ, null=True, description="Telephone number in E.164, `+8613800001111`."
    )
    email = SealedField(category=Category.CONTACT, scope=Scope.CUSTOMER_EMAIL_READ, null=True, description="Email address in lower case.")
    line1 = SealedField(category=Category.CONTACT, scope=Scope.CUSTOMER_ADDRESS_READ, null=True, description="Street and house number.")
    line2 = SealedField(category=Category.CONTACT, scope=Scope.CUSTOMER_ADDRESS_READ, null=True, description="Building, floor, door.")
    postal_code = SealedField(category=Category.CONTACT, scope=Scope.CUSTOMER_ADDRESS_READ, null=True, description="Postal code.")
    birthday = SealedField(
        category=Category.DEMOGRAPHIC, scope=Scope.CUSTOMER_BIRTHDAY_READ, format="date", null=True, description="Full date of birth."
    )
    #: Rules ask whose birthday is near. Month and day only, in full length, since a rule must not hold for others: among the few hundred
    #: days that there are, it tells who shares a birthday, which the month in the clear narrows down already.
    birthday_index = BlindIndexField(of="birthday", normal=normal.month_day, db_index=False)
    birth_month = personal(
        fields.SmallIntField(null=True, description="Month of birth, 1 to 12."),
        Category.DEMOGRAPHIC,
        scope=Scope.CUSTOMER_DEMOGRAPHICS_READ,
    )
    age_band = personal(
        fields.CharField(8, null=True, description="Age in bands of ten years: `UNDER_18`, `18_24`, `25_34` … `65_PLUS`."),
        Category.DEMOGRAPHIC,
        scope=Scope.CUSTOMER_DEMOGRAPHICS_READ,
    )
    gender = personal(
        fields.CharEnumField(Gender, null=True, description="Gender, as the customer gave it."),
        Category.DEMOGRAPHIC,
        scope=Scope.CUSTOMER_DEMOGRAPHICS_READ,
    )
    occupation = personal(
        fields.CharField(80, null=True, description="Occupation."), Category.DEMOGRAPHIC, scope=Scope.CUSTOMER_DEMOGRAPHICS_READ
    )
    income_band = personal(
        fields.CharField(40, null=True, description="Income, in the organisation's own bands."),
        Category.DEMOGRAPHIC,
        scope=Scope.CUSTOMER_DEMOGRAPHICS_READ,
    )
    education = personal(
        fields.CharField(40, null=True, description="Education."), Category.DEMOGRAPHIC, scope=Scope.CUSTOMER_DEMOGRAPHICS_READ
    )
    locale = personal(fields.CharField(35, null=True, description="Language to speak, as a BCP 47 tag: `zh-CN`."), Category.DEMOGRAPHIC)
    timezone = personal(fields.CharField(64, null=True, description="Time zone, as an IANA name: `Asia/Shanghai`."), Category.LOCATION)
    city = personal(fields.CharField(80, null=True, description="City."), Category.LOCATION, scope=Scope.CUSTOMER_LOCATION_READ)
    province = personal(
        fields.CharField(80, null=True, description="Province or state."), Category.LOCATION, scope=Scope.CUSTOMER_LOCATION_READ
    )
    country = personal(fields.CharField(80, null=True, description="Country."), Category.LOCATION, scope=Scope.CUSTOMER_LOCATION_READ)
    source = personal(
        fields.CharField(
            80, null=True, description="Where the customer came from: an online channel, a store, an advertisement, a friend."
        ),
        Category.BEHAVIOUR,
    )
    owner_id = fields.UUIDField(null=True, description="The member of staff who looks after the customer.")
    anonymous = fields.BooleanField(
        default=False,
        db_default=False,
        description="Whether only anonymous ids are known: a visitor who has not said who they are.",
    )
    #: The customer who this one turned out to be. The row stays, out of every list, so that they can be parted again.
    merged_into_id = fields.UUIDField(null=True)
    orders_count = personal(fields.IntField(default=0, description="How many orders count."), Category.PURCHASE, scope=Scope.ORDERS_READ)
    spent_e4 = personal(
        fields.BigIntField(default=0, description="What the orders that count come to."), Category.PURCHASE, scope=Scope.ORDERS_READ
    )
    spent_currency = personal(
        fields.CharField(3, default=lambda: boot.current().settings.currency, description="ISO 4217 code."),
        Category.PURCHASE,
        scope=Scope.ORDERS_READ,
    )
    first_ordered_at = personal(
        fields.DatetimeField(null=True, description="When the first order was placed."), Category.PURCHASE, scope=Scope.ORDERS_READ
    )
    last_ordered_or_never = personal(
        fields.DatetimeField(
            default=lambda: NEVER, description="When the last order was placed; `NEVER` without one, since lists are sorted by it."
        ),
        Category.PURCHASE,
        scope=Scope.ORDERS_READ,
    )
    lifecycle_stage = personal(
        fields.CharEnumField(
            LifecycleStage,
            max_length=9,
            default=LifecycleStage.PROSPECT,
            db_default=LifecycleStage.PROSPECT.value,
            description="How far along as a buyer, by the lifecycle policy.",
        ),
        Category.PURCHASE,
        scope=Scope.ORDERS_READ,
    )
    activity = personal(
        fields.CharEnumField(
            ActivityState,
            max_length=7,
            default=ActivityState.ACTIVE,
            db_default=ActivityState.ACTIVE.value,
            description="Whether anything was bought or done lately, by the lifecycle policy.",
        ),
        Category.PURCHASE,
        scope=Scope.ORDERS_READ,
    )

    class Meta:
        table = "customers"
        indexes = (
            # Not on the column: added to a table that is there, SQLite would not get it.
            Index(fields=("merged_into_id",)),
            Index(fields=("birthday_index",)),
            Index(fields=("created_at", "id")),
            Index(fields=("updated_at", "id")),
            Index(fields=("last_ordered_or_never", "id")),
            Index(fields=("spent_e4", "id")),
            Index(fields=("city", "created_at", "id")),
            # Answers the usual filter by itself, the count as well: what the lists leave out is in it, too.
            Index(fields=("city", "gender", "source", "merged_into_id", "created_at", "id")),
            # The same for city and stage beside tags, whose own index brings the other half.
            Index(fields=("city", "lifecycle_stage", "merged_into_id", "created_at", "id")),
        )


class Identity(Row, PersonalModel):
    """A value that a customer is known by. It belongs to one customer only; sign-in, import and sync find people by it."""

    technical = frozenset({"id", "created_at", "customer_id", "kind", "app_id", "verified_at", "profile"})

    customer_id = fields.UUIDField(db_index=True)
    kind = fields.CharEnumField(IdentityKind, max_length=24, description="What kind of value it is.")
    app_id = fields.CharField(
        64, default="", description="The WeChat app that an openid belongs to; empty for kinds that belong to no app."
    )
    value = SealedField(category=Category.IDENTITY, scope=Scope.CUSTOMER_IDENTITY_READ, description="The value, in its normal spelling.")
    #: People are found by it; unique, since one value is one person's.
    value_index = BlindIndexField(of="value", normal=str)
    profile = fields.BooleanField(default=False, description="Whether it is the profile's own phone, email or external id.")
    verified_at = fields.DatetimeField(null=True, description="When it was proved that the customer holds it.")

    class Meta:
        table = "identities"
        unique_together = (("kind", "app_id", "value_index"),)
