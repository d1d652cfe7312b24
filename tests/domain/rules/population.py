"""Small populations, full of nulls and of moments around midnight, and rules that are about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from siyu.domain.attributes.tables import AttributeValue
from siyu.domain.customers import ActivityState, LifecycleStage
from siyu.domain.customers.tables import Customer, Gender
from siyu.domain.events.tables import Event
from siyu.domain.kernel import database, ids
from siyu.domain.orders.tables import Order, OrderLine, OrderStatus
from siyu.domain.points.tables import PointsAccount, PointsEntry, PointsEntryKind, PointsLot
from siyu.domain.rules import Asked
from siyu.domain.scoring.tables import RfmScore
from siyu.domain.segments.tables import SegmentMember
from siyu.domain.tags.tables import Tag, TagAssignment, TagKind, TagSource
from siyu.domain.tiers.tables import Tier, TierQualification
from siyu.privacy.tables import Consent, Purpose, Restriction

ZONES: Final = ("Asia/Shanghai", "America/New_York", "Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kathmandu")
#: Around changes of the clocks, a leap day and the turn of a year.
DAYS: Final = (
    date(2026, 3, 8),
    date(2026, 3, 29),
    date(2026, 10, 25),
    date(2024, 2, 29),
    date(2025, 2, 28),
    date(2026, 1, 1),
    date(2027, 6, 15),
)
CITIES: Final = ("上海", "北京", "x")
TAGS: Final = ("VIP", "老客户", "a", "b")
SEGMENTS: Final = tuple(UUID(int=number + 1) for number in range(3))
STAFF: Final = tuple(UUID(int=number + 100) for number in range(2))
GROUPS: Final = ("Champions", "Lost")
PURPOSES: Final = ("marketing", "archived", "news")
CHANNELS: Final = ("shop", "app")
#: The lowest first.
TIERS: Final = ("silver", "gold", "black")
EVENTS: Final = ("viewed", "searched")
#: By attribute, which values it may have.
ATTRIBUTES: Final[dict[str, tuple[Any, ...]]] = {
    "note": ("tea", "Tea", ""),
    "size": (1, 2.5, 40, -3),
    "member": (True, False),
    "since": ("2026-01-31", "2025-12-31"),
    "likes": (["golf"], ["golf", "tea"], []),
}
PROPERTIES: Final = (None, "red", "5", 5, 2.5, True, False, ["red"], {"red": 1})
_AMOUNTS: Final = (0, 1, 99_999, 10_000, 5_000_000, 3_333_333)

_external = count()

Row = dict[str, Any]


@dataclass
class Drawn:
    """Somebody, before they are stored."""

    row: Row
    orders: list[Row]
    events: list[Row]
    attributes: dict[str, object]
    tags: set[str]
    segments: set[UUID]
    scores: Row | None
    consents: dict[str, Row]
    restricted: bool
    account: Row | None
    lots: list[Row]
    earned: list[Row]


@st.composite
def asked(draw: st.DrawFn) -> Asked:
    """A moment of a day that matters somewhere, and a time zone."""
    day, zone = draw(st.sampled_from(DAYS)), ZoneInfo(draw(st.sampled_from(ZONES)))
    hour = draw(st.sampled_from([0, 1, 2, 3, 12, 23]))
    now = datetime.combine(day, time(hour, draw(st.sampled_from([0, 30]))), zone).astimezone(UTC)
    return Asked(now + draw(st.sampled_from([timedelta(0), -timedelta(microseconds=1)])), zone)


@st.composite
def moments(draw: st.DrawFn, at: Asked) -> datetime:
    """At midnights that rules ask about, a moment before, noon, and now."""
    if draw(st.integers(0, 9)) == 0:
        return at.now + draw(st.sampled_from([timedelta(0), timedelta(microseconds=1), -timedelta(microseconds=1)]))
    days = draw(st.sampled_from([-365, -91, -90, -31, -30, -29, -7, -1, 0, 1]))
    midnight = datetime.combine(at.now.astimezone(at.zone).date() + timedelta(days=days), time(), at.zone).astimezone(UTC)
    return midnight + draw(st.sampled_from([timedelta(0), -timedelta(microseconds=1), timedelta(hours=12)]))


def _maybe(values: Sequence[Any]) -> SearchStrategy[Any]:
    return st.none() | st.sampled_from(values)


def _years_before(moment: datetime, years: int) -> datetime:
    try:
        return moment.replace(year=moment.year - years)
    except ValueError:
        return moment.replace(year=moment.year - years, day=28)


def persons(at: Asked) -> SearchStrategy[Drawn]:
    """Anybody, seen from this moment."""
    when, sometime = moments(at), st.builds(_years_before, moments(at), st.integers(0, 3))
    profile = st.fixed_dictionaries(
        {
            "city": _maybe(CITIES),
            "gender": _maybe([*Gender]),
            "birthday": st.none() | sometime.map(lambda moment: moment.date() - timedelta(days=9_000)) | st.just(date(2000, 2, 29)),
            "owner_id": _maybe(STAFF),
            "created_at": sometime,
            "first_ordered_at": st.none() | sometime,
            "lifecycle_stage": st.sampled_from([*LifecycleStage]),
            "activity": st.sampled_from([*ActivityState]),
            "merged_into_id": st.sampled_from([None] * 6 + [UUID(int=7)]),
        }
    )
    line = st.fixed_dictionaries({"category": _maybe(["shoes", "tea"]), "brand": _maybe(["A", "B"]), "sku": _maybe(["1", "2"])})
    order = st.fixed_dictionaries(
        {
            "status": st.sampled_from([*OrderStatus]) | st.just(OrderStatus.PAID),
            "placed_at": when,
            "worth_e4": _maybe(_AMOUNTS) | st.sampled_from(_AMOUNTS),
            "channel": _maybe(CHANNELS),
            "lines": st.lists(line, max_size=2),
        }
    )
    properties = st.none() | st.dictionaries(st.sampled_from(["colour", 'q"$.']), st.sampled_from(PROPERTIES), max_size=2)
    event = st.fixed_dictionaries({"name": st.sampled_from(EVENTS), "occurred_at": when, "properties": properties})
    consent = st.fixed_dictionaries(
        {
            "state": st.sampled_from(["GRANTED", "GRANTED", "WITHDRAWN"]),
            "purpose_version": st.sampled_from([1, 2]),
            "expires_at": st.none() | when,
        }
    )
    score = st.integers(1, 3)
    return st.builds(
        Drawn,
        row=profile,
        orders=st.lists(order, max_size=4),
        events=st.lists(event, max_size=3),
        attributes=st.fixed_dictionaries({}, optional={key: st.sampled_from(values) for key, values in ATTRIBUTES.items()}),
        tags=st.sets(st.sampled_from(TAGS)),
        segments=st.sets(st.sampled_from(SEGMENTS)),
        scores=st.none()
        | st.fixed_dictionaries({"recency": score, "frequency": score, "monetary": score, "group_name": st.sampled_from(GROUPS)}),
        consents=st.dictionaries(st.sampled_from(PURPOSES), consent, max_size=2),
        restricted=st.sampled_from([False] * 7 + [True]),
        **_points_of(at),
    )


def _points_of(at: Asked) -> dict[str, SearchStrategy[Any]]:
    """An account, lots and what was earned, which need not agree."""
    account = {"balance": st.sampled_from([-5, 0, 10, 100]), "lifetime_earned": st.sampled_from([0, 60]), "tier": _maybe(TIERS)}
    lot = {
        "remaining": st.sampled_from([1, 10]),
        "expires_at": st.none() | moments(at),
        "activated": st.booleans(),
        "open": st.booleans(),
    }
    earned = {"points": st.sampled_from([10, 60]), "reversed": st.sampled_from([0, 10]), "created_at": moments(at)}
    return {
        "account": st.none() | st.fixed_dictionaries(account),
        "lots": st.lists(st.fixed_dictionaries(lot), max_size=3),
        "earned": st.lists(st.fixed_dictionaries(earned), max_size=2),
    }


async def prepare(at: datetime) -> None:
    """What all populations share: tags, and purposes of which one is archived; notices are in their second version.

    And a hundred customers whom no rule is about, so that the database takes a handful for few.
    """
    await Customer.bulk_create([Customer(merged_into_id=UUID(int=7)) for _ in range(100)])
    await database.run("analyze customers")
    await Tag.bulk_create([Tag(name=name, kind=TagKind.MANUAL) for name in TAGS])
    await Tier.bulk_create(
        [
            Tier(code=code, name=code, rank=n, threshold=n, qualification=TierQualification.BALANCE, benefits=[])
            for n, code in enumerate(TIERS)
        ]
    )
    shared: Row = {"title": "t", "description": "d", "notice_hash": "h", "categories": [], "recipients": [], "legal_basis": "CONSENT"}
    await Purpose.bulk_create(
        [
            Purpose(code=code, version=2, archived_at=at if code == "archived" else None, **shared)
            for code in PURPOSES
            if code != "marketing"
        ]
    )
    await Purpose.filter(code="marketing").update(version=2)


async def store(drawn: Sequence[Drawn]) -> dict[UUID, date | None]:
    """Write them as they are, past all operations; their birthdays, which are sealed, by their ids."""
    tags = dict(await Tag.all().values_list("name", "id"))
    keys = [ids.uuid7() for _ in drawn]
    people = list(zip(keys, drawn, strict=True))
    await Customer.bulk_create([Customer(id=key, **each.row) for key, each in people])
    orders = [(key, ids.uuid7(), order) for key, each in people for order in each.orders]
    await Order.bulk_create([_order(key, order_id, order) for key, order_id, order in orders])
    await OrderLine.bulk_create([_line(key, order_id, n, line) for key, order_id, order in orders for n, line in enumerate(order["lines"])])
    await Event.bulk_create([_event(key, event) for key, each in people for event in each.events])
    await AttributeValue.bulk_create([_value(key, name, value) for key, each in people for name, value in each.attributes.items()])
    await TagAssignment.bulk_create(
        [TagAssignment(customer_id=key, tag_id=tags[tag], source=TagSource.MANUAL) for key, each in people for tag in each.tags]
    )
    entered = datetime(2026, 1, 1, tzinfo=UTC)
    await SegmentMember.bulk_create(
        [SegmentMember(customer_id=key, segment_id=segment, entered_at=entered) for key, each in people for segment in each.segments]
    )
    await RfmScore.bulk_create(
        [
            RfmScore(customer_id=key, **each.scores, last_ordered_at=entered, orders_count=1, spent_e4=1)
            for key, each in people
            if each.scores
        ]
    )
    await Consent.bulk_create(
        [Consent(customer_id=key, purpose=code, since=entered, **said) for key, each in people for code, said in each.consents.items()]
    )
    await _points(people)
    await Restriction.bulk_create([Restriction(customer_id=key, reason="TEST") for key, each in people if each.restricted])
    return {key: each.row["birthday"] for key, each in people}


async def _points(people: Sequence[tuple[UUID, Drawn]]) -> None:
    tiers = dict(await Tier.all().values_list("code", "id"))
    accounts = [(key, each.account) for key, each in people if each.account]
    await PointsAccount.bulk_create(
        [
            PointsAccount(customer_id=key, tier_id=tiers.get(row["tier"]), **{name: row[name] for name in ("balance", "lifetime_earned")})
            for key, row in accounts
        ]
    )
    some = datetime(2026, 1, 1, tzinfo=UTC)
    lots = [(key, lot) for key, each in people for lot in each.lots]
    await PointsLot.bulk_create([PointsLot(customer_id=key, points=10, available_at=some, **lot) for key, lot in lots])
    entries: list[PointsEntry] = []
    for key, each in people:
        for earned in each.earned:
            entry = _entry(key, PointsEntryKind.EARN, earned["points"], earned["created_at"], len(entries))
            entries.append(entry)
            if earned["reversed"]:
                taken = _entry(key, PointsEntryKind.REVERSE, -earned["reversed"], some, len(entries))
                taken.reverses_id = entry.id
                entries.append(taken)
    await PointsEntry.bulk_create(entries)


def _entry(key: UUID, kind: PointsEntryKind, points: int, at: datetime, sequence: int) -> PointsEntry:
    said = {"points": points, "change": points, "balance_after": 0, "source": "test", "available_at": at, "created_at": at}
    return PointsEntry(id=ids.uuid7(), customer_id=key, account_id=key, sequence=sequence, kind=kind, **said)


def _order(key: UUID, order_id: UUID, order: Row) -> Order:
    given = {name: value for name, value in order.items() if name != "lines"}
    return Order(id=order_id, customer_id=key, external_id=f"O{next(_external)}", total_e4=1, currency="CNY", **given)


def _line(key: UUID, order_id: UUID, position: int, line: Row) -> OrderLine:
    return OrderLine(customer_id=key, order_id=order_id, position=position, title="t", quantity=1, unit_price_e4=1, currency="CNY", **line)


def _value(key: UUID, name: str, value: object) -> AttributeValue:
    row = AttributeValue(customer_id=key, key=name)
    row.clear = orjson.dumps(value).decode()  # as JSON text, since the ORM takes a plain text for just that
    return row


def _event(key: UUID, event: Row) -> Event:
    unique = next(_external).to_bytes(32, "big")
    return Event(customer_id=key, key=unique, content=unique, **event)


def amounts() -> SearchStrategy[Decimal]:
    """Amounts that sums reach exactly, and others."""
    return st.sampled_from([Decimal(each) / 10_000 for each in (*_AMOUNTS, 6_666_666, 20_000)])
