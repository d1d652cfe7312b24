"""Segments as front ends and partners see them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from siyu.domain.kernel import clock, database
from siyu.domain.segments.tables import Segment, SegmentMember, SegmentOverride
from siyu.privacy.actor import Actor, Role, Scope
from siyu.schema.relay import encode
from tests import actors
from tests.domain.segments.kept import person
from tests.schema.conftest import Run

CREATE = """mutation ($input: SegmentCreateInput!) { segmentCreate(input: $input) {
  segment { id code name kind ruleVersion expression rule { tree expression } customersCount stale failure }
  userErrors { field code message }
} }"""
UPDATE = """mutation ($input: SegmentUpdateInput!) { segmentUpdate(input: $input) {
  segment { ruleVersion expression customersCount } userErrors { field code }
} }"""
DELETE = "mutation ($input: SegmentDeleteInput!) { segmentDelete(input: $input) { deletedId userErrors { field code message } } }"
EVALUATE = """mutation ($input: SegmentEvaluateInput!) { segmentEvaluate(input: $input) {
  segment { code evaluatedAt evaluationMilliseconds } job { kind } userErrors { field code }
} }"""
OVERRIDE = """mutation ($input: SegmentOverrideInput!) { segmentOverride(input: $input) {
  segment { customersCount } userErrors { field code }
} }"""
ONE = """query ($code: String, $asOf: DateTime) { segment(code: $code) {
  customersCount(asOf: $asOf) customers(first: 1, asOf: $asOf) { totalCount nodes { city } pageInfo { hasNextPage } }
  dependants { __typename id }
} }"""
LIST = """query ($search: String) { segments(search: $search) {
  totalCount nodes { code customersCount customers(first: 2) { nodes { id } } }
} }"""
OF_CUSTOMERS = """{ customers { nodes { segments { segment { code } enteredAt override reason }
  timeline(kinds: [SEGMENT]) { nodes { kind title properties } } } } }"""
PARIS = {"profile": {"field": "CITY", "is": "EQ", "values": ["Paris"]}}


async def created(run: Run, actor: Actor, code: str, **more: Any) -> Any:
    got = await run(actor, CREATE, input={"code": code, "name": code, **more})
    assert got.errors == []
    assert got.data["segmentCreate"]["userErrors"] == []
    return got.data["segmentCreate"]["segment"]


async def test_a_segment_from_making_to_deleting(run: Run, admin: Actor) -> None:
    ada, bob = await person(admin), await person(admin, "Rome")
    paris = await created(run, admin, "paris", rule=PARIS)
    assert paris == {
        "id": paris["id"], "code": "paris", "name": "paris", "kind": "DYNAMIC", "ruleVersion": 1, "expression": 'profile.city = "Paris"',
        "rule": {"tree": PARIS, "expression": 'profile.city = "Paris"'}, "customersCount": 1, "stale": False, "failure": None,
    }  # fmt: skip
    panel = await created(run, admin, "panel", customerIds=[encode("Customer", bob)])
    assert (panel["kind"], panel["rule"], panel["expression"], panel["customersCount"]) == ("STATIC", None, None, 1)
    got = await run(admin, UPDATE, input={"id": paris["id"], "expression": 'profile.city in ("Paris", "Rome")'})
    assert got.data["segmentUpdate"]["segment"] == {
        "ruleVersion": 2, "expression": 'profile.city in ("Paris", "Rome")', "customersCount": 2,
    }  # fmt: skip
    got = await run(admin, EVALUATE, input={"id": paris["id"]})
    assert (got.errors, got.data["segmentEvaluate"]["job"], got.data["segmentEvaluate"]["segment"]["code"]) == ([], None, "paris")
    away = await created(run, admin, "away", expression='not segment in ("paris")')
    got = await run(admin, DELETE, input={"id": paris["id"]})
    (error,) = got.data["segmentDelete"]["userErrors"]
    assert (got.data["segmentDelete"]["deletedId"], error["field"], error["code"]) == (None, ["input", "id"], "IN_USE")
    assert "away" in error["message"]
    got = await run(admin, ONE, code="paris")
    assert got.data["segment"]["dependants"] == [{"__typename": "Segment", "id": away["id"]}]
    for each in (away, paris):
        got = await run(admin, DELETE, input={"id": each["id"]})
        assert got.data["segmentDelete"] == {"deletedId": each["id"], "userErrors": []}
    assert [row.code for row in await Segment.all()] == ["panel"]
    assert ada != bob


async def test_faults_are_told_by_their_path(run: Run, admin: Actor) -> None:
    broken = {"all": [PARIS, {"any": []}, {"tag": {"any": []}}]}
    got = await run(admin, CREATE, input={"code": "x", "name": "X", "rule": broken})
    assert got.data["segmentCreate"]["segment"] is None
    assert [error["field"][:4] for error in got.data["segmentCreate"]["userErrors"]] == [
        ["input", "rule", "all", "1"], ["input", "rule", "all", "2"],
    ]  # fmt: skip
    got = await run(admin, CREATE, input={"code": "x", "name": "X", "expression": "profile.city ="})
    (error,) = got.data["segmentCreate"]["userErrors"]
    assert error["field"] == ["input", "expression"]
    got = await run(actors.holder(Scope.SEGMENTS_WRITE, Scope.SEGMENTS_READ), CREATE, input={"code": "x", "name": "X", "rule": PARIS})
    assert (got.codes, got.data) == (["FORBIDDEN"], None)
    assert await Segment.all().count() == 0


async def test_by_hand_and_what_a_customer_shows_of_it(run: Run, admin: Actor) -> None:
    ada = await person(admin, "Rome")
    paris = await created(run, admin, "paris", rule=PARIS)
    wish = {"id": paris["id"], "customerIds": [encode("Customer", ada)], "override": "INCLUDE", "reason": "moves there"}
    for _ in range(2):
        got = await run(admin, OVERRIDE, input=wish)
        assert got.errors == []
        assert got.data["segmentOverride"] == {"segment": {"customersCount": 1}, "userErrors": []}
    got = await run(admin, OF_CUSTOMERS)
    assert got.errors == []
    (node,) = got.data["customers"]["nodes"]
    (membership,) = node["segments"]
    assert (membership["segment"], membership["override"], membership["reason"]) == ({"code": "paris"}, "INCLUDE", "moves there")
    assert node["timeline"]["nodes"] == [
        {"kind": "SEGMENT", "title": "Entered a segment", "properties": {"segment": "paris", "entered": True}}
    ]
    got = await run(actors.holder(Scope.CUSTOMERS_READ), OF_CUSTOMERS)
    assert (got.data, set(got.codes)) == (None, {"FORBIDDEN"})
    got = await run(admin, OVERRIDE, input={**wish, "customerIds": [encode("Customer", ada), paris["id"]]})
    assert [error["field"] for error in got.data["segmentOverride"]["userErrors"]] == [["input", "customerIds", "1"]]
    got = await run(admin, OVERRIDE, input={**wish, "override": None})
    assert got.data["segmentOverride"]["segment"] == {"customersCount": 0}
    assert (await SegmentMember.all().count(), await SegmentOverride.all().count()) == (0, 0)


async def test_members_of_a_past_moment(run: Run, admin: Actor) -> None:
    await person(admin)
    paris = await created(run, admin, "paris", rule=PARIS)
    then = clock.now()
    await person(admin, "Rome")
    await run(admin, UPDATE, input={"id": paris["id"], "expression": 'profile.city = "Rome"'})
    now, past = await run(admin, ONE, code="paris"), await run(admin, ONE, code="paris", asOf=then.isoformat())
    before = await run(admin, ONE, code="paris", asOf=(then - timedelta(days=1)).isoformat())
    shown = [each.data["segment"] for each in (now, past, before)]
    assert [(each["customersCount"], each["customers"]["totalCount"]) for each in shown] == [(1, 1), (1, 1), (0, 0)]
    assert [[node["city"] for node in each["customers"]["nodes"]] for each in shown] == [["Rome"], ["Paris"], []]


async def test_a_list_costs_the_same_whatever_its_size(run: Run, admin: Actor) -> None:
    await person(admin)
    await created(run, admin, "a", rule=PARIS)
    with database.counting() as few:
        await run(admin, LIST)
    for code in ("b", "c", "d"):
        await created(run, admin, code, rule=PARIS)
    with database.counting() as many:
        got = await run(admin, LIST)
    assert len(few) == len(many)
    assert [(node["code"], node["customersCount"]) for node in got.data["segments"]["nodes"]] == [(code, 1) for code in "abcd"]
    got = await run(admin, LIST, search="B")
    assert (got.data["segments"]["totalCount"], [node["code"] for node in got.data["segments"]["nodes"]]) == (1, ["b"])


async def test_partners_learn_of_no_few_and_readers_change_nothing(run: Run, admin: Actor) -> None:
    await person(admin)
    paris = await created(run, admin, "paris", rule=PARIS)
    got = await run(actors.holder(Scope.SEGMENTS_READ), "{ segments { nodes { code customersCount } } }")
    assert got.data["segments"]["nodes"] == [{"code": "paris", "customersCount": 0}]
    assert (await run(actors.holder(), "{ segments { nodes { code } } }")).codes == ["FORBIDDEN"]
    reader = actors.staff(Role.ANALYST)
    for document in (UPDATE, DELETE, EVALUATE):
        assert (await run(reader, document, input={"id": paris["id"]})).codes == ["FORBIDDEN"]
    assert await Segment.all().count() == 1
