"""How rules become statements, what days are, and who is counted."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from siyu.domain import rules
from siyu.domain.customers.tables import Customer
from siyu.domain.kernel import database, ids
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.dialect import Dialect, Statement
from siyu.domain.rules import (
    Asked,
    Comparison,
    ConsentCondition,
    OrderCondition,
    OrderMetric,
    ProfileCondition,
    ProfileField,
    Rule,
    TagCondition,
    Window,
)
from siyu.domain.rules.calendar import anniversaries, near
from siyu.privacy import consent
from siyu.privacy.actor import Actor, Purpose, Scope
from siyu.privacy.refusal import Forbidden
from tests import actors

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
DIALECTS: tuple[Dialect, ...] = ("sqlite", "postgres")

TAGGED = Rule(tag=TagCondition(any=["VIP", "老客户"]))
SPENT = Rule(order=OrderCondition(metric=OrderMetric.TOTAL, is_=Comparison.GTE, values=[Decimal("512.5")], window=Window(last_days=90)))
QUIET = Rule(order=OrderCondition(metric=OrderMetric.COUNT, is_=Comparison.EQ, values=[Decimal(0)], window=Window(last_days=30)))
CONSENTED = Rule(consent=ConsentCondition(purpose="marketing", granted=True))


def city(*names: str) -> Rule:
    return Rule(profile=ProfileCondition(field=ProfileField.CITY, is_=Comparison.IN, values=list(names)))


def compiled(rule: Rule, spoken: Dialect, people: list[UUID] | None = None) -> tuple[str, list[object]]:
    statement = Statement(spoken)
    at = Asked(datetime(2026, 6, 1, 4, tzinfo=UTC), SHANGHAI)
    return rules.matching(statement, rule, at, people=people), statement.args


@pytest.mark.parametrize("spoken", DIALECTS)
def test_the_narrow_condition_comes_first_and_orders_are_gone_through_once(spoken: Dialect) -> None:
    sql, args = compiled(Rule(all=[SPENT, CONSENTED, QUIET, TAGGED]), spoken)
    passes = {"sqlite": 1, "postgres": 2}  # which decides by how many are left whether it looks at each of them or goes through all
    assert sql.count("orders x") == passes[spoken], "two sums over orders, one pass"
    assert sql.index("tag_assignments") < sql.index("consents") < sql.index("orders x")
    assert "x.customer_id in (select id from found)" in sql, "only of those whom tags and consents leave"
    assert not [value for value in ("VIP", "老客户", "512", "marketing") if value in sql], "values are bound"
    assert len(args) == len(set(map(str, args))), "each of them once"


@pytest.mark.parametrize("spoken", DIALECTS)
def test_without_a_narrow_condition_everybody_is_gone_through(spoken: Dialect) -> None:
    sql, _ = compiled(Rule(any=[SPENT, QUIET, CONSENTED]), spoken)
    assert (sql.count("orders x"), "found" in sql) == (1, False)
    sql, _ = compiled(Rule(not_=Rule(all=[SPENT, TAGGED])), spoken)
    assert (sql.count("orders x"), "found" in sql) == (1, False)


@pytest.mark.parametrize("spoken", DIALECTS)
def test_for_few_people_every_look_is_at_one_customer(spoken: Dialect) -> None:
    sql, _ = compiled(Rule(any=[SPENT, Rule(all=[TAGGED, CONSENTED]), Rule(not_=QUIET)]), spoken, [ids.uuid7()])
    looks = [sql.count(f"{table} x where x.customer_id = t.id") for table in ("orders", "tag_assignments", "consents")]
    assert looks == [1, 1, 1]
    assert "group by" not in sql


def test_days_begin_at_local_midnight_whatever_the_clocks_do() -> None:
    at = Asked(datetime(2026, 3, 8, 12, tzinfo=UTC), NEW_YORK)  # clocks went forward this morning
    assert at.begins(0) == datetime(2026, 3, 8, 5, tzinfo=UTC)
    assert at.begins(1) == datetime(2026, 3, 9, 4, tzinfo=UTC)
    assert at.begins(10**9) > at.begins(1) > at.begins(-(10**9))
    sao_paulo = Asked(datetime(2018, 11, 4, 12, tzinfo=UTC), ZoneInfo("America/Sao_Paulo"))  # there was no midnight
    assert sao_paulo.day_of(sao_paulo.begins(0)) == date(2018, 11, 4)
    assert sao_paulo.day_of(sao_paulo.begins(0) - timedelta(microseconds=1)) == date(2018, 11, 3)


def test_anniversaries_of_a_leap_day_are_kept_a_day_earlier_in_other_years() -> None:
    assert (2027, 2, 29) in near(Asked(datetime(2027, 2, 28, 4, tzinfo=UTC), SHANGHAI), 0)
    assert near(Asked(datetime(2028, 2, 28, 4, tzinfo=UTC), SHANGHAI), 0) == [(2028, 2, 28)]
    turn = anniversaries(Asked(datetime(2027, 12, 31, 4, tzinfo=UTC), SHANGHAI), 1)
    assert turn[0] == (datetime(2026, 12, 30, 16, tzinfo=UTC), datetime(2027, 1, 1, 16, tzinfo=UTC)), "not of this very year's 31st"
    assert turn == sorted(turn, reverse=True)


async def _customers(*cities: str) -> list[UUID]:
    keys = [ids.uuid7() for _ in cities]
    await Customer.bulk_create([Customer(id=key, city=name) for key, name in zip(keys, cities, strict=True)])
    return keys


async def test_many_rules_are_asked_of_some_people_at_once(house: House, admin: Actor) -> None:
    a, b, restricted, merged, other = await _customers("a", "b", "a", "a", "a")
    await Customer.filter(id=merged).update(merged_into_id=b)
    await consent.restrict(admin, restricted, reason="TEST")
    wanted = {ids.uuid7(): rule for rule in (city("a"), city("a", "b"), Rule(not_=city("a")), Rule(all=[QUIET, Rule(not_=TAGGED)]))}
    with database.counting() as count:
        found = await rules.matches(admin, wanted, [a, b, restricted, merged])
    assert len(count) == 1
    assert list(found.values()) == [{a}, {a, b}, {b}, {a, b}], other
    with database.counting() as count:
        assert await rules.matches(admin, wanted, []) == {key: set() for key in wanted}
        assert await rules.matches(admin, {}, [a]) == {}
    assert not count.sent


async def test_counted_are_those_whom_the_purpose_reaches(house: House, admin: Actor) -> None:
    people = await _customers("a", "a", "a", "b", "a")
    for each in (people[0], people[2], people[3]):
        await consent.record(admin, each, "marketing", granted=True, channel="test")
    await consent.restrict(admin, people[2], reason="TEST")
    marketer = actors.holder(Scope.CUSTOMERS_READ, purpose=Purpose.MARKETING)
    await rules.counted(marketer, city("a"), sample=1)  # the purpose is known from now on
    with database.counting() as count:
        told = await rules.counted(marketer, city("a"), sample=5)
    assert len(count) == 1
    assert (told.count, told.everybody, told.ids) == (1, 2, [people[0]])
    told = await rules.counted(admin, city("a", "b"), sample=2)
    assert (told.count, told.everybody, told.ids) == (4, 4, [people[4], people[3]]), "the newest; nobody restricted"
    assert (await rules.counted(admin, city("nowhere"), sample=2)).ids == []
    with pytest.raises(Forbidden):
        await rules.counted(actors.holder(), city("a"), sample=1)
