"""A customer of whom everything is held that the house can hold, each value a needle that is found nowhere else."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import UUID

from siyu.domain import attributes, customers, events, notes, orders
from siyu.domain.attributes import AttributeDefine, AttributeGiven, AttributeType
from siyu.domain.customers import AddressGiven, CustomerCreate, Gender, IdentityGiven, IdentityKind
from siyu.domain.events import EventRow
from siyu.domain.notes import NoteAdd
from siyu.domain.orders import OrderGiven, OrderStatus
from siyu.privacy import consent
from siyu.privacy.actor import Actor, Scope
from tests import actors

IMPORTER = actors.worker(Scope.ORDERS_IMPORT)


@dataclass(frozen=True, slots=True)
class Person:
    """A customer, and every value that was said of them."""

    id: UUID
    phone: str
    needles: tuple[str, ...] = field(repr=False)


async def define(actor: Actor) -> None:
    """The attributes that `full` fills: a sealed one, a searchable one, a clear one."""
    for key, personal, searchable in (("plate", True, True), ("allergy", True, False), ("taste", False, False)):
        wish = AttributeDefine(key=key, title=key, type=AttributeType.TEXT, personal=personal, searchable=searchable)
        await attributes.define(actor, wish)


async def full(actor: Actor, number: int) -> Person:
    """The `number`-th customer, with profile, address, identities, attributes, a note, an order, an event, consents and a restriction."""
    phone = f"+861390000{number:04d}"
    named = {
        "family_name": f"欧阳{number:04d}",
        "given_name": f"梓萱{number:04d}",
        "email": f"zixuan{number:04d}@example.com",
        "external_id": f"CRM-{number:04d}-NEEDLE",
        "occupation": f"stargazer{number:04d}",
        "source": f"friendof{number:04d}",
        "city": f"Xanadu{number:04d}",
    }
    lines = {"line1": f"Needle Lane {number:04d}", "line2": f"Door {number:04d} Blue", "postal_code": f"Z{number:04d}QX"}
    said = {"plate": f"沪N{number:04d}DL", "allergy": f"peanuts{number:04d}", "taste": f"bittersweet{number:04d}"}
    card, openid = f"M{number:04d}NEEDLE", f"oNeedle{number:04d}wx"
    made = await customers.create(
        actor,
        CustomerCreate(
            **named,  # type: ignore[arg-type]  # texts
            phone=phone,
            birthday=date(1987, 3, 4),
            gender=Gender.FEMALE,
            address=AddressGiven(**lines),
            attributes=[AttributeGiven(key=key, value=value) for key, value in said.items()],
            identities=[
                IdentityGiven(kind=IdentityKind.MEMBER_NO, value=card),
                IdentityGiven(kind=IdentityKind.WECHAT_OPENID, value=openid, app_id="wx1"),
            ],
        ),
    )
    note, order, witness = f"=cmd(needles {number:04d})", f"ORDER-{number:04d}-X", f"signed in ink {number:04d}"
    await notes.add(actor, NoteAdd(customer_id=made, body=note))
    placed = OrderGiven(
        external_id=order, customer_id=made, total_e4=1_234_500, currency="CNY", status=OrderStatus.PAID, channel=f"booth{number:04d}",
        placed_at=datetime(2026, 1, 2, tzinfo=UTC), items_count=2,
    )  # fmt: skip
    await orders.record_batch(IMPORTER, [placed])
    await events.record(actor, [_event(made, number, phone)])
    await consent.record(actor, made, "marketing", granted=True, channel="shop", evidence={"paper": witness})
    await consent.restrict(actor, made, reason="DISPUTED")
    values = (
        *named.values(),
        *lines.values(),
        *said.values(),
        card,
        openid,
        note,
        order,
        witness,
        f"booth{number:04d}",
        *_done(number)[:2],
    )
    return Person(made, phone, (phone, phone.removeprefix("+86"), *values))


def _done(number: int) -> tuple[str, str, str]:
    """What is in the properties of the event, in the clear and sealed; and its key, of which only a hash is kept."""
    return f"aisle{number:04d}lamp", f"visitor{number:04d}@example.org", f"event-key-{number:04d}"


def _event(customer_id: UUID, number: int, phone: str) -> EventRow:
    clear, sealed, key = _done(number)
    properties = {"shelf": clear, "to": {"phone": phone, "mails": [sealed]}}
    moment = datetime(2026, 1, 3, tzinfo=UTC)
    return EventRow(customer_id=customer_id, name="product_viewed", occurred_at=moment, properties=properties, key=key, channel="kiosk")
