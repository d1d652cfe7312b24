"""Rules as those who write them see them: both spellings, faults with their places, warnings."""

from __future__ import annotations

from siyu.domain import tags
from siyu.domain.kernel import ids
from siyu.domain.tags import TagCreate
from siyu.privacy.actor import Actor, Scope
from tests import actors
from tests.schema.conftest import Run

CHECK = """query ($rule: SegmentRuleInput, $expression: String) { segmentRule(rule: $rule, expression: $expression) {
  valid rule { tree expression } problems { path message line column warning }
} }"""


async def test_a_rule_is_checked_in_either_spelling(run: Run, admin: Actor) -> None:
    await tags.create(admin, TagCreate(name="VIP"))
    text = 'tag any ("VIP") and not (orders.count(from 2026-01-01) <= 3 or events("buy") = 0)'
    wrong = await run(admin, CHECK, expression=text)
    unknown = {"path": "all.1.not.any.1.event.name", "message": 'There is no event "buy".', "line": 1, "column": text.index('"buy') + 1}
    assert wrong.data["segmentRule"] == {"valid": False, "rule": None, "problems": [{**unknown, "warning": False}]}
    right = (await run(admin, CHECK, expression=text.replace('events("buy")', "orders.total"))).data["segmentRule"]
    tree = {"all": [
        {"tag": {"any": ["VIP"]}},
        {"not": {"any": [
            {"order": {"metric": "COUNT", "is": "LTE", "values": ["3"], "window": {"from": "2025-12-31T16:00:00Z"}}},
            {"order": {"metric": "TOTAL", "is": "EQ", "values": ["0"]}},
        ]}},
    ]}  # fmt: skip
    assert right["rule"] == {"tree": tree, "expression": text.replace('events("buy")', "orders.total")}
    assert (right["valid"], right["problems"]) == (True, [])
    assert (await run(admin, CHECK, rule=tree)).data["segmentRule"] == right  # what comes out goes in again
    odd = (await run(admin, CHECK, rule={"order": {"metric": "COUNT", "is": "GTE", "values": [0]}})).data["segmentRule"]
    assert odd["problems"] == [
        {"path": None, "message": "“orders.count >= 0” holds for everybody.", "line": None, "column": None, "warning": True}
    ]


async def test_what_is_no_rule_is_said_to_whoever_asks(run: Run, admin: Actor) -> None:
    two = {"tag": {"any": ["a"]}, "consent": {"purpose": "a", "granted": True}}
    misfits: tuple[dict[str, object], ...] = ({}, {"tag": None}, {**two}, {"points": {}})
    for given in misfits:
        assert set((await run(admin, CHECK, rule=given)).codes) == {"BAD_REQUEST"}
    no_segment = {"segment": {"in": [ids.spelled("Tag", ids.uuid7())]}}
    wrong: tuple[dict[str, object], ...] = ({}, {"rule": {"all": []}}, {"rule": no_segment}, {"expression": ""})
    for variables in wrong:
        answer = (await run(admin, CHECK, **variables)).data["segmentRule"]
        assert (answer["valid"], len(answer["problems"])) == (False, 1)
    deep: dict[str, object] = {"all": []}
    for _ in range(100):
        deep = {"not": deep}
    answer = (await run(admin, CHECK, rule=deep)).data["segmentRule"]
    assert answer["problems"][0]["path"] == ".".join(["not"] * 10)
    partner = actors.holder(Scope.CUSTOMERS_READ)
    answer = (await run(partner, CHECK, expression="orders.count > 1")).data["segmentRule"]
    assert [each["message"] for each in answer["problems"]] == ["This needs the scope orders:read."]
    assert (await run(None, CHECK, expression="orders.count > 1")).codes == ["UNAUTHENTICATED"]


async def test_a_tree_says_where_it_is_unfinished(run: Run, admin: Actor) -> None:
    unknown = {"all": [{"segment": {"notIn": ["no id"]}}]}
    assert (await run(admin, CHECK, rule=unknown)).data["segmentRule"]["problems"] == [
        {"path": "all.0.segment.notIn.0", "message": "This is no id of a Segment.", "line": None, "column": None, "warning": False}
    ]
    for empty, place in (({}, ""), ({"all": [{"not": {}}]}, " at .all[0].not"), ({"all": [{"tag": None}]}, " at .all[0].tag")):
        refused = await run(admin, CHECK, rule=empty)
        assert refused.errors
        assert refused.errors[0]["message"].startswith(f"Variable '$rule' has invalid value{place}: Within OneOf")
