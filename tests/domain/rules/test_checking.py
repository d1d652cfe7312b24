"""Checking rules: what makes no sense, what there isn't, what the caller may not read; and what is known of a rule that is right."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from siyu.domain import attributes, events, rules, segments, tags, tiers
from siyu.domain.attributes import AttributeDefine, AttributeType
from siyu.domain.events import EventDefine, EventPropertyGiven
from siyu.domain.kernel import database, ids
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.inputs import IntRange
from siyu.domain.kernel.operation import operation
from siyu.domain.kernel.touching import Change
from siyu.domain.rules import (
    AnniversaryCondition,
    AnniversaryOf,
    AttributeCondition,
    Checked,
    Comparison,
    ConsentCondition,
    EventCondition,
    HolderKind,
    OrderCondition,
    OrderMetric,
    PointsCondition,
    PointsMetric,
    ProfileCondition,
    ProfileField,
    PropertyCondition,
    RfmCondition,
    Rule,
    SegmentCondition,
    TagCondition,
    Window,
    conditions,
)
from siyu.domain.rules.shape import faults, too_large
from siyu.domain.segments import SegmentCreate
from siyu.domain.tags import TagCreate
from siyu.domain.tiers import TierQualification, TierSave
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, Forbidden, Refusal
from tests import actors

NEVER = UUID("01890000-0000-7000-8000-00000000dead")
CITY = ProfileField.CITY


def profile(field: ProfileField, is_: Comparison, *values: object) -> Rule:
    return Rule(profile=ProfileCondition(field=field, is_=is_, values=list(values)))


def tag(*names: str) -> Rule:
    return Rule(tag=TagCondition(any=list(names)))


def orders(
    is_: Comparison, *values: str, metric: OrderMetric = OrderMetric.TOTAL, window: Window | None = None, **lists: list[str]
) -> Rule:
    made = [Decimal(value) for value in values]
    return Rule(order=OrderCondition(metric=metric, is_=is_, values=made, window=window, **lists))


def done(
    least: int | None = 1, most: int | None = None, name: str = "viewed", window: Window | None = None, *where: PropertyCondition
) -> Rule:
    return Rule(event=EventCondition(name=name, count=IntRange(min=least, max=most), window=window, where=list(where)))


def has(metric: str, is_: Comparison, *values: object, window: Window | None = None) -> Rule:
    return Rule(points=PointsCondition(metric=PointsMetric(metric), is_=is_, values=list(values), window=window))


def deep(levels: int) -> Rule:
    rule = tag("x")
    for _ in range(levels - 1):
        rule = Rule(not_=rule)
    return rule


EQ, IN, GTE, BETWEEN = Comparison.EQ, Comparison.IN, Comparison.GTE, Comparison.BETWEEN
_NOW = datetime(2026, 1, 31, tzinfo=UTC)
_BAD: list[tuple[Rule, dict[str, Code]]] = [
    (Rule(), {"": Code.BLANK}),
    (Rule(tag=TagCondition(any=["x"]), consent=ConsentCondition(purpose="x", granted=True)), {"": Code.INVALID}),
    (Rule(all=[]), {"all": Code.BLANK}),
    (Rule(all=[tag("x"), Rule(not_=Rule(any=[]))]), {"all.1.not.any": Code.BLANK}),
    (Rule(tag=TagCondition()), {"tag": Code.BLANK}),
    (Rule(tag=TagCondition(any=[], none=["a", " "])), {"tag.any": Code.BLANK, "tag.none.1": Code.BLANK}),
    (tag(*(f"t{number}" for number in range(201))), {"tag.any": Code.LIMIT_EXCEEDED}),
    (Rule(segment=SegmentCondition(in_=[])), {"segment.in": Code.BLANK}),
    (profile(CITY, GTE, "x"), {"profile.is": Code.INVALID}),
    (profile(CITY, EQ), {"profile.values": Code.BLANK}),
    (profile(CITY, EQ, "a", "b"), {"profile.values": Code.INVALID}),
    (profile(CITY, IN, "a", 1, " ", ["a"], None), {f"profile.values.{number}": Code.INVALID for number in (1, 2, 3, 4)}),
    (profile(CITY, EQ, "call 13800001111"), {"profile.values.0": Code.INVALID}),
    (profile(CITY, IN, "a\0", "\ud800", "x" * 501),
     {"profile.values.0": Code.INVALID, "profile.values.1": Code.INVALID, "profile.values.2": Code.TOO_LONG}),
    (profile(CITY, Comparison.IS_SET, "a"), {"profile.values": Code.INVALID}),
    (profile(ProfileField.GENDER, EQ, "female"), {"profile.values.0": Code.INVALID}),
    (profile(ProfileField.BIRTH_MONTH, IN, 0, 12, 13, True, 10**400),
     {f"profile.values.{number}": Code.INVALID for number in (0, 2, 3, 4)}),
    (profile(ProfileField.BIRTH_MONTH, BETWEEN, 3), {"profile.values": Code.INVALID}),
    (profile(ProfileField.BIRTH_MONTH, BETWEEN, 5, 3), {"profile.values": Code.INVALID}),
    (profile(ProfileField.CREATED_AT, IN, "2026-01-31", "2026-01-31T09:30:00+08:00",
             "2026-02-30", "31.1.2026", "2026-01-31T09:30:00", "0001-01-01"),
     {f"profile.values.{number}": Code.INVALID for number in (2, 3, 4, 5)}),
    (profile(ProfileField.CREATED_AT, BETWEEN, "2026-02-01", "2026-01-31T09:30:00Z"), {"profile.values": Code.INVALID}),
    (orders(GTE), {"order.values": Code.BLANK}),
    (orders(IN, "1.23456", "1e14", "1.50"), {"order.values.0": Code.INVALID, "order.values.1": Code.INVALID}),
    (orders(EQ, "1.5", metric=OrderMetric.COUNT), {"order.values.0": Code.INVALID}),
    (orders(BETWEEN, "5", "3"), {"order.values": Code.INVALID}),
    (orders(GTE, "1", categories=[], brands=[""]), {"order.categories": Code.BLANK, "order.brands.0": Code.BLANK}),
    (orders(GTE, "1", window=Window(last_days=3, before=_NOW)), {"order.window": Code.INVALID}),
    (orders(GTE, "1", window=Window(last_days=-1)), {"order.window.lastDays": Code.INVALID}),
    (done(1, None, "x", Window(from_=_NOW, before=_NOW)), {"event.window": Code.INVALID}),
    (done(1, None, "x", Window(from_=_NOW.replace(year=1))), {"event.window.from": Code.INVALID}),
    (done(None), {"event.count": Code.BLANK}),
    (done(3, 2), {"event.count": Code.INVALID}),
    (done(-1, 10**9), {"event.count.min": Code.INVALID, "event.count.max": Code.INVALID}),
    (done(1, None, "x", None, PropertyCondition(key="a", is_=EQ, values=[{}]), PropertyCondition(key="b", is_=IN, values=["a", 1]),
          PropertyCondition(key="c", is_=GTE, values=["a"]), PropertyCondition(key=" ", is_=GTE, values=[3])),
     {"event.where.0.values": Code.INVALID, "event.where.1.values": Code.INVALID,
      "event.where.2.is": Code.INVALID, "event.where.3.key": Code.BLANK}),
    (Rule(rfm=RfmCondition(recency=IntRange(), monetary=IntRange(min=0))), {"rfm.recency": Code.BLANK, "rfm.monetary.min": Code.INVALID}),
    (has("BALANCE", EQ), {"points.values": Code.BLANK}),
    (has("LIFETIME", IN, 3, 2.5, "3", True), {f"points.values.{number}": Code.INVALID for number in (1, 2, 3)}),
    (has("BALANCE", BETWEEN, 1, 2, window=Window(last_days=3)), {"points.window": Code.INVALID}),
    (has("EXPIRING", GTE, 1, window=Window(last_days=-3)), {"points.window.lastDays": Code.INVALID}),
    (has("TIER", BETWEEN, "a", "b"), {"points.is": Code.INVALID}),
    (has("TIER", IN, "a", 3, " "), {"points.values.1": Code.INVALID, "points.values.2": Code.BLANK}),
    (Rule(consent=ConsentCondition(purpose="", granted=True)), {"consent.purpose": Code.BLANK}),
    (Rule(anniversary=AnniversaryCondition(of=AnniversaryOf.BIRTHDAY, within_days=366)), {"anniversary.withinDays": Code.INVALID}),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "wrong"), _BAD)
def test_what_makes_no_sense_is_said_at_its_place(rule: Rule, wrong: dict[str, Code]) -> None:
    assert {".".join(each.path): each.code for each in faults(rule)} == wrong


def test_a_rule_has_a_size() -> None:
    assert too_large(deep(10)) is None
    deeper = too_large(deep(100_000))
    assert deeper is not None
    assert (deeper.path, deeper.code) == (("not",) * 10, Code.LIMIT_EXCEEDED)
    assert too_large(Rule(all=[Rule(any=[tag("x")] * 50)] * 2)) is None
    wider = too_large(Rule(all=[tag("x")] * 101))
    assert wider is not None
    assert wider.code is Code.LIMIT_EXCEEDED


@pytest.fixture
async def there(house: House, admin: Actor) -> dict[str, UUID]:
    """What rules may speak of: two tags, a segment, an attribute of each kind, an event with a sealed property."""
    for key, kind, choices, personal in (
        ("size", AttributeType.NUMBER, None, False),
        ("plate", AttributeType.TEXT, None, True),
        ("tastes", AttributeType.MULTI_CHOICE, ["tea", "coffee"], False),
        ("since", AttributeType.DATE, None, False),
    ):
        await attributes.define(admin, AttributeDefine(key=key, title=key, type=kind, choices=choices, personal=personal))
    await events.define(admin, EventDefine(name="viewed", properties=[EventPropertyGiven(name="phone", personal=True)]))
    vip = await tags.create(admin, TagCreate(name="VIP"))
    odd = await tags.create(admin, TagCreate(name='老"客户'))
    gold = TierSave(code="gold", name="Gold", rank=1, threshold=1, qualification=TierQualification.BALANCE)
    await tiers.save(admin, gold)
    loyal = await segments.create(admin, SegmentCreate(code="loyal", name="Loyal", rule=tag("VIP")))
    return {"vip": vip, "odd": odd, "loyal": loyal}


def attribute(key: str, is_: Comparison, *values: object) -> Rule:
    return Rule(attribute=AttributeCondition(key=key, is_=is_, values=list(values)))


async def refused(
    actor: Actor, rule: Rule | None, text: str | None = None, *, holder: tuple[HolderKind, UUID] | None = None
) -> dict[str, tuple[Code, str]]:
    with pytest.raises(Refusal) as found:
        await rules.check(actor, rule, text, holder=holder)
    return {".".join(each.path): (each.code, each.message) for each in found.value.each()}


def codes(found: dict[str, tuple[Code, str]]) -> dict[str, Code]:
    return {path: code for path, (code, _) in found.items()}


WHOLE = (
    'tag any ("VIP", "老\\"客户") and profile.city in ("上海") and not consent("marketing") and segment not in ("loyal") '
    'and orders.total(last 90 days, category in ("茶")) >= 500 and events("viewed", where price > 9.5) >= 3 '
    'and attribute("size") between 36 and 42 and attribute("tastes") = "tea" and attribute("since") < 2026-01-31 '
    'and lifecycle stage (new) activity (silent) and rfm group ("Champions", "Other") recency 4.. and anniversary(birthday) within 7 days '
    'and points.tier >= "gold" and points.expiring(within 30 days) > 0'
)


async def test_a_rule_that_is_right_is_known(there: dict[str, UUID], admin: Actor) -> None:
    with database.counting() as statements:
        checked = await rules.check(admin, None, WHOLE)
    assert len(statements) <= 8  # the segment's code, then one for each kind of name
    assert checked.expression == WHOLE
    assert checked.tree["all"][3] == {"segment": {"notIn": [ids.spelled("Segment", there["loyal"])]}}  # type: ignore[index]  # JSON
    assert rules.loaded(checked.tree) == checked.rule
    assert await rules.check(admin, checked.rule, None) == checked
    assert checked.references == {
        (Change.TAG, str(there["vip"])), (Change.TAG, str(there["odd"])), (Change.SEGMENT, str(there["loyal"])), (Change.PROFILE, ""),
        (Change.CONSENT, "marketing"), (Change.ORDER, ""), (Change.EVENT, "viewed"), (Change.ATTRIBUTE, "size"),
        (Change.ATTRIBUTE, "tastes"), (Change.ATTRIBUTE, "since"), (Change.LIFECYCLE, ""), (Change.RFM, ""),
        (Change.TIER, ""), (Change.POINTS, ""),
    }  # fmt: skip
    assert checked.scopes == {
        Scope.TAGS_READ, Scope.CUSTOMER_LOCATION_READ, Scope.CONSENT_READ, Scope.SEGMENTS_READ, Scope.ORDERS_READ, Scope.EVENTS_READ,
        Scope.CUSTOMERS_READ, Scope.CUSTOMER_BIRTHDAY_READ, Scope.POINTS_READ,
    }  # fmt: skip
    said = [rules.condition_text(node, await rules.codes(admin, checked.rule)) for _, node in rules.nodes(checked.rule)]
    assert said[:2] == ["all of these", 'tag any ("VIP", "老\\"客户")']
    assert 'segment not in ("loyal")' in said


async def test_what_there_is_not_is_refused_all_at_once(there: dict[str, UUID], admin: Actor) -> None:
    bad = Rule(
        all=[
            Rule(tag=TagCondition(any=["VIP", "Vpi"], none=["gone"])),
            Rule(segment=SegmentCondition(in_=[NEVER])),
            Rule(
                any=[attribute("siez", EQ, 3), attribute("plate", EQ, "x"), attribute("size", IN, 36, "large"), attribute("size", EQ, True)]
            ),
            attribute("tastes", IN, "tea", "beer"),
            attribute("tastes", GTE, "tea"),
            attribute("since", EQ, "2026-01-31T00:00:00Z"),
            done(1, None, "bought"),
            done(1, None, "viewed", None, PropertyCondition(key="phone", is_=Comparison.IS_SET)),
            Rule(consent=ConsentCondition(purpose="dancing", granted=False)),
            Rule(rfm=RfmCondition(groups=["Champions", "Champs"])),
            has("TIER", IN, "gold", "glod"),
            profile(ProfileField.OWNER, IN, ids.spelled("Staff", NEVER), ids.spelled("Customer", NEVER), "ada"),
        ]
    )
    found = await refused(admin, bad)
    assert codes(found) == {f"input.rule.all.{path}": code for path, code in {
        "0.tag.any.1": Code.NOT_FOUND, "0.tag.none.0": Code.NOT_FOUND, "1.segment.in.0": Code.NOT_FOUND,
        "2.any.0.attribute.key": Code.NOT_FOUND, "2.any.1.attribute.key": Code.INVALID, "2.any.2.attribute.values.1": Code.INVALID,
        "2.any.3.attribute.values.0": Code.INVALID, "3.attribute.values.1": Code.INVALID, "4.attribute.is": Code.INVALID,
        "5.attribute.values.0": Code.INVALID, "6.event.name": Code.NOT_FOUND, "7.event.where.0.key": Code.INVALID,
        "8.consent.purpose": Code.NOT_FOUND, "9.rfm.groups.1": Code.NOT_FOUND, "10.points.values.1": Code.NOT_FOUND,
        "11.profile.values.1": Code.INVALID, "11.profile.values.2": Code.INVALID,
    }.items()}  # fmt: skip
    assert found["input.rule.all.0.tag.any.1"][1] == 'There is no tag "Vpi".'
    assert codes(await refused(admin, None)) == {"input.rule": Code.BLANK}
    assert codes(await refused(admin, tag("VIP"), 'tag any ("VIP")')) == {"input.rule": Code.INVALID}
    assert codes(await refused(admin, deep(11))) == {"input.rule" + ".not" * 10: Code.LIMIT_EXCEEDED}


async def test_a_text_says_line_and_column(there: dict[str, UUID], admin: Actor) -> None:
    for text, code, message in (
        ('tag any ("VIP")\nand tag any ("VIP", "Vpi")', Code.NOT_FOUND, 'Line 2, column 21: There is no tag "Vpi".'),
        ('segment in ("loyal",\n "royal")', Code.NOT_FOUND, 'Line 2, column 2: There is no segment "royal".'),
        ("orders.count > 1.5", Code.INVALID, "Line 1, column 16: Give a whole number."),
        ('attribute("size") = "x"', Code.INVALID, "Line 1, column 21: Give a number."),
        ('tag any ("a" "b")', Code.INVALID, 'Line 1, column 14: Found a text in quotes, expected ")" or a comma.'),
        ('tag any ("13800001111")', Code.NOT_FOUND, "Line 1, column 10: There is no tag of this name."),
        ('profile.city = "13800001111"', Code.INVALID,
         "Line 1, column 16: This looks like somebody's number or address; rules are about what many have in common."),
        ('attribute("size") in (36, 13800001111)', Code.INVALID,
         "Line 1, column 27: This looks like somebody's number or address; rules are about what many have in common."),
    ):  # fmt: skip
        assert await refused(admin, None, text) == {"input.expression": (code, message)}
    said = await rules.inspect(admin, None, "orders.count > 1.5\nand orders.total > 1.00001")
    assert [(each.path, each.line, each.column) for each in said.problems] == [
        (("all", "0", "order", "values", "0"), 1, 16),
        (("all", "1", "order", "values", "0"), 2, 20),
    ]
    assert (said.valid, said.checked) == (False, None)


async def test_nobody_asks_about_what_they_may_not_read(there: dict[str, UUID]) -> None:
    partner = actors.holder(Scope.CUSTOMERS_READ, Scope.TAGS_READ)
    with pytest.raises(Forbidden, match="orders:read"):
        await rules.check(partner, Rule(any=[tag("VIP"), Rule(not_=orders(GTE, "1"))]), None)
    with database.counting() as statements:  # whether there is such a segment is not told
        for code in ("loyal", "royal"):
            said = await rules.inspect(partner, None, f'segment in ("{code}")')
            assert [(each.code, each.column) for each in said.problems] == [(Code.FORBIDDEN, 13)]
        owner = profile(ProfileField.OWNER, EQ, ids.spelled("Staff", NEVER))
        said = await rules.inspect(partner, Rule(all=[attribute("nothing", EQ, 1), profile(CITY, EQ, "x"), done(), owner]), None)
    assert len(statements) == 0
    assert [(".".join(each.path), each.code) for each in said.problems] == [(f"all.{number}", Code.FORBIDDEN) for number in (1, 2, 3)]
    assert (await rules.check(partner, tag("VIP"), None)).expression == 'tag any ("VIP")'


@operation(writes=True)
async def _refer(actor: Actor, holder: tuple[HolderKind, UUID], checked: Checked) -> None:
    await rules.refer(actor, *holder, checked)


async def test_rules_do_not_go_in_a_circle(there: dict[str, UUID], admin: Actor) -> None:
    loyal = (HolderKind.SEGMENT, there["loyal"])
    assert await rules.dependants(admin, Change.TAG, str(there["vip"])) == [loyal]
    vip, odd = (HolderKind.TAG, there["vip"]), (HolderKind.TAG, there["odd"])
    by_loyal = Rule(not_=Rule(segment=SegmentCondition(not_in=[there["loyal"]])))
    assert codes(await refused(admin, by_loyal, holder=loyal)) == {"input.rule": Code.CONFLICT}
    assert codes(await refused(admin, by_loyal, holder=vip)) == {"input.rule": Code.CONFLICT}
    checked = await rules.check(admin, by_loyal, None, holder=odd)
    await _refer(admin, odd, checked)
    assert codes(await refused(admin, tag('老"客户'), holder=vip)) == {"input.rule": Code.CONFLICT}
    assert codes(await refused(admin, None, 'tag any ("老\\"客户")', holder=vip)) == {"input.expression": Code.CONFLICT}
    await _refer(admin, odd, await rules.check(admin, profile(CITY, EQ, "x"), None))  # what was kept of it goes
    assert await rules.dependants(admin, Change.SEGMENT, str(there["loyal"])) == []
    await rules.check(admin, tag('老"客户'), None, holder=vip)
    await rules.forget(admin, there["odd"])
    assert await rules.dependants(admin, Change.PROFILE, "") == []


async def test_a_tag_goes_by_its_new_name(there: dict[str, UUID], admin: Actor) -> None:
    checked = await rules.check(admin, None, 'not tag any ("VIP") none ("VIP", "老\\"客户") and any (segment in ("loyal"))')
    known = await rules.codes(admin, checked.rule)
    tree, expression = rules.renamed(checked.tree, Change.TAG, "VIP", "贵宾", known)
    assert expression == 'not tag any ("贵宾") none ("贵宾", "老\\"客户") and any (segment in ("loyal"))'
    assert conditions(rules.loaded(tree))
    assert rules.renamed(tree, Change.TAG, "贵宾", "VIP", known) == (checked.tree, checked.expression)
