"""Rewards and coupons as front ends and partners see them."""

from __future__ import annotations

from siyu.domain import points
from siyu.domain.kernel import database
from siyu.domain.points import PointsAward
from siyu.privacy.actor import Actor, Scope
from siyu.schema.relay import encode
from tests import actors
from tests.domain.coupons.issued import people
from tests.schema.conftest import Run

TEMPLATE = {"kind": "AMOUNT", "value": "10.00", "minimumSpend": {"amount": "50.00", "currency": "CNY"}, "validDays": 30}
ISSUE = """mutation ($input: CouponIssueInput!) { couponIssue(input: $input) {
  coupons { id code kind value minimumSpend { amount currency } state validUntil redeemedAt customer { id } }
  job { kind state } replayed userErrors { field code }
} }"""
REDEEM = "mutation ($input: CouponRedeemInput!) { couponRedeem(input: $input) { coupons { state } replayed userErrors { field code } } }"
REVOKE = "mutation ($input: CouponRevokeInput!) { couponRevoke(input: $input) { coupons { state } userErrors { field code } } }"
FIND = "query ($code: String!) { coupon(code: $code) { id code state customer { id } } }"
OF_CUSTOMERS = "query ($state: CouponState) { customers { nodes { id coupons(state: $state) { code state } } } }"
SAVE = """mutation ($input: RewardSaveInput!) { rewardSave(input: $input) {
  reward { id name kind cost stock perCustomerLimit segment { id } tier { id } } userErrors { field code }
} }"""
LIST = "query ($filter: RewardFilter) { rewards(filter: $filter) { totalCount nodes { name cost } } }"
GET = """mutation ($input: RewardRedeemInput!) { rewardRedeem(input: $input) {
  account { balance } entry { kind points } coupon { code state } replayed userErrors { field code }
} }"""


async def test_coupons_from_issue_to_redemption(run: Run, admin: Actor) -> None:
    ada, eve = [encode("Customer", each) for each in await people(admin, 2)]
    wish = {"template": TEMPLATE, "customerIds": [ada, eve], "idempotencyKey": "spring"}
    got = await run(admin, ISSUE, input=wish)
    assert got.errors == []
    done = got.data["couponIssue"]
    assert (done["job"], done["replayed"], done["userErrors"]) == (None, False, [])
    first, second = done["coupons"]
    assert [each["customer"]["id"] for each in (first, second)] == [ada, eve]
    assert (first["value"], first["minimumSpend"], first["state"]) == ("10.00", {"amount": "50.00", "currency": "CNY"}, "ISSUED")
    again = (await run(admin, ISSUE, input=wish)).data["couponIssue"]
    assert (again["replayed"], {each["code"] for each in again["coupons"]}) == (True, {first["code"], second["code"]})
    got = await run(admin, FIND, code=first["code"].lower())
    assert (got.errors, got.data["coupon"]["customer"]["id"]) == ([], ada)
    assert (await run(admin, FIND, code="nothing")).data == {"coupon": None}
    with database.counting() as count:
        got = await run(admin, OF_CUSTOMERS)
    assert {node["id"]: [each["code"] for each in node["coupons"]] for node in got.data["customers"]["nodes"]} == {
        ada: [first["code"]], eve: [second["code"]],
    }  # fmt: skip
    assert sum("coupons" in sql for sql in count.sent) <= 1
    till = {"code": first["code"], "spend": {"amount": "49.99", "currency": "CNY"}, "idempotencyKey": "till"}
    got = await run(admin, REDEEM, input=till)
    assert got.data["couponRedeem"]["userErrors"] == [{"field": ["input", "spend", "amount"], "code": "INVALID"}]
    till["spend"] = {"amount": "50.00", "currency": "CNY"}
    for replayed in (False, True):
        got = await run(admin, REDEEM, input=till)
        assert got.data["couponRedeem"] == {"coupons": [{"state": "REDEEMED"}], "replayed": replayed, "userErrors": []}
    got = await run(admin, REVOKE, input={"code": second["code"], "reason": "Sent by mistake"})
    assert got.data["couponRevoke"] == {"coupons": [{"state": "REVOKED"}], "userErrors": []}
    got = await run(admin, OF_CUSTOMERS, state="ISSUED")
    assert (got.errors, [node["coupons"] for node in got.data["customers"]["nodes"]]) == ([], [[], []])


