"""What can be read of customers and of their identities."""

from __future__ import annotations

from siyu.domain.customers import worth
from siyu.domain.customers.referring import referral_code
from siyu.domain.customers.tables import NEVER, Customer, Identity
from siyu.domain.kernel.dialect import Kind
from siyu.domain.kernel.reading import Column, Derived, Many, One, OneOf, Order, Part, Same, Since, Source, Timeline, Until
from siyu.privacy.actor import Scope
from siyu.privacy.personal import Category, about

_PURCHASE = about(Category.PURCHASE, scope=Scope.ORDERS_READ)

#: Sums over a customer's `order_sums`, as whole numbers on either database.
_WORTH = "cast(sum(s.worth_e4) as bigint)"
_COUNT = "cast(sum(s.orders_count - s.unconverted_count) as bigint)"
_AVERAGE = (
    f"(select ((2 * {_WORTH} + 100 * {_COUNT}) / (200 * {_COUNT})) * 100 from order_sums s"  # noqa: S608  # our own words only
    f" where s.customer_id = {{t}}.id having {_COUNT} > 0)"
)
_ORDERS_ARGUMENTS = {"status": OneOf("status"), "channel": OneOf("channel")}
_EVENTS_ARGUMENTS = {"names": OneOf("name"), "since": Since("occurred_at"), "until": Until("occurred_at")}

