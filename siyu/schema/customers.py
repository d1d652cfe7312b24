"""Customers in the SDL."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from siyu.domain import customers
from siyu.domain.customers import ActivityState, CustomerSort, Gender, IdentityKind, LifecycleStage
from siyu.domain.kernel.paging import Slice
from siyu.schema import planned
from siyu.schema.attributes import AttributeValue
from siyu.schema.binding import reads, reads_part
from siyu.schema.connections import Connection, Uncounted
from siyu.schema.context import Info
from siyu.schema.coupons import Coupon
from siyu.schema.errors import Payload, mutation
from siyu.schema.events import Event
from siyu.schema.lifecycle import LifecycleChange
from siyu.schema.money import Money
from siyu.schema.notes import Note
from siyu.schema.orders import CurrencySummary, Order
from siyu.schema.planned import PageOf, RowOf
from siyu.schema.preferences import CustomerPreferences
from siyu.schema.relay import Node
from siyu.schema.scoring import RfmChange, RfmScore
from siyu.schema.staff import Staff
from siyu.schema.taking import Input, takes
from siyu.schema.timeline import TimelineItem

if TYPE_CHECKING:
    from siyu.schema.points import PointsAccount
    from siyu.schema.referrals import Referral
    from siyu.schema.requests import DataRequest
    from siyu.schema.segments import SegmentMembership
    from siyu.schema.tags import TagAssignment

strawberry.enum(Gender, description="Gender, as the customer gave it.")
strawberry.enum(IdentityKind, description="What kind of value a customer is known by.")
strawberry.enum(CustomerSort, description="Orders of the list of customers; ties are broken by id.")


@reads_part(customers.CUSTOMER, "address")
class Address:
    line1: str | None
    line2: str | None
    postal_code: str | None
    city: str | None
    province: str | None
    country: str | None


@reads_part(customers.CUSTOMER, "order_summary")
class OrderSummary:
    count: int
    total_spent: Money
    average_order_value: Money | None
    first_ordered_at: datetime | None
    last_ordered_at: datetime | None
    by_currency: list[CurrencySummary]


@reads_part(customers.CUSTOMER, "value")
class CustomerValue:
    orders_count: int | None
    total_spent: Money | None
    average_order_value: Money | None
    first_ordered_at: datetime | None
    last_ordered_at: datetime | None
    days_since_last_order: int | None
    days_between_orders: float | None
    orders_per_year: float | None


@reads(customers.IDENTITY)
class Identity(Node):
    kind: IdentityKind
    value: str | None
    app_id: str | None
    verified_at: datetime | None
    created_at: datetime


@reads(customers.CUSTOMER)
class Customer(Node):
    external_id: str | None
    display_name: str | None
    family_name: str | None
    given_name: str | None
    phone: str | None
    email: str | None
    address: Address | None
    birthday: date | None
    birth_month: int | None
    gender: Gender | None
    age_band: str | None
    occupation: str | None
    income_band: str | None
    education: str | None
    locale: str | None
    timezone: str | None
    city: str | None
    province: str | None
    country: str | None
    source: str | None
    anonymous: bool
    owner: Staff | None
    attributes: list[AttributeValue]
    identities: list[Identity]
    orders: Connection[Order]
    order_summary: OrderSummary
    events: Connection[Event]
    value: CustomerValue
    preferences: CustomerPreferences | None
    lifecycle_stage: LifecycleStage
    activity: ActivityState
    lifecycle_history: Connection[LifecycleChange]
    rfm: RfmScore | None
    rfm_history: Connection[RfmChange]
    tags: list[Annotated[TagAssignment, strawberry.lazy("siyu.schema.tags")]]
    segments: list[Annotated[SegmentMembership, strawberry.lazy("siyu.schema.segments")]]
    points: Annotated[PointsAccount, strawberry.lazy("siyu.schema.points")]
    referral_code: str
    referrals: list[Annotated[Referral, strawberry.lazy("siyu.schema.referrals")]]
    coupons: list[Coupon]
    notes: Connection[Note]
    timeline: Uncounted[TimelineItem]
    data_requests: list[Annotated[DataRequest, strawberry.lazy("siyu.schema.requests")]]
    restricted: bool
    merged_into: Customer | None
    created_at: datetime
    updated_at: datetime


@takes
class IdentityInput(Input[customers.IdentityGiven]):
    """A value that a customer is known by."""


@takes
class AddressInput(Input[customers.AddressGiven]):
    """A postal address; what is left out stays, null clears."""


@takes
class CustomerCreateInput(Input[customers.CustomerCreate]):
    """What is known of a new customer."""


@takes
class CustomerUpdateInput(Input[customers.CustomerUpdate]):
    """What is left out stays; null clears."""


@takes
class CustomerUpsertInput(Input[customers.CustomerUpsert]):
    """Whom to find, and what to set."""


@takes
class IdentityAddInput(Input[customers.IdentityAdd]):
    """Which identity to add to whom."""


@takes
class IdentityRemoveInput(Input[customers.IdentityRemove]):
    """Which identity to remove from whom."""


@takes
class DateTimeRange(Input[customers.DateTimeRange]):
    """From a moment, before another; either may be left out."""


@takes
class DecimalRange(Input[customers.DecimalRange]):
    """Between two amounts, both included; either may be left out."""


@takes
class CustomerFilter(Input[customers.CustomerFilter]):
    """Every member that is given must hold. Filtering by a field needs the scope to read it."""


@strawberry.type(description="The customer that was written.")
class CustomerPayload(Payload):
    customer_id: strawberry.Private[UUID | None] = None
    customer: Customer | None = planned.written(customers.CUSTOMER, by="customer_id")


@strawberry.type
class Query:
    @planned.query(Customer | None)
    async def customer(self, info: Info, id: strawberry.ID | None = None, identity: IdentityInput | None = None) -> RowOf:
        """One customer, by id or by a value that they are known by, in whatever spelling; null when there is none."""
        return RowOf(customers.CUSTOMER, await _key(info, id, identity))

    @planned.query(Connection[Customer])
    def customers(
        self,
        info: Info,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        filter: CustomerFilter | None = None,
        sort: CustomerSort | None = None,
    ) -> PageOf:
        """Customers, newest first where no other order is asked. Under a purpose that needs consent: those who gave it."""
        return PageOf(customers.CUSTOMER, planned.filtered(filter), sort, Slice(first, after, last, before))


async def _key(info: Info, id: strawberry.ID | None, identity: IdentityInput | None) -> UUID | None:
    return await customers.resolve(info.context.actor, planned.key("Customer", id), identity.to_domain(("identity",)) if identity else None)


@strawberry.type
class Mutation:
    @mutation
    async def customer_create(self, info: Info, input: CustomerCreateInput) -> CustomerPayload:
        """Make a customer. A value that another one is known by is refused as `TAKEN`. Scope `customers:write`."""
        return CustomerPayload(customer_id=await customers.create(info.context.actor, input.to_domain()))

    @mutation
    async def customer_update(self, info: Info, input: CustomerUpdateInput) -> CustomerPayload:
        """Change a customer: what is left out stays, null clears. Scope `customers:write`."""
        return CustomerPayload(customer_id=await customers.update(info.context.actor, input.to_domain()))

    @mutation
    async def customer_upsert(self, info: Info, input: CustomerUpsertInput) -> CustomerPayload:
        """Change the customer who is known by a value, or make one who is. Scope `customers:write`."""
        return CustomerPayload(customer_id=await customers.upsert(info.context.actor, input.to_domain()))

    @mutation
    async def identity_add(self, info: Info, input: IdentityAddInput) -> CustomerPayload:
        """Have a customer known by one more value; a repeated call changes nothing. Scope `customers:write`."""
        return CustomerPayload(customer_id=await customers.identity_add(info.context.actor, input.to_domain()))

    @mutation
    async def identity_remove(self, info: Info, input: IdentityRemoveInput) -> CustomerPayload:
        """Have a customer known by a value no longer. Scope `customers:write`."""
        return CustomerPayload(customer_id=await customers.identity_remove(info.context.actor, input.to_domain()))
