"""Points as front ends and partners see them."""

from __future__ import annotations

from datetime import timedelta

from siyu.domain.kernel import clock, database
from siyu.domain.points.tables import PointsEntry
from siyu.privacy.actor import Actor, Scope
from siyu.schema.relay import encode
from tests import actors
from tests.domain.points.awarded import award, redeem
from tests.domain.tags.tagged import people
from tests.schema.conftest import Run

PAYLOAD = """{ account { id balance pending lifetimeEarned }
  entry { id kind points change balanceAfter reason source reverses { id kind } } replayed userErrors { field code } }"""
AWARD = f"mutation ($input: PointsAwardInput!) {{ pointsAward(input: $input) {PAYLOAD} }}"
REDEEM = f"mutation ($input: PointsRedeemInput!) {{ pointsRedeem(input: $input) {PAYLOAD} }}"
ADJUST = f"mutation ($input: PointsAdjustInput!) {{ pointsAdjust(input: $input) {PAYLOAD} }}"
REVERSE = f"mutation ($input: PointsReverseInput!) {{ pointsReverse(input: $input) {PAYLOAD} }}"
TRANSFER = f"mutation ($input: PointsTransferInput!) {{ pointsTransfer(input: $input) {PAYLOAD} }}"
ACCOUNTS = """{ customers { nodes { id points { id balance pending lifetimeEarned expiring(withinDays: 7)
  nextExpiry { points expiresAt } tier { code } tierSince nextTier { remaining tier { code } }
  entries(first: 2) { totalCount nodes { kind points } } } } } }"""
NODE = "query ($id: ID!) { node(id: $id) { id ... on PointsAccount { balance } ... on PointsEntry { points } } }"
PROGRAM = """{ pointsProgram { name expireAfterDays pendingDays negativeBalance earningRules { id }
  liability { outstanding pending expiringIn30Days issued redeemed expired months { month issued owed } } } }"""
UPDATE = """mutation ($input: PointsProgramUpdateInput!) { pointsProgramUpdate(input: $input) {
  pointsProgram { name expireAfterDays pendingDays negativeBalance } userErrors { field code } } }"""


async def test_points_come_and_go(run: Run, admin: Actor) -> None:
    ada, eve = [encode("Customer", each) for each in await people(admin, 2)]
    wish = {"customerId": ada, "points": 50, "reason": "Thank you", "idempotencyKey": "k1"}
    got = await run(admin, AWARD, input=wish)
    assert got.errors == []
    done = got.data["pointsAward"]
    assert (done["account"]["balance"], done["entry"]["reason"], done["entry"]["source"], done["replayed"]) == (
        50,
        "Thank you",
        "award",
        False,
    )
    again = (await run(admin, AWARD, input=wish)).data["pointsAward"]
    assert again == {**done, "replayed": True}
    got = await run(admin, AWARD, input={**wish, "points": 51})
    assert got.data["pointsAward"]["userErrors"] == [{"field": ["input", "idempotencyKey"], "code": "CONFLICT"}]
    for mutation, name, points, code in (
        (REDEEM, "pointsRedeem", 51, "INSUFFICIENT_POINTS"), (REDEEM, "pointsRedeem", 20, None), (ADJUST, "pointsAdjust", -5, None),
    ):  # fmt: skip
        wish = {"customerId": ada, "points": points, "reason": "A mug", "idempotencyKey": f"{name} {points}"}
        spent = (await run(admin, mutation, input=wish)).data[name]
        assert [each["code"] for each in spent["userErrors"]] == ([code] if code else [])
    assert spent["account"]["balance"] == 25
    entry = {"entryId": done["entry"]["id"], "reason": "By mistake", "idempotencyKey": "r"}
    back = (await run(admin, REVERSE, input=entry)).data["pointsReverse"]
    assert (back["account"]["balance"], back["entry"]["reverses"]) == (-25, {"id": done["entry"]["id"], "kind": "EARN"})
    again = (await run(admin, REVERSE, input={**entry, "idempotencyKey": "r2"})).data["pointsReverse"]
    assert again["userErrors"] == [{"field": ["input", "entryId"], "code": "WRONG_STATE"}]
    moved = {"fromCustomerId": eve, "toCustomerId": ada, "points": 1, "reason": "A gift", "idempotencyKey": "t"}
    again = (await run(admin, TRANSFER, input=moved)).data["pointsTransfer"]
    assert again["userErrors"] == [{"field": ["input", "points"], "code": "INSUFFICIENT_POINTS"}]
    for key in (done["entry"]["id"], done["account"]["id"]):
        assert (await run(admin, NODE, id=key)).data["node"]["id"] == key


