"""Tags as front ends and partners see them."""

from __future__ import annotations

from typing import Any

from siyu.domain import segments
from siyu.domain.kernel import database
from siyu.domain.rules import HolderKind, Rule, TagCondition
from siyu.privacy import consent
from siyu.privacy.actor import Actor, Purpose, Scope
from siyu.schema.relay import decode, encode
from tests import actors
from tests.domain.tags.tagged import people
from tests.schema.conftest import Run

GROUP = (
    "mutation ($input: TagGroupCreateInput!) { tagGroupCreate(input: $input) { tagGroup { id name exclusive } userErrors { field code } } }"
)
CREATE = """mutation ($input: TagCreateInput!) { tagCreate(input: $input) {
  tag { id name kind ruleVersion rule { tree expression } group { name } stale } userErrors { field code }
} }"""
UPDATE = "mutation ($input: TagUpdateInput!) { tagUpdate(input: $input) { tag { name } userErrors { field code } } }"
ARCHIVE = "mutation ($input: TagArchiveInput!) { tagArchive(input: $input) { tag { archivedAt } userErrors { field code } } }"
ASSIGN = "mutation ($input: TagAssignInput!) { tagAssign(input: $input) { changed job { kind state } userErrors { field code } } }"
REMOVE = "mutation ($input: TagRemoveInput!) { tagRemove(input: $input) { changed job { kind } userErrors { field code } } }"
LIST = """query ($filter: TagFilter) { tags(filter: $filter) {
  totalCount nodes { name customersCount usage { assignedLast30Days removedLast30Days } group { name tags { name } } }
} }"""
OF_CUSTOMERS = """query ($group: String) { customers { nodes {
  tags(group: $group) { tag { name archivedAt group { name } } source assignedBy ruleVersion assignedAt expiresAt }
} } }"""


async def created(run: Run, actor: Actor, name: str, **more: Any) -> str:
    got = await run(actor, CREATE, input={"name": name, **more})
    assert got.errors == []
    assert got.data["tagCreate"]["userErrors"] == []
    return str(got.data["tagCreate"]["tag"]["id"])


async def test_tags_from_making_to_archiving(run: Run, admin: Actor) -> None:
    ada, eve = await people(admin, 2)
    got = await run(admin, GROUP, input={"name": "level", "exclusive": True})
    group = got.data["tagGroupCreate"]["tagGroup"]
    assert (group["name"], group["exclusive"]) == ("level", True)
    gold = await created(run, admin, "gold", groupId=group["id"])
    await created(run, admin, "VIP", description="dear")
    got = await run(admin, CREATE, input={"name": "VIP"})
    assert got.data["tagCreate"] == {"tag": None, "userErrors": [{"field": ["input", "name"], "code": "TAKEN"}]}
    both = [encode("Customer", each) for each in (ada, eve)]
    for changed in (4, 0):
        got = await run(admin, ASSIGN, input={"tags": ["gold", "VIP"], "customerIds": both})
        assert got.data["tagAssign"] == {"changed": changed, "job": None, "userErrors": []}
    got = await run(admin, REMOVE, input={"tags": ["VIP"], "customerIds": both[:1]})
    assert got.data["tagRemove"]["changed"] == 1
    with database.counting() as count:
        got = await run(admin, LIST)
    assert got.errors == []
    assert got.data["tags"] == {"totalCount": 2, "nodes": [
        {"name": "VIP", "customersCount": 1, "usage": {"assignedLast30Days": 2, "removedLast30Days": 1}, "group": None},
        {"name": "gold", "customersCount": 2, "usage": {"assignedLast30Days": 2, "removedLast30Days": 0},
         "group": {"name": "level", "tags": [{"name": "gold"}]}},
    ]}  # fmt: skip
    assert sum("tag" in sql for sql in count.sent) <= 8, "whatever the number of tags"
    with database.counting() as count:
        got = await run(admin, OF_CUSTOMERS)
    assert [[each["tag"]["name"] for each in node["tags"]] for node in got.data["customers"]["nodes"]] == [["VIP", "gold"], ["gold"]]
    assert got.data["customers"]["nodes"][1]["tags"][0]["assignedBy"] == admin.name
    assert sum(" tag" in sql for sql in count.sent) <= 3, count.sent
    got = await run(admin, OF_CUSTOMERS, group="level")
    assert [len(node["tags"]) for node in got.data["customers"]["nodes"]] == [1, 1]
    got = await run(admin, ARCHIVE, input={"id": gold})
    assert got.data["tagArchive"]["tag"]["archivedAt"] is not None
    for filter_, names in (
        (None, ["VIP"]),
        ({"includeArchived": True}, ["VIP", "gold"]),
        ({"includeArchived": True, "group": "level"}, ["gold"]),
        ({"search": "DEA"}, ["VIP"]),
        ({"kind": "RULE"}, []),
    ):
        found = (await run(admin, LIST, filter=filter_)).data["tags"]["nodes"]
        assert [each["name"] for each in found] == names
    got = await run(admin, 'query { tag(name: " VIP") { name description } none: tag(name: "x") { id } tagGroups { name tags { name } } }')
    assert got.data == {
        "tag": {"name": "VIP", "description": "dear"},
        "none": None,
        "tagGroups": [{"name": "level", "tags": [{"name": "gold"}]}],
    }
    got = await run(admin, UPDATE, input={"id": gold, "name": "x"})
    assert got.data["tagUpdate"]["userErrors"] == [{"field": ["input", "id"], "code": "WRONG_STATE"}]


