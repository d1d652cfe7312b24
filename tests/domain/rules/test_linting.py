"""What is odd about rules that can be used; and that nothing is called odd that is not."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siyu.domain import attributes, events
from siyu.domain.attributes import AttributeType
from siyu.domain.rules import Named, Rule
from siyu.domain.rules.atoms import formula
from siyu.domain.rules.building import built, segment_names
from siyu.domain.rules.linting import possible, warnings
from siyu.domain.rules.register import Register
from siyu.domain.rules.text import parsed
from siyu.domain.scoring.rules import DEFAULT
from siyu.domain.tiers import Rung, TierQualification
from tests.domain.rules.population import TIERS

ZONE = ZoneInfo("Asia/Shanghai")
LOYAL = UUID("01890000-0000-7000-8000-000000000001")
GONE = "This tag is archived: nobody is given it any more."
REGISTER = Register(
    attributes={
        "size": attributes.Described(AttributeType.NUMBER, None, False),
        "vip": attributes.Described(AttributeType.BOOLEAN, None, False),
        "since": attributes.Described(AttributeType.DATE, None, False),
        "tea": attributes.Described(AttributeType.CHOICE, ("green", "black"), False),
        "tastes": attributes.Described(AttributeType.MULTI_CHOICE, ("tea", "coffee"), False),
    },
    events={"buy": events.Described({"price": frozenset({"number"}), "day": frozenset({"date"})}, frozenset(), False)},
    tags={name: Named(LOYAL, name, GONE if name == "gone" else None) for name in ("a", "b", "c", "gone")},
    segments={str(LOYAL): Named(LOYAL, "loyal")},
    purposes=frozenset({"marketing"}),
    tiers=tuple(Rung(LOYAL, code, code, rank, 1, TierQualification.BALANCE, None, 0) for rank, code in enumerate(TIERS)),
    model=replace(DEFAULT, groups=(*DEFAULT.groups, replace(DEFAULT.groups[0], name="Champions again"))),
)


def read(text: str) -> Rule:
    syntax = parsed(text)
    return built(syntax, dict.fromkeys(segment_names(syntax), LOYAL), ZONE)[0]


def odd(text: str) -> dict[str, str]:
    """Warnings by their paths."""
    return {".".join(each.path): each.message for each in warnings(read(text), REGISTER, ZONE)}


NOBODY, EVERYBODY = "holds for nobody", "holds for everybody"
BOTH = "contradict each other"


@pytest.mark.parametrize(
    ("text", "path", "message"),
    [
        ('profile.city = "x" and profile.city = "y"', "",
         '“profile.city = "x"” and “profile.city = "y"” contradict each other: nobody is both.'),
        ('profile.city in ("x", "y") and orders.count > 0 and profile.city not in ("y", "x")', "", BOTH),
        ('profile.city is set and profile.city is not set', "", BOTH),
        ("profile.birth_month > 12 or orders.count > 1", "any.0", NOBODY),
        ("profile.birth_month > 5 and profile.birth_month < 6", "", BOTH),
        ("profile.created_at is not set", "", NOBODY),
        ("profile.created_at >= 2026-02-01 and profile.created_at < 2026-01-31T23:59:59.999999+08:00", "", BOTH),
        ("profile.created_at = 2026-02-01 and profile.created_at > 2026-02-01", "", BOTH),
        ('attribute("size") > 40 and attribute("size") < 40', "", BOTH),
        ('attribute("vip") = true and attribute("vip") != true and tag any ("a")', "", BOTH),
        ('attribute("since") < 2026-01-01 and attribute("since") > 2025-12-31', "", BOTH),
        ('attribute("tea") not in ("green", "black")', "", NOBODY),
        ('attribute("tastes") = "tea" and not attribute("tastes") = "tea"', "", BOTH),
        ('tag any ("a", "b") and tag none ("b", "a")', "", BOTH),
        ('tag all ("a", "b") none ("b")', "", NOBODY),
        ('tag any ("a") or not tag any ("a")', "", EVERYBODY),
        ('segment in ("loyal") not in ("loyal")', "", NOBODY),
        ('(tag any ("a") or tag any ("b")) and tag none ("a") and (tag none ("b") or tag none ("b", "c"))', "", NOBODY),
        ('(consent("marketing") or orders.count > 3) and no consent("marketing") and orders.count < 2', "", NOBODY),
        ("lifecycle stage (prospect, new, returning, loyal)", "", EVERYBODY),
        ("lifecycle activity (silent) and lifecycle activity (active)", "", BOTH),
        ("orders.count >= 0", "", EVERYBODY),
        ("not orders.count(last 3 days) < 0", "not", NOBODY),
        ("orders.count is set", "", EVERYBODY),
        ("orders.total > 5 and orders.total between 3 and 5", "", BOTH),
        ("orders.average(sku in ('x', 'y')) is not set and orders.average(sku in ('y', 'x')) > 0", "", BOTH),
        ('events("buy") = 0 and events("buy") >= 1', "", BOTH),
        ('events("buy") >= 0', "", EVERYBODY),
        ('rfm recency 6..', "", "No cell of the model of scores is reached by this."),
        ('rfm group ("Champions") frequency ..3', "", "No cell of the model of scores is reached by this."),
        ('rfm group ("Champions") and rfm recency ..4', "", BOTH),
        ('rfm group ("Champions", "Champions again")', "rfm.groups.1", 'No cell reaches the group "Champions again".'),
        ("points.balance > 5 and points.balance < 6", "", BOTH),
        ("points.expiring(within 3 days) >= 0", "", EVERYBODY),
        ('points.tier > "gold" and points.tier = "silver"', "", BOTH),
        ('points.tier > "black"', "", NOBODY),
        ('points.tier >= "silver" or points.tier is not set', "", EVERYBODY),
        ("anniversary(joined) within 3 days and not anniversary(joined) within 5 days", "", BOTH),
        ('tag any ("a", "gone") and orders.count > 1', "all.0.tag.any.1", GONE),
        ('tag any ("a", "b", "a") and orders.count > 1', "all.0.tag.any.2", "This is named twice."),
        ("orders.count in (1, 2, 1)", "order.values.2", "This is named twice."),
        ('tag any ("a") and orders.count > 1 and tag any ("a")', "all.2", "This condition is said twice."),
        ('events("buy", where price > 5 and price <= 5) > 1', "event.where", "No event has all these properties at once."),
        ('events("buy", where prcie > 5) > 1', "event.where.0", 'No event "buy" has had a property "prcie" yet.'),
        ('events("buy", where price = "5") > 1', "event.where.0", 'The property "price" has had no such values yet: number only.'),
    ],
)  # fmt: skip
def test_what_is_odd_is_said_at_the_smallest_part(text: str, path: str, message: str) -> None:
    found = odd(text)
    assert found.keys() == {path}
    assert message in found[path]


@pytest.mark.parametrize(
    "text",
    [
        'profile.city = "x" or profile.city != "x"',  # an unknown city is neither
        'not profile.city = "x" and profile.city != "y"',
        'attribute("tastes") = "tea" and attribute("tastes") = "coffee"',
        'attribute("size") > 39.5 and attribute("size") < 39.6',
        'tag any ("a", "b") and tag none ("b")',
        "orders.average > 3 or orders.average <= 3",
        "orders.total < 0",  # nobody says that refunds are never more
        "orders.count(last 3 days) = 0 and orders.count > 0",
        'orders.count(sku in ("x")) = 0 and orders.count(sku in ("y")) > 0',
        'events("buy", where price > 5) = 0 and events("buy") > 0',
        'events("buy", where day = "x" and price between 1 and 1) > 1',
        "anniversary(joined) within 365 days",
        "points.balance < 0",
        "points.lifetime(last 3 days) > 5 and points.lifetime < 5",
        'points.tier >= "silver"',
        "orders.total between 3 and 3",
        "orders.total > 9999999999999.0001 and orders.total <= 9999999999999.0002",
        'rfm group ("Champions", "Loyal customers") recency 5..5',
        "profile.created_at = 2026-02-01 and profile.created_at >= 2026-02-01T23:59:59.999999+08:00",
    ],
)
def test_what_somebody_meets_and_somebody_does_not_is_not_odd(text: str) -> None:
    assert odd(text) == {}


@dataclass(frozen=True)
class Person:
    """What the rules below speak of."""

    tags: frozenset[str]
    consenting: bool
    city: str | None
    month: int | None
    stage: str
    count: int


_PEOPLE = st.builds(
    Person,
    st.frozensets(st.sampled_from("abc")),
    st.booleans(),
    st.none() | st.sampled_from("xy"),
    st.none() | st.integers(1, 12),
    st.sampled_from(["prospect", "new", "returning", "loyal"]),
    st.integers(0, 4),
)
_LEAVES = st.one_of(
    st.builds('tag {} ("{}", "{}")'.format, st.sampled_from(["any", "all", "none"]), st.sampled_from("abc"), st.sampled_from("abc")),
    st.sampled_from(['consent("marketing")', 'no consent("marketing")', "profile.city is set", "profile.city is not set"]),
    st.builds('profile.city {} "{}"'.format, st.sampled_from(["=", "!="]), st.sampled_from("xy")),
    st.builds("profile.birth_month {} {}".format, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), st.integers(1, 12)),
    st.builds("lifecycle stage ({}, {})".format, *[st.sampled_from(["prospect", "new", "returning", "loyal"])] * 2),
    st.builds("orders.count {} {}".format, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), st.integers(0, 3)),
)
_TEXTS = st.recursive(
    _LEAVES,
    lambda below: (
        st.builds("not ({})".format, below)
        | st.builds("({}) and ({}) and ({})".format, below, below, below)
        | st.builds("({}) or ({})".format, below, below)
    ),
    max_leaves=8,
)
_SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "EQ": operator.eq,
    "NEQ": operator.ne,
    "LT": operator.lt,
    "LTE": operator.le,
    "GT": operator.gt,
    "GTE": operator.ge,
}


def meets(person: Person, rule: Rule) -> bool:
    """Whether a rule holds for a person, by its plain words."""
    if rule.all or rule.any or rule.not_:
        if rule.not_:
            return not meets(person, rule.not_)
        return all(meets(person, each) for each in rule.all) if rule.all else any(meets(person, each) for each in rule.any or ())
    if rule.tag:
        some, every, none = ({*(names or ())} for names in (rule.tag.any, rule.tag.all, rule.tag.none))
        return (not some or bool(some & person.tags)) and every <= person.tags and not none & person.tags
    if rule.consent:
        return person.consenting is rule.consent.granted
    if rule.lifecycle:
        return person.stage.upper() in (rule.lifecycle.stages or ())
    said = rule.order or rule.profile
    assert said is not None
    value = person.count if rule.order else person.city if rule.profile and rule.profile.field == "CITY" else person.month
    if said.is_.endswith("SET"):
        return (value is None) is (said.is_ == "IS_NOT_SET")
    return value is not None and _SIGNS[said.is_](value, (said.values or [])[0])


@settings(max_examples=60, deadline=None)
@given(_TEXTS, st.lists(_PEOPLE, min_size=1, max_size=20))
def test_nothing_is_called_impossible_that_somebody_is(text: str, people: list[Person]) -> None:
    rule = read(text)
    met = {meets(person, rule) for person in people}
    said = formula(rule, REGISTER, ZONE)
    assert possible(said, {}) or True not in met
    assert possible(said.negated(), {}) or False not in met
    warnings(rule, REGISTER, ZONE)
