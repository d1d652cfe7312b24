"""What a segment tells through the API, and whom a rule would find."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest

from siyu.domain import rules
from siyu.domain.customers import LifecycleStage
from siyu.domain.customers.tables import Customer
from siyu.domain.kernel import database
from siyu.domain.kernel.touching import Change
from siyu.domain.rules import Checked, Comparison, HolderKind, ProfileField, Rule
from siyu.domain.segments.tables import Override, Segment, SegmentDrop, SegmentOverride
from siyu.privacy import consent
from siyu.privacy.actor import Actor, Role, Scope
from siyu.schema.plans import Planner
from siyu.schema.relay import encode
from tests import actors
from tests.domain.segments.crowd import consenting, people, segment
from tests.schema.conftest import Run, schema
from tests.schema.plans.bothways import both_ways, same

CITY = Rule(profile=rules.ProfileCondition(field=ProfileField.CITY, is_=Comparison.EQ, values=["杭州"]))
BUYER = Rule(lifecycle=rules.LifecycleCondition(stages=[LifecycleStage.NEW]))
RULE = Rule(all=[CITY, Rule(not_=BUYER)])
TOLD = """query { segments(first: 10) { nodes {
  code insight { customers orders revenue { amount currency } averageOrderValue { amount } repeatPurchaseRate satisfaction
    byLifecycle { stage count } }
  history { date count entered left drop { ratio } } drops { at ratio before after path condition share ruleVersion }
  dependants { id ... on Segment { code name } ... on Tag { title: name } }
} } }"""
EXPLAIN = """query ($code: String!, $customer: ID!) { segment(code: $code) { explain(customer: $customer) {
  member override nodes { path condition matched actual } } } }"""
EXPLAIN_ALL = EXPLAIN.replace("$code: String!, ", "").replace("segment(code: $code) {", "segments { nodes { code") + " }"
PREVIEW = """query ($rule: SegmentRuleInput!, $sample: Int) { segmentPreview(rule: $rule, sample: $sample) {
  count ratio milliseconds sample { id city displayName } } }"""


async def ruled(code: str, rule: Rule, *members: list[UUID]) -> Segment:
    row = await segment(code, *members)
    await Segment.filter(id=row.id).update(rule=rules.stored(rule), expression="")
    return row


async def test_segments_tell_in_a_few_statements(run: Run, admin: Actor) -> None:
    told = await segment("a", await people(LifecycleStage.RETURNING, 3, orders=2, spent=30), await people(LifecycleStage.PROSPECT, 1))
    other, last = await segment("b"), await segment("c")
    await SegmentDrop.create(segment_id=told.id, before=40, after=4, rule_version=2, path="all.1", condition="x", lost=36)
    for holder, spoken in ((other, told), (last, other)):
        rule = Rule(segment=rules.SegmentCondition(in_=[spoken.id]))
        checked = Checked(rule, rules.stored(rule), "", frozenset({(Change.SEGMENT, str(spoken.id))}), frozenset())
        await rules.refer(admin, HolderKind.SEGMENT, holder.id, checked)
    with database.counting() as count:
        got = await run(admin, TOLD)
    assert got.errors == []
    a, b, _ = sorted(got.data["segments"]["nodes"], key=lambda each: str(each["code"]))
    assert a["insight"] == {
        "customers": 4, "orders": 6, "revenue": {"amount": "90.00", "currency": "CNY"}, "averageOrderValue": {"amount": "15.00"},
        "repeatPurchaseRate": 1.0, "satisfaction": None,
        "byLifecycle": [{"stage": stage, "count": n} for stage, n in (("PROSPECT", 1), ("NEW", 0), ("RETURNING", 3), ("LOYAL", 0))],
    }  # fmt: skip
    assert b["insight"]["averageOrderValue"] is None
    assert [(each["count"], each["drop"]) for each in a["history"]] == [(0, {"ratio": 0.9})]
    assert a["drops"][0].items() >= {"ratio": 0.9, "before": 40, "after": 4, "path": "all.1", "condition": "x", "share": 1.0}.items()
    speaking = [each["dependants"] for each in got.data["segments"]["nodes"]]
    assert speaking == [[{"id": encode("Segment", each.id), "code": each.code, "name": each.code}] for each in (other, last)] + [[]]
    # The page, two of the insight, three of the history, one of drops; whose rules speak of them, and these in one more.
    assert len([sql for sql in count.sent if re.search("segment|rule_references", sql)]) == 9
    both = await both_ways(Planner(schema()), admin, re.sub("dependants .*", "} } }", TOLD, flags=re.DOTALL), {})
    assert both.planned is not None, both.why
    same(both)
    reader = actors.holder(Scope.SEGMENTS_READ)
    got = await run(reader, 'query { segment(code: "a") { code drops { ratio } insight { orders } } }')
    assert got.data == {"segment": None}
    assert got.codes == ["FORBIDDEN"]


async def test_an_explanation_is_masked_by_what_the_caller_may_read(run: Run, admin: Actor) -> None:
    (who, hidden) = await people(LifecycleStage.PROSPECT, 2)
    await Customer.filter(id=who).update(city="上海")
    await consent.restrict(admin, hidden, reason="test")
    row = await ruled("a", RULE, [who])
    await SegmentOverride.create(segment_id=row.id, customer_id=who, override=Override.INCLUDE, decided_by="test", reason="friend")
    wish: dict[str, Any] = {"code": "a", "customer": encode("Customer", who)}
    got = await run(admin, EXPLAIN, **wish)
    assert got.errors == []
    explained = got.data["segment"]["explain"]
    assert (explained["member"], explained["override"]) == (True, "INCLUDE")
    nodes = {each["path"]: (each["matched"], each["actual"]) for each in explained["nodes"]}
    assert nodes == {"": (False, None), "all.0": (False, "上海"), "all.1": (True, None), "all.1.not": (False, {"stage": "PROSPECT"})}
    assert next(each["condition"] for each in explained["nodes"] if each["path"] == "all.0") == rules.condition_text(CITY)
    await ruled("b", BUYER)
    with database.counting() as count:
        both = await run(admin, EXPLAIN_ALL, customer=wish["customer"])
    found = {each["code"]: each["explain"] for each in both.data["segments"]["nodes"]}
    assert (found["a"], found["b"]["member"], [each["path"] for each in found["b"]["nodes"]]) == (explained, False, [""])
    assert len([sql for sql in count.sent if re.search("from customers|from segments", sql)]) == 4, "the page, whom, how it stands, why"
    trail = await database.rows("select line from audit_pending union all select fields from audit_events")
    assert any("SegmentExplanation.nodes" in str(each[0]) for each in trail), "whoever looks at a person leaves a line"
    # Staff without the scope are told the verdict, not the value; a partner neither, nor of the branch that would tell it.
    scopes = (Scope.SEGMENTS_READ, Scope.CUSTOMERS_READ, Scope.ORDERS_READ)
    staff = Actor(admin.kind, None, "staff", frozenset(scopes), "service")
    masked = {each["path"]: each["actual"] for each in (await run(staff, EXPLAIN, **wish)).data["segment"]["explain"]["nodes"]}
    assert masked == {"": None, "all.0": None, "all.1": None, "all.1.not": {"stage": "PROSPECT"}}
    partner = (await run(actors.holder(*scopes), EXPLAIN, **wish)).data["segment"]["explain"]
    assert (partner["member"], [each["path"] for each in partner["nodes"]]) == (True, ["all.1", "all.1.not"])
    for caller, customer in ((admin, encode("Customer", row.id)), (actors.staff(Role.MARKETER), wish["customer"])):
        assert (await run(caller, EXPLAIN, code="a", customer=customer)).codes == ["NOT_FOUND"]
    assert (await run(admin, EXPLAIN, code="a", customer=encode("Customer", hidden))).codes == ["NOT_FOUND"]
    assert (await run(actors.holder(Scope.SEGMENTS_READ), EXPLAIN, **wish)).codes == ["FORBIDDEN"]


async def test_a_preview_counts_and_shows_whom_the_purpose_reaches(run: Run, admin: Actor) -> None:
    inside, _ = await people(LifecycleStage.LOYAL, 12), await people(LifecycleStage.NEW, 4)
    await Customer.filter(id__in=inside[:9]).update(city="杭州")
    loyal, city = {"lifecycle": {"stages": ["LOYAL"]}}, {"profile": {"field": "CITY", "is": "EQ", "values": ["杭州"]}}
    with database.counting() as count:
        got = await run(admin, PREVIEW, rule={"all": [loyal, city]}, sample=2)
    assert got.errors == []
    found = got.data["segmentPreview"]
    assert (found["count"], found["ratio"], [each["city"] for each in found["sample"]]) == (9, 0.5625, ["杭州"] * 2)
    assert len([sql for sql in count.sent if "customers" in sql]) <= 3
    assert len((await run(admin, PREVIEW, rule=loyal)).data["segmentPreview"]["sample"]) == 5
    partner = actors.holder(Scope.SEGMENTS_READ, Scope.CUSTOMERS_READ, Scope.ORDERS_READ, Scope.CUSTOMER_LOCATION_READ)
    few = (await run(partner, PREVIEW, rule=city)).data["segmentPreview"]
    assert (few["count"], few["ratio"], few["sample"]) == (0, 0.0, [])
    many = (await run(partner, PREVIEW, rule=loyal)).data["segmentPreview"]
    assert (many["count"], many["ratio"], len(many["sample"])) == (16, 1.0, 5), "who is not among them are four"
    await people(LifecycleStage.NEW, 6)
    many = (await run(partner, PREVIEW, rule=loyal)).data["segmentPreview"]
    assert (many["count"], many["ratio"]) == (12, 0.5455)
    await consenting(inside[:3])
    marketer = (await run(actors.staff(Role.MARKETER), PREVIEW, rule=loyal)).data["segmentPreview"]
    assert (marketer["count"], marketer["ratio"], {each["id"] for each in marketer["sample"]}) == (
        3, 1.0, {encode("Customer", each) for each in inside[:3]},
    )  # fmt: skip


@pytest.mark.on("sqlite")
async def test_what_a_preview_refuses(run: Run, admin: Actor) -> None:
    loyal: dict[str, Any] = {"lifecycle": {"stages": ["LOYAL"]}}
    got = await run(admin, PREVIEW, rule=loyal, sample=51)
    assert got.codes == ["LIMIT_EXCEEDED"]
    got = await run(admin, PREVIEW, rule={"all": []})
    assert got.codes == ["BLANK"]
    for scopes in ((Scope.SEGMENTS_READ, Scope.CUSTOMERS_READ), (Scope.CUSTOMERS_READ, Scope.ORDERS_READ), (Scope.SEGMENTS_READ,)):
        assert (await run(actors.holder(*scopes), PREVIEW, rule=loyal)).codes == ["FORBIDDEN"], scopes