async def test_accounts_are_read_a_page_at_a_time(run: Run, admin: Actor) -> None:
    keys = await people(admin, 3)
    counts = []
    await run(admin, ACCOUNTS)
    for number, key in enumerate(keys[:2]):
        await award(admin, key, 10, expires_at=clock.now() + timedelta(days=3))
        await award(admin, key, 20)
        await redeem(admin, key, 5 + number)
        with database.counting() as count:
            got = await run(admin, ACCOUNTS)
        counts.append(len(count))
    assert counts[1] == counts[0] <= 6
    assert got.errors == []
    accounts = {each["id"]: each["points"] for each in got.data["customers"]["nodes"]}
    mine, none = accounts[encode("Customer", keys[1])], accounts[encode("Customer", keys[2])]
    assert (mine["balance"], mine["lifetimeEarned"], mine["expiring"], mine["nextExpiry"]["points"]) == (24, 30, 4, 4)
    assert mine["entries"] == {"totalCount": 3, "nodes": [{"kind": "REDEEM", "points": -6}, {"kind": "EARN", "points": 20}]}
    assert (none["balance"], none["expiring"], none["nextExpiry"], none["nextTier"], none["entries"]["nodes"]) == (0, 0, None, None, [])


async def test_who_may_not_is_told(run: Run, admin: Actor) -> None:
    (ada,) = await people(admin, 1)
    await award(admin, ada, 10)
    partner = actors.holder(Scope.CUSTOMERS_READ)
    wish = {"customerId": encode("Customer", ada), "points": 1, "reason": "x", "idempotencyKey": "k"}
    for mutation in (AWARD, REDEEM, ADJUST):
        got = await run(partner, mutation, input=wish)
        assert got.errors[0]["extensions"]["code"] == "FORBIDDEN"
    assert (await run(partner, PROGRAM)).errors[0]["extensions"]["code"] == "FORBIDDEN"
    assert (await run(partner, UPDATE, input={"name": "x"})).errors[0]["extensions"]["code"] == "FORBIDDEN"
    assert await PointsEntry.all().count() == 1


async def test_the_program_and_what_is_owed(run: Run, admin: Actor) -> None:
    (ada,) = await people(admin, 1)
    got = await run(admin, UPDATE, input={"name": " Stars ", "expireAfterDays": 365, "negativeBalance": "FORBID"})
    program = {"name": "Stars", "expireAfterDays": 365, "pendingDays": 0, "negativeBalance": "FORBID"}
    assert got.data["pointsProgramUpdate"] == {"pointsProgram": program, "userErrors": []}
    got = await run(admin, UPDATE, input={"name": "", "pendingDays": -1})
    assert [each["code"] for each in got.data["pointsProgramUpdate"]["userErrors"]] == ["BLANK", "INVALID"]
    await award(admin, ada, 10)
    got = await run(admin, PROGRAM)
    assert got.errors == []
    owed = got.data["pointsProgram"]["liability"]
    assert (owed["outstanding"], owed["issued"], owed["months"][-1]["owed"], len(owed["months"])) == (10, 10, 10, 12)
    assert {key: got.data["pointsProgram"][key] for key in program} == program