CUSTOMER = Source(
    "Customer",
    table=Customer,
    scope=Scope.CUSTOMERS_READ,
    description="A person whom the organisation knows, from whatever channel.",
    columns=(
        "external_id", "display_name", "family_name", "given_name", "phone", "email", "birthday", "birth_month", "gender", "age_band",
        "occupation", "income_band", "education", "locale", "timezone", "city", "province", "country", "source", "anonymous",
        "lifecycle_stage", "activity", "created_at", "updated_at",
    ),
    internal=(
        "line1", "line2", "postal_code", "owner_id", "orders_count", "spent_e4", "spent_currency", "first_ordered_at",
        "last_ordered_or_never", "merged_into_id",
    ),
    where="{t}.merged_into_id is null",
    more=(
        Column("last_ordered_at", Kind.DATETIME, f"nullif({{t}}.last_ordered_or_never, '{NEVER}')", about=_PURCHASE,
               description="When the last order was placed."),
        # Of the orders that are in what was spent: those without an exchange rate are not.
        Column("average_e4", Kind.MONEY, _AVERAGE, about=_PURCHASE),
        Column("restricted", Kind.BOOL, "exists (select 1 from restrictions r where r.customer_id = {t}.id)", nullable=False,
               description="True while the person has restricted processing: read-only, out of every audience."),
        Part("address", {"line1": "line1", "line2": "line2", "postal_code": "postal_code",
                         "city": "city", "province": "province", "country": "country"}, "Postal address."),
        Part("order_summary", {
            "count": "orders_count",
            "total_spent": Part(
                "total_spent", {"amount": "spent_e4", "currency": "spent_currency"},
                "What the orders that count come to after refunds, in the organisation's currency: those in another one at the rate that "
                "was valid on the day of the order. Those without a rate are not in it: `byCurrency` has them.",
            ),
            "average_order_value": Part("average_order_value", {"amount": "average_e4", "currency": "spent_currency"},
                                        "Mean of the orders in `totalSpent`, rounded to hundredths.", null_with="average_e4"),
            "first_ordered_at": "first_ordered_at",
            "last_ordered_at": "last_ordered_at",
        }, "Orders in short, kept up to date with each order.", lists={
            "by_currency": Many("by_currency", "CurrencySummary", by="customer_id", sort="CURRENCY_ASC",
                                description="The same for each currency by itself, nothing converted."),
        }),
        Column("bought_count", Kind.INT, "{t}.orders_count", about=_PURCHASE, description="How many orders count."),
        Column("bought_e4", Kind.MONEY, "case when {t}.orders_count > 0 then {t}.spent_e4 end", about=_PURCHASE),
        Derived("days_since_last_order", Kind.INT, needs=("last_ordered_at",), tells=("last_ordered_at",), compute=worth.days_since,
                description="Whole days since the last order; null without one.", about=_PURCHASE),
        Derived("days_between_orders", Kind.FLOAT, needs=("bought_count", "first_ordered_at", "last_ordered_at"),
                tells=("last_ordered_at",), compute=worth.days_between, about=_PURCHASE,
                description="Mean number of days from one order to the next; null with fewer than two."),
        Derived("orders_per_year", Kind.FLOAT, needs=("bought_count", "first_ordered_at", "last_ordered_at"),
                tells=("last_ordered_at",), compute=worth.orders_per_year, about=_PURCHASE,
                description="How many orders that comes to in a year; null with fewer than two, or all at once."),
        Part("value", {
            "orders_count": "bought_count",
            "total_spent": Part("total_spent", {"amount": "bought_e4", "currency": "spent_currency"},
                                "What the orders that count come to, as in `orderSummary`; null without any.", null_with="bought_e4"),
            "average_order_value": Part("average_order_value", {"amount": "average_e4", "currency": "spent_currency"},
                                        "Mean of the orders in `totalSpent`, rounded to hundredths.", null_with="average_e4"),
            "first_ordered_at": "first_ordered_at",
            "last_ordered_at": "last_ordered_at",
            "days_since_last_order": "days_since_last_order",
            "days_between_orders": "days_between_orders",
            "orders_per_year": "orders_per_year",
        }, "What the customer is worth, from the orders that count."),
        One("preferences", "CustomerPreferences", via="id", by="customer_id",
            description="What the customer likes best; null while nothing is known that could tell."),
        One("rfm", "RfmScore", via="id", by="customer_id",
            description="Scores of recency, frequency and money; null for whoever bought nothing in the model's window."),
        One("owner", "Staff", via="owner_id", description="The member of staff who looks after the customer."),
        One("merged_into", "Customer", via="merged_into_id",
            description="The customer who this one was merged into, and has the history of both; null for every other."),
        Many("identities", "Identity", by="customer_id", sort="CREATED_AT_ASC", description="The values that the customer is known by."),
        Many("attributes", "AttributeValue", by="customer_id", sort="KEY_ASC", arguments={"keys": OneOf("key")},
             description="The values of the attributes that the organisation defined (preference, taste, size, interest …)."),
        Many("orders", "Order", by="customer_id", sort="PLACED_AT_DESC", arguments=_ORDERS_ARGUMENTS, description="Orders, newest first."),
        Many("events", "Event", by="customer_id", sort="OCCURRED_AT_DESC", arguments=_EVENTS_ARGUMENTS,
             description="What the customer did, newest first by when it was done, whenever it came."),
        Many("tags", "TagAssignment", by="customer_id", sort="ASSIGNED_AT_DESC", arguments={"group": Same("group_name")},
             description="The tags that the customer has now, the latest first; archived ones too, which stay with whoever has them."),
        Many("segments", "SegmentMembership", by="customer_id", sort="ENTERED_AT_DESC",
             description="The segments that the customer is in now, the last entered first."),
        Derived("referral_code", Kind.TEXT, needs=("id",), compute=referral_code, nullable=False, about=about(Category.LOYALTY),
                description="The code by which the customer refers friends; always the same."),
        One("points", "PointsAccount", via="id", description="The customer's points, and the tier that they brought."),
        Many("referrals", "Referral", by="customer_id", sort="CREATED_AT_DESC",
             description="The friends whom the customer referred, the last first."),
        Many("coupons", "Coupon", by="customer_id", sort="CREATED_AT_DESC", arguments={"state": Same("state", chosen=True)},
             description="The customer's coupons, the last issued first."),
        Many("notes", "Note", by="customer_id", sort="CREATED_AT_DESC", description="Notes of staff, newest first."),
        Many("rfm_history", "RfmChange", by="customer_id", sort="CREATED_AT_DESC",
             description="The scores that the customer has had, newest first."),
        Many("lifecycle_history", "LifecycleChange", by="customer_id", sort="AT_DESC",
             description="How the customer went from stage to stage, and from active to churned or back, newest first."),
        Timeline("timeline", "All that happened to the person, newest first. Kinds that you may not read are left out, and denied."),
        Many("data_requests", "DataRequest", by="customer_id", sort="CREATED_AT_DESC",
             description="What the person asked of us under data protection law, newest first."),
    ),
    orders=(
        Order("CREATED_AT_DESC", "created_at"),
        Order("CREATED_AT_ASC", "created_at", descending=False),
        Order("UPDATED_AT_DESC", "updated_at"),
        Order("LAST_ORDERED_AT_DESC", "last_ordered_or_never"),
        Order("TOTAL_SPENT_DESC", "spent_e4"),
        # For lists by links, which are read off the link's own index. Keys are in order of time: the newest comes first.
        Order("ID_DESC", "id"),
    ),
)  # fmt: skip

IDENTITY = Source(
    "Identity",
    table=Identity,
    scope=Scope.CUSTOMERS_READ,
    description="A value that a customer is known by; it belongs to one customer only.",
    columns=("kind", "value", "verified_at", "created_at"),
    more=(Column("app_id", Kind.TEXT, "nullif({t}.app_id, '')", description="The WeChat app that an openid belongs to."),),
    orders=(Order("CREATED_AT_ASC", "created_at", descending=False),),
)