async def test_a_tag_by_rule_is_shown_with_it(run: Run, admin: Actor) -> None:
    await people(admin, 1)
    rule = {"profile": {"field": "SOURCE", "is": "IS_NOT_SET"}}
    got = await run(admin, CREATE, input={"name": "walked in", "rule": rule})
    made = got.data["tagCreate"]["tag"]
    assert (made["kind"], made["ruleVersion"], made["rule"]["tree"], made["stale"]) == ("RULE", 1, rule, True)
    assert made["rule"]["expression"]
    await segments.apply(actors.worker(Scope.JOBS_RUN), (HolderKind.TAG, decode("Tag", made["id"])))
    shown = (await run(admin, OF_CUSTOMERS)).data["customers"]["nodes"][0]["tags"][0]
    assert (shown["tag"]["name"], shown["source"], shown["ruleVersion"], shown["assignedBy"]) == ("walked in", "RULE", 1, None)
    got = await run(admin, "query { customers { nodes { timeline(kinds: [TAG]) { nodes { kind title properties } } } } }")
    assert got.data["customers"]["nodes"][0]["timeline"]["nodes"] == [
        {"kind": "TAG", "title": "Tagged", "properties": {"tag": "walked in", "assigned": True, "why": "RULE"}}
    ]
    speaking = Rule(tag=TagCondition(any=["walked in"]))
    await segments.create(admin, segments.SegmentCreate(code="in", name="In", rule=speaking))
    got = await run(admin, "query { tags { nodes { name usage { segments { code } } } } }")
    assert got.data["tags"]["nodes"] == [{"name": "walked in", "usage": {"segments": [{"code": "in"}]}}]
    got = await run(admin, CREATE, input={"name": "y", "rule": {"tag": {"any": ["none"]}}})
    assert got.data["tagCreate"]["userErrors"] == [{"field": ["input", "rule", "tag", "any", "0"], "code": "NOT_FOUND"}]


async def test_what_a_partner_may_know(run: Run, admin: Actor) -> None:
    crowd = await people(admin, 10)
    await created(run, admin, "VIP")
    ids = [encode("Customer", each) for each in crowd]
    await run(admin, ASSIGN, input={"tags": ["VIP"], "customerIds": ids})
    for each in crowd[:9]:
        await consent.record(admin, each, Purpose.MARKETING, granted=True, channel="test")
    marketer, partner = actors.staff(purpose=Purpose.MARKETING), actors.holder(Scope.TAGS_READ, purpose=Purpose.MARKETING)
    counts = "query { tags { nodes { customersCount usage { assignedLast30Days } } } }"
    for actor, count in ((admin, 10), (marketer, 9), (partner, 0), (actors.holder(Scope.TAGS_READ), 10)):
        got = await run(actor, counts)
        assert got.data["tags"]["nodes"] == [{"customersCount": count, "usage": {"assignedLast30Days": count}}]
    stranger = actors.holder(Scope.CUSTOMERS_READ)
    got = await run(stranger, "query { customers(first: 1) { nodes { tags { source } } } }")
    assert got.codes == ["FORBIDDEN"]
    for document in (LIST, "query { tagGroups { name } }"):
        assert (await run(stranger, document)).codes == ["FORBIDDEN"]
    got = await run(partner, ASSIGN, input={"tags": ["VIP"], "customerIds": ids})
    assert got.codes == ["FORBIDDEN"]


async def test_a_segment_is_tagged_as_far_as_the_purpose_reaches(run: Run, admin: Actor) -> None:
    crowd = await people(admin, 3)
    await created(run, admin, "VIP")
    made = await segments.create(admin, segments.SegmentCreate(code="some", name="Some", customer_ids=crowd))
    await consent.record(admin, crowd[0], Purpose.MARKETING, granted=True, channel="test")
    wish = {"tags": ["VIP"], "segmentId": encode("Segment", made)}
    got = await run(actors.staff(purpose=Purpose.MARKETING), ASSIGN, input=wish)
    assert got.data["tagAssign"] == {"changed": 1, "job": None, "userErrors": []}
    assert (await run(admin, ASSIGN, input=wish)).data["tagAssign"]["changed"] == 2
    assert (await run(admin, REMOVE, input=wish)).data["tagRemove"]["changed"] == 3
    unseeing = actors.holder(Scope.TAGS_ASSIGN)
    assert (await run(unseeing, ASSIGN, input=wish)).codes == ["FORBIDDEN"]


async def test_tags_come_with_a_customer(run: Run, admin: Actor) -> None:
    await created(run, admin, "VIP")
    document = """mutation ($input: CustomerCreateInput!) { customerCreate(input: $input) {
      customer { tags { tag { name } } } userErrors { field code }
    } }"""
    got = await run(admin, document, input={"phone": "13800001111", "tags": ["VIP"]})
    assert got.data["customerCreate"] == {"customer": {"tags": [{"tag": {"name": "VIP"}}]}, "userErrors": []}
    got = await run(admin, document, input={"phone": "13800002222", "tags": ["none"]})
    assert got.data["customerCreate"]["userErrors"] == [{"field": ["input", "tags", "0"], "code": "NOT_FOUND"}]
