"""A few customers of all kinds, to read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from siyu.domain import attributes, customers, notes, orders, staff
from siyu.domain.attributes import AttributeDefine, AttributeGiven, AttributeType
from siyu.domain.customers import CustomerCreate, IdentityGiven, IdentityKind
from siyu.domain.customers.inputs import AddressGiven
from siyu.domain.customers.tables import Gender
from siyu.domain.notes import NoteAdd
from siyu.domain.orders.tables import Order, OrderLine, OrderStatus
from siyu.privacy import consent
from siyu.privacy.actor import Actor, Role, Scope
from siyu.schema.relay import encode
from tests import actors


@dataclass(frozen=True, slots=True)
class People:
    """Who was made."""

    ids: list[str]
    keys: list[UUID]


async def populate(admin: Actor) -> People:
    """Six customers: with and without everything."""
    await attributes.define(admin, AttributeDefine(key="taste", title="Taste", type=AttributeType.TEXT, personal=False))
    await attributes.define(admin, AttributeDefine(key="plate", title="Plate", type=AttributeType.TEXT, personal=True, searchable=True))
    await attributes.define(admin, AttributeDefine(key="pets", title="Pets", type=AttributeType.NUMBER, personal=True))
    made = await staff.add(
        actors.worker(Scope.STAFF_WRITE),
        name="Li Lei",
        email="lilei@example.com",
        role=Role.SERVICE,
        password="correct horse battery staple",
    )
    owner = made.id
    keys = [
        await customers.create(
            admin,
            CustomerCreate(
                display_name="Wang Fang" if n % 2 else f"客户{n}",
                phone=f"1380000000{n}",
                email=f"c{n}@example.com" if n % 2 else None,
                city=("杭州", "成都")[n % 2],
                gender=(Gender.FEMALE, None, Gender.MALE)[n % 3],
                birthday=date(1990, 1, 1) + timedelta(days=400 * n) if n % 3 else None,
                address=AddressGiven(line1=f"{n} Street") if n == 2 else None,
                owner_id=owner if n == 1 else None,
                attributes=[
                    AttributeGiven(key="taste", value="辣"),
                    AttributeGiven(key="plate", value=f"浙A{n}"),
                    AttributeGiven(key="pets", value=n),
                ]
                if n < 2
                else None,
                identities=[IdentityGiven(kind=IdentityKind.WECHAT_OPENID, value=f"o{n}", app_id="wx1")] if n < 3 else None,
            ),
        )
        for n in range(6)
    ]
    for n in range(3):
        await notes.add(admin, NoteAdd(customer_id=keys[0], body=f"Note {n}"))
        await consent.record(admin, keys[n], "marketing", granted=n != 2, channel="test")
    await consent.restrict(admin, keys[4], reason="test")
    await _orders(admin, keys)
    return People([encode("Customer", key) for key in keys], keys)


async def _orders(admin: Actor, keys: list[UUID]) -> None:
    placed = datetime(2026, 1, 1, 8, tzinfo=UTC)
    for n in range(5):
        order = Order(
            customer_id=keys[n % 2],
            external_id=f"E{n}",
            status=OrderStatus.PAID,
            total_e4=123_400 + n,
            currency="CNY",
            placed_at=placed + timedelta(hours=n),
            channel="app" if n else None,
        )
        await order.save(force_create=True)
        await OrderLine(
            customer_id=order.customer_id, order_id=order.id, position=0, title="Tea", quantity=1, unit_price_e4=500_000, currency="CNY"
        ).save(force_create=True)
    await Order.filter(external_id="E3").update(currency="USD")  # no rate is known
    await orders.refresh(admin, keys)
