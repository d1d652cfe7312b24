"""Why somebody is meant, with what is known of them; and which condition has lost people."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from siyu.domain import customers, points, rules, tiers
from siyu.domain.customers import CustomerCreate
from siyu.domain.events.tables import Event
from siyu.domain.kernel import clock, database, ids
from siyu.domain.kernel.boot import House
from siyu.domain.orders.tables import Order, OrderStatus
from siyu.domain.points import Posting
from siyu.domain.rules import (
    AnniversaryCondition,
    AnniversaryOf,
    Comparison,
    ConsentCondition,
    EventCondition,
    IntRange,
    OrderCondition,
    OrderMetric,
    PointsCondition,
    PointsMetric,
    ProfileCondition,
    ProfileField,
    PropertyCondition,
    RfmCondition,
    Rule,
    TagCondition,
    Window,
)
from siyu.domain.tags.tables import Tag, TagAssignment, TagKind, TagSource
from siyu.domain.tiers import TierQualification, TierSave
from siyu.privacy import consent
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import NotFound
from tests import actors


def spent(metric: OrderMetric, least: str) -> Rule:
    return Rule(order=OrderCondition(metric=metric, is_=Comparison.GTE, values=[Decimal(least)]))


CITY = Rule(profile=ProfileCondition(field=ProfileField.CITY, is_=Comparison.EQ, values=["上海"]))
RULE = Rule(
    all=[
        CITY,
        Rule(any=[spent(OrderMetric.TOTAL, "500"), spent(OrderMetric.AVERAGE, "10"), spent(OrderMetric.DAYS_SINCE_LAST, "2")]),
        Rule(not_=Rule(tag=TagCondition(any=["VIP", "b"]))),
        Rule(consent=ConsentCondition(purpose="marketing", granted=True)),
        Rule(rfm=RfmCondition(recency=IntRange(min=3))),
        Rule(anniversary=AnniversaryCondition(of=AnniversaryOf.BIRTHDAY, within_days=0)),
    ]
)


async def somebody(actor: Actor, **columns: object) -> UUID:
    return await customers.create(actor, CustomerCreate(**columns))  # type: ignore[arg-type]  # whatever a profile has


async def ordered(customer_id: UUID, worth_e4: int | None, placed_at: datetime) -> None:
    key = ids.uuid7()
    await Order.create(
        id=key, customer_id=customer_id, external_id=str(key), status=OrderStatus.PAID, total_e4=1, currency="CNY",
        worth_e4=worth_e4, placed_at=placed_at,
    )  # fmt: skip


async def tagged(customer_id: UUID, name: str) -> None:
    tag = await Tag.create(name=name, kind=TagKind.MANUAL)
    await TagAssignment.create(customer_id=customer_id, tag_id=tag.id, source=TagSource.MANUAL)


async def test_each_node_tells_its_verdict_and_the_value_that_decided_it(house: House, admin: Actor) -> None:
    ada = await somebody(admin, city="上海", birthday=date(2000, 2, 29))
    yesterday = clock.now() - timedelta(days=1)
    for worth in (100_000, 233_333, None):
        await ordered(ada, worth, yesterday)
    await tagged(ada, "VIP")
    await consent.record(admin, ada, "marketing", granted=True, channel="test")
    with database.counting() as count:
        told = await rules.explained(admin, RULE, ada)
    assert len(count) == 1
    assert [(".".join(each.path), each.matched, each.actual) for each in told][:-1] == [
        ("", False, None),
        ("all.0", True, "上海"),
        ("all.1", True, None),
        ("all.1.any.0", False, "33.3333"),
        ("all.1.any.1", True, "16.67"),
        ("all.1.any.2", False, 1),
        ("all.2", False, None),
        ("all.2.not", True, ["VIP"]),
        ("all.3", True, "GRANTED"),
        ("all.4", False, None),
    ]
    assert told[-1].actual == "02-29"
    assert told[1].condition == 'profile.city = "上海"'
    with pytest.raises(NotFound):
        await rules.explained(admin, RULE, ids.uuid7())


async def test_points_and_tiers_are_told(house: House, admin: Actor) -> None:
    ada, eve = await somebody(admin), await somebody(admin)
    gold = TierSave(code="gold", name="Gold", rank=1, threshold=40, qualification=TierQualification.BALANCE)
    await tiers.save(admin, gold)
    soon = clock.now() + timedelta(days=1)
    await points.credit(admin, [Posting(customer_id=ada, points=40, source="test", key="test:told", expires_at=soon)])
    await tiers.settle(actors.worker(Scope.JOBS_RUN), [ada])

    def has(metric: PointsMetric, value: object, window: Window | None = None) -> Rule:
        return Rule(points=PointsCondition(metric=metric, is_=Comparison.GTE, values=[value], window=window))

    month = Window(last_days=30)
    rule = Rule(
        all=[
            has(PointsMetric.BALANCE, 50),
            has(PointsMetric.LIFETIME, 40, month),
            has(PointsMetric.EXPIRING, 40, month),
            has(PointsMetric.TIER, "gold"),
        ]
    )
    for who, expected in ((ada, [(False, 40), (True, 40), (True, 40), (True, "gold")]), (eve, [(False, 0)] * 3 + [(False, None)])):
        assert [(each.matched, each.actual) for each in (await rules.explained(admin, rule, who))[1:]] == expected


async def test_a_property_among_values_of_several_types_is_compared_with_its_own(house: House, admin: Actor) -> None:
    ada = await somebody(admin)
    await Event.create(customer_id=ada, name="n", occurred_at=clock.now(), key=b"k", content=b"c", properties={"p": 5, "q": "5"})

    def one(key: str, is_: Comparison, *values: object) -> Rule:
        where = [PropertyCondition(key=key, is_=is_, values=list(values))]
        return Rule(event=EventCondition(name="n", where=where, count=IntRange(min=1)))

    asked = [
        one("p", Comparison.NOT_IN, "x", True, 4), one("q", Comparison.NOT_IN, 5, "x"), one("p", Comparison.IN, "x", 5.0),
        one("p", Comparison.NOT_IN, "5"), one("p", Comparison.NOT_IN, "x", 5), one("q", Comparison.IN, 5, True),
        one("r", Comparison.NOT_IN, 5, "x"), one("r", Comparison.NEQ, 5),
    ]  # fmt: skip
    told = await rules.explained(admin, Rule(all=asked), ada)
    assert [each.matched for each in told[1:]] == [True, True, True, False, False, False, False, False]


async def test_values_are_told_to_those_who_may_see_them(house: House, admin: Actor) -> None:
    ada = await somebody(admin, city="上海")
    await ordered(ada, 5_000_000, clock.now())
    rule = Rule(all=[CITY, spent(OrderMetric.TOTAL, "500")])
    told = await rules.explained(actors.holder(Scope.ORDERS_READ), rule, ada)
    assert [(each.matched, each.actual) for each in told] == [(True, None), (True, None), (True, "500.00")]
    assert told[1].scopes == {Scope.CUSTOMER_LOCATION_READ}


async def test_what_lost_people_is_counted_for_each_condition(house: House, admin: Actor) -> None:
    ada, eve, bob = [await somebody(admin, city=name) for name in ("上海", "北京", "上海")]
    await ordered(ada, 5_000_000, clock.now())
    await tagged(bob, "VIP")
    rule = Rule(all=[CITY, spent(OrderMetric.TOTAL, "500"), Rule(not_=Rule(tag=TagCondition(any=["VIP"])))])
    with database.counting() as count:
        found = await rules.lost(admin, rule, [ada, eve, bob])
    assert len(count) == 1
    assert found == {
        ("all", "0"): ('profile.city = "上海"', 1),
        ("all", "1"): ("orders.total >= 500", 2),
        ("all", "2", "not"): ('not tag any ("VIP")', 1),
    }
    assert [count for _, count in (await rules.lost(admin, rule, [])).values()] == [0, 0, 0]
