"""Earning rules, check-ins and referrals as front ends see them."""

from __future__ import annotations

from uuid import UUID

from siyu.domain import referrals
from siyu.domain.kernel import database
from siyu.privacy.actor import Actor, Role
from siyu.schema.relay import encode
from tests import actors
from tests.domain.earning.earned import WORKER, ordered, person
from tests.schema.conftest import Run

SAVE = """mutation ($input: EarningRuleSaveInput!) { earningRuleSave(input: $input) {
  earningRule { id name trigger rate fixed version maximumPerDay streakDays enabled segment { code } } userErrors { field code }
} }"""
RULES = "{ earningRules { name trigger rate version } }"
CHECK_IN = (
    "mutation ($input: CheckInInput!) { checkIn(input: $input) { streak points replayed customer { id } userErrors { field code } } }"
)
BIND = (
    "mutation ($input: ReferralBindInput!) { referralBind(input: $input) { referral { state advocate { id } } userErrors { field code } } }"
)
PROGRAM = """mutation ($input: ReferralProgramUpdateInput!) { referralProgramUpdate(input: $input) {
  referralProgram { minimumOrder expireAfterDays } userErrors { field code }
} }"""
READ = "{ referralProgram { minimumOrder expireAfterDays } }"
OF_CUSTOMERS = "{ customers { nodes { id referralCode referrals { state friend { id } advocate { id } createdAt qualifiedAt } } } }"


async def test_rules_are_saved_changed_and_refused_where_they_are_wrong(run: Run, admin: Actor) -> None:
    got = await run(admin, SAVE, input={"name": "Base", "trigger": "ORDER_PAID", "rate": "1.5", "maximumPerDay": 500})
    made = got.data["earningRuleSave"]["earningRule"]
    assert (made["rate"], made["version"], made["enabled"], made["maximumPerDay"]) == ("1.50", 1, True, 500)
    for version in (2, 2):
        wish = {"id": made["id"], "name": "Base", "trigger": "ORDER_PAID", "rate": "2"}
        got = await run(admin, SAVE, input=wish)
        assert got.data["earningRuleSave"]["earningRule"]["version"] == version
    got = await run(admin, SAVE, input={"name": "x", "trigger": "SIGN_UP", "rate": "1", "streakDays": 1})
    assert {tuple(each["field"]) for each in got.data["earningRuleSave"]["userErrors"]} == {("input", "rate"), ("input", "streakDays")}
    got = await run(actors.staff(Role.ANALYST), SAVE, input={"name": "x", "trigger": "SIGN_UP", "fixed": 1})
    assert got.errors[0]["extensions"]["code"] == "FORBIDDEN"
    got = await run(admin, RULES)
    assert got.data["earningRules"] == [{"name": "Base", "trigger": "ORDER_PAID", "rate": "2.00", "version": 2}]


async def test_checking_in_answers_the_same_all_day(run: Run, admin: Actor) -> None:
    one = encode("Customer", await person(admin))
    await run(admin, SAVE, input={"name": "Daily", "trigger": "CHECK_IN", "fixed": 2})
    for replayed in (False, True):
        got = await run(admin, CHECK_IN, input={"customerId": one})
        assert got.data["checkIn"] == {"streak": 1, "points": 2, "replayed": replayed, "customer": {"id": one}, "userErrors": []}
    gone = encode("Customer", UUID("019a0000-0000-7000-8000-000000000000"))
    got = await run(admin, CHECK_IN, input={"customerId": gone})
    assert got.data["checkIn"]["userErrors"] == [{"field": ["input", "customerId"], "code": "NOT_FOUND"}]


async def test_a_friend_comes_by_a_code_and_both_are_seen(run: Run, admin: Actor) -> None:
    advocate, friend, third = [await person(admin) for _ in range(3)]
    got = await run(admin, PROGRAM, input={"minimumOrder": "20", "expireAfterDays": 30})
    assert got.data["referralProgramUpdate"]["referralProgram"] == {"minimumOrder": "20.00", "expireAfterDays": 30}
    assert (await run(admin, READ)).data["referralProgram"] == {"minimumOrder": "20.00", "expireAfterDays": 30}
    await run(admin, SAVE, input={"name": "Friends", "trigger": "REFERRAL_QUALIFIED", "fixed": 5})
    nodes = (await run(admin, OF_CUSTOMERS)).data["customers"]["nodes"]
    codes = {node["id"]: node["referralCode"] for node in nodes}
    assert len(set(codes.values())) == 3
    wish = {"customerId": encode("Customer", friend), "code": codes[encode("Customer", advocate)]}
    for _ in range(2):
        got = await run(admin, BIND, input=wish)
        assert got.data["referralBind"]["referral"] == {"state": "PENDING", "advocate": {"id": encode("Customer", advocate)}}
    got = await run(admin, BIND, input={**wish, "code": codes[encode("Customer", third)]})
    assert got.data["referralBind"] == {"referral": None, "userErrors": [{"field": ["input", "code"], "code": "CONFLICT"}]}
    await ordered(friend, 20)
    await referrals.qualify(WORKER, [friend])
    with database.counting() as few:
        got = await run(admin, OF_CUSTOMERS)
    found = {node["id"]: node["referrals"] for node in got.data["customers"]["nodes"]}[encode("Customer", advocate)]
    assert [(each["state"], each["friend"]["id"], each["qualifiedAt"] is not None) for each in found] == [
        ("REWARDED", encode("Customer", friend), True)
    ]
    await run(admin, BIND, input={**wish, "customerId": encode("Customer", third)})
    with database.counting() as more:
        got = await run(admin, OF_CUSTOMERS)
    assert got.errors == []
    assert len(few) == len(more), "whatever the number of referrals"