async def test_whoever_may_not_read_coupons_sees_none(run: Run, admin: Actor) -> None:
    (ada,) = [encode("Customer", each) for each in await people(admin, 1)]
    wish = {"template": TEMPLATE, "customerIds": [ada], "idempotencyKey": "spring"}
    code = (await run(admin, ISSUE, input=wish)).data["couponIssue"]["coupons"][0]["code"]
    partner = actors.holder(Scope.CUSTOMERS_READ, Scope.COUPONS_REDEEM)
    assert (await run(partner, FIND, code=code)).codes == ["FORBIDDEN"]
    assert (await run(partner, ISSUE, input=wish)).codes == ["FORBIDDEN"]
    till = "mutation ($input: CouponRedeemInput!) { couponRedeem(input: $input) { replayed userErrors { code } } }"
    spend = {"amount": "60.00", "currency": "CNY"}
    got = await run(partner, till, input={"code": code, "spend": spend, "idempotencyKey": "till"})
    assert (got.errors, got.data["couponRedeem"]) == ([], {"replayed": False, "userErrors": []})
    elsewhere = actors.holder(Scope.COUPONS_READ, purpose="marketing")
    got = await run(elsewhere, FIND, code=code)
    assert (got.errors, got.data) == ([], {"coupon": None}), "who did not consent is not found"


async def test_gifts_are_saved_and_listed(run: Run, admin: Actor) -> None:
    save = "mutation ($input: CouponGiftSaveInput!) { couponGiftSave(input: $input) { gift { id } userErrors { field code } } }"
    wish = {"name": "Cake", "occasion": "BIRTHDAY", "daysBefore": 7, "coupon": TEMPLATE}
    got = await run(admin, save, input=wish)
    assert (got.errors, got.data["couponGiftSave"]["userErrors"]) == ([], [])
    change = {**wish, "id": got.data["couponGiftSave"]["gift"]["id"], "active": False}
    assert (await run(admin, save, input=change)).data["couponGiftSave"]["userErrors"] == []
    got = await run(admin, save, input=wish)
    assert got.data["couponGiftSave"] == {"gift": None, "userErrors": [{"field": ["input", "name"], "code": "TAKEN"}]}
    got = await run(admin, "{ couponGifts { name occasion daysBefore active kind value minimumSpend { amount } validDays tier { id } } }")
    assert (got.errors, got.data["couponGifts"]) == ([], [{
        "name": "Cake", "occasion": "BIRTHDAY", "daysBefore": 7, "active": False, "kind": "AMOUNT", "value": "10.00",
        "minimumSpend": {"amount": "50.00"}, "validDays": 30, "tier": None,
    }])  # fmt: skip
    assert (await run(actors.holder(Scope.COUPONS_READ), save, input=wish)).codes == ["FORBIDDEN"]


async def test_rewards_from_making_to_redemption(run: Run, admin: Actor) -> None:
    (ada,) = await people(admin, 1)
    await points.award(admin, PointsAward(customer_id=ada, points=500, reason="test", idempotency_key="rich"))
    got = await run(admin, SAVE, input={"name": "Ten off", "kind": "COUPON", "cost": 500, "stock": 2, "coupon": TEMPLATE})
    assert got.errors == []
    reward = got.data["rewardSave"]["reward"]
    assert {**reward, "id": None} == {
        "id": None, "name": "Ten off", "kind": "COUPON", "cost": 500, "stock": 2, "perCustomerLimit": None, "segment": None, "tier": None,
    }  # fmt: skip
    got = await run(admin, SAVE, input={"name": "Mug", "kind": "GIFT", "cost": 501})
    assert got.data["rewardSave"]["userErrors"] == []
    got = await run(admin, SAVE, input={"name": "Old", "kind": "SERVICE", "cost": 1, "activeUntil": "2020-01-01T00:00:00Z"})
    assert got.data["rewardSave"]["userErrors"] == []
    customer = encode("Customer", ada)
    for filter, names in (
        (None, ["Old", "Ten off", "Mug"]),
        ({"activeOnly": True}, ["Ten off", "Mug"]),
        ({"kind": "GIFT"}, ["Mug"]),
        ({"affordableFor": customer, "activeOnly": True}, ["Ten off"]),
    ):
        got = await run(admin, LIST, filter=filter)
        assert (got.errors, [node["name"] for node in got.data["rewards"]["nodes"]]) == ([], names)
    assert (await run(actors.holder(Scope.REWARDS_READ), LIST, filter={"affordableFor": customer})).codes == ["FORBIDDEN"]
    wish = {"rewardId": reward["id"], "customerId": customer, "idempotencyKey": "till"}
    for replayed in (False, True):
        got = await run(admin, GET, input=wish)
        assert (got.errors, got.data["rewardRedeem"]["userErrors"]) == ([], [])
        assert got.data["rewardRedeem"]["account"] == {"balance": 0}
        assert got.data["rewardRedeem"]["entry"]["kind"] == "REDEEM"
        assert (got.data["rewardRedeem"]["coupon"]["state"], got.data["rewardRedeem"]["replayed"]) == ("ISSUED", replayed)
    got = await run(admin, GET, input={**wish, "idempotencyKey": "more"})
    assert got.data["rewardRedeem"]["userErrors"] == [{"field": ["input", "customerId"], "code": "INSUFFICIENT_POINTS"}]
