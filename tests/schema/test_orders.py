"""Orders, products and rates as front ends and integrators see them."""

from __future__ import annotations

from typing import Any

from siyu.domain import orders
from siyu.domain.kernel import database
from siyu.domain.kernel.boot import House
from siyu.domain.orders.tables import Order
from siyu.privacy.actor import Actor, Scope
from tests import actors
from tests.schema.conftest import Run

RECORD = """mutation ($input: OrdersRecordInput!) {
  ordersRecord(input: $input) { recorded updated duplicates late userErrors { field code } }
}"""
REFUND = """mutation ($input: OrderRefundInput!) {
  orderRefund(input: $input) { userErrors { field code } order {
    status refundedTotal { amount } refunds { amount { amount currency } } convertedTotal { amount }
  } }
}"""
PRODUCTS = """mutation ($input: ProductsUpsertInput!) {
  productsUpsert(input: $input) { created updated unchanged userErrors { field code } }
}"""
RATES = "mutation ($input: ExchangeRatesSetInput!) { exchangeRatesSet(input: $input) { job { kind state } userErrors { field code } } }"
SUMMARY = """query { customers { nodes { orderSummary {
  count totalSpent { amount currency } averageOrderValue { amount }
  byCurrency { currency count totalSpent { amount } averageOrderValue { amount } unconverted { amount currency } }
} } } }"""


def order(number: int, amount: str = "10", currency: str = "CNY", **more: Any) -> dict[str, Any]:
    usual = {
        "externalId": f"E{number}", "customer": {"kind": "PHONE", "value": "13800001111"},
        "total": {"amount": amount, "currency": currency},
        "status": "PAID", "placedAt": f"2026-01-{number:02}T09:30:00+08:00",
    }  # fmt: skip
    return usual | more


async def record(run: Run, actor: Actor, *given: dict[str, Any]) -> Any:
    got = await run(actor, RECORD, input={"orders": list(given)})
    assert got.errors == []
    return got.data["ordersRecord"]


async def test_a_batch_says_what_became_of_each(run: Run, admin: Actor) -> None:
    first = await record(
        run, admin, order(1), order(2, "-1"), order(3, lines=[{"sku": "A", "quantity": 1, "unitPrice": {"amount": 1, "currency": "US"}}])
    )
    assert first == {
        "recorded": 1, "updated": 0, "duplicates": 0, "late": 0,
        "userErrors": [
            {"field": ["input", "orders", "1", "total", "amount"], "code": "INVALID"},
            {"field": ["input", "orders", "2", "lines", "0", "unitPrice", "currency"], "code": "INVALID"},
        ],
    }  # fmt: skip
    again = await record(run, admin, order(1), order(1, status="PLACED"), order(4))
    assert (again["recorded"], again["duplicates"], again["late"], again["userErrors"]) == (1, 1, 1, [])


async def test_a_refund_shows_the_order_as_it_is_now(run: Run, admin: Actor) -> None:
    await record(run, admin, order(1))
    which = (await run(admin, 'query { order(externalId: "E1") { id } }')).data["order"]["id"]
    wish = {"orderId": which, "amount": {"amount": "4.5", "currency": "CNY"}, "idempotencyKey": "k"}
    for _ in range(2):
        got = await run(admin, REFUND, input=wish)
        assert got.data["orderRefund"] == {
            "userErrors": [],
            "order": {
                "status": "PARTLY_REFUNDED", "refundedTotal": {"amount": "4.50"}, "convertedTotal": {"amount": "5.50"},
                "refunds": [{"amount": {"amount": "4.50", "currency": "CNY"}}],
            },
        }  # fmt: skip
    got = await run(admin, REFUND, input=wish | {"amount": {"amount": 1, "currency": "CNY"}})
    assert got.data["orderRefund"] == {"userErrors": [{"field": ["input", "idempotencyKey"], "code": "CONFLICT"}], "order": None}


async def test_a_refunded_order_was_paid_back_whoever_said_so(run: Run, admin: Actor) -> None:
    await record(run, admin, order(1, status="REFUNDED"))
    got = await run(admin, "query { orders { nodes { refundedTotal { amount } refunds { id } } } }")
    assert got.data["orders"]["nodes"] == [{"refundedTotal": {"amount": "10.00"}, "refunds": []}]


async def test_sums_by_currency_and_what_has_no_rate(run: Run, admin: Actor) -> None:
    await record(run, admin, order(1, "10"), order(2, "20"), order(3, "3", "USD"))
    got = await run(admin, SUMMARY)
    usd = {"currency": "USD", "count": 1, "totalSpent": {"amount": "3.00"}, "averageOrderValue": {"amount": "3.00"}}
    cny = {"currency": "CNY", "count": 2, "totalSpent": {"amount": "30.00"}, "averageOrderValue": {"amount": "15.00"}, "unconverted": None}
    assert got.errors == []
    assert got.data["customers"]["nodes"][0]["orderSummary"] == {
        "count": 3, "totalSpent": {"amount": "30.00", "currency": "CNY"}, "averageOrderValue": {"amount": "15.00"},
        "byCurrency": [cny, usd | {"unconverted": {"amount": "3.00", "currency": "USD"}}],
    }  # fmt: skip
    got = await run(admin, RATES, input={"rates": [{"currency": "USD", "rate": "7", "validFrom": "2026-01-01"}]})
    assert got.data["exchangeRatesSet"] == {"job": {"kind": "convert_orders", "state": "QUEUED"}, "userErrors": []}
    await orders.convert(actors.worker(Scope.JOBS_RUN))
    found = (await run(admin, SUMMARY)).data["customers"]["nodes"][0]["orderSummary"]
    assert (found["totalSpent"]["amount"], found["averageOrderValue"]["amount"], found["byCurrency"][1]) == (
        "51.00",
        "17.00",
        usd | {"unconverted": None},
    )
    got = await run(admin, "query { exchangeRates { nodes { currency base rate validFrom } } }")
    assert got.data["exchangeRates"]["nodes"] == [{"currency": "USD", "base": "CNY", "rate": "7", "validFrom": "2026-01-01"}]


async def test_whoever_never_ordered_has_spent_nothing_in_the_organisations_currency(run: Run, admin: Actor) -> None:
    await run(admin, 'mutation { customerCreate(input: { phone: "13800002222" }) { userErrors { code } } }')
    got = await run(admin, SUMMARY)
    assert got.data["customers"]["nodes"][0]["orderSummary"] == {
        "count": 0, "totalSpent": {"amount": "0.00", "currency": "CNY"}, "averageOrderValue": None, "byCurrency": [],
    }  # fmt: skip


async def test_lists_of_orders(run: Run, admin: Actor) -> None:
    await record(run, admin, order(1, channel="POS"), order(2, status="CANCELLED"), order(3, "5", "USD"))
    asked = """query ($filter: OrderFilter, $sort: OrderSort) {
      orders(filter: $filter, sort: $sort) { totalCount nodes { externalId customer { phone } } }
    }"""
    for filter_, expected in (
        (None, ["E3", "E2", "E1"]),
        ({"status": ["PAID"]}, ["E3", "E1"]),
        ({"channel": ["POS"]}, ["E1"]),
        ({"currency": ["USD"], "status": ["PAID"]}, ["E3"]),
        ({"placedAt": {"before": "2026-01-03T00:00:00+08:00"}}, ["E2", "E1"]),
        ({"not": {"externalId": ["E1"]}}, ["E3", "E2"]),
    ):
        with database.counting() as count:
            got = await run(admin, asked, filter=filter_)
        assert [node["externalId"] for node in got.data["orders"]["nodes"]] == expected
        assert got.data["orders"]["totalCount"] == len(expected)
        assert sum("from orders" in sql or "from customers" in sql for sql in count.sent) <= 3
    page = 'query { customers { nodes { orders(status: ["PAID"], channel: ["POS"]) { nodes { externalId } } } } }'
    assert (await run(admin, page)).data["customers"]["nodes"][0]["orders"]["nodes"] == [{"externalId": "E1"}]


async def test_products(run: Run, admin: Actor) -> None:
    wish = {
        "products": [
            {"sku": "A", "title": "Green tea", "tags": ["hot"], "price": {"amount": "9.9", "currency": "CNY"}},
            {"sku": "", "title": "x"},
        ]
    }
    got = await run(admin, PRODUCTS, input=wish)
    bad = {"field": ["input", "products", "1", "sku"], "code": "BLANK"}
    assert got.data["productsUpsert"] == {"created": 1, "updated": 0, "unchanged": 0, "userErrors": [bad]}
    shown = "sku title category tags price { amount currency }"
    got = await run(admin, f'query {{ product(sku: "A") {{ {shown} }} products(search: "gre") {{ totalCount nodes {{ {shown} }} }} }}')
    tea = {"sku": "A", "title": "Green tea", "category": None, "tags": ["hot"], "price": {"amount": "9.90", "currency": "CNY"}}
    assert got.data == {"product": tea, "products": {"totalCount": 1, "nodes": [tea]}}
    got = await run(admin, "query { product { sku } }")
    assert got.codes == ["INVALID"]


async def test_without_the_scopes_nothing_is_shown_or_done(house: House, run: Run) -> None:
    nobody = actors.holder(Scope.CUSTOMERS_READ)
    asked: tuple[tuple[str, dict[str, Any]], ...] = (
        (RECORD, {"orders": [order(1)]}),
        (PRODUCTS, {"products": []}),
        (RATES, {"rates": []}),
    )
    for document, wish in asked:
        assert (await run(nobody, document, input=wish)).codes == ["FORBIDDEN"]
    for text in (
        "orders { nodes { id } }",
        'order(externalId: "E1") { id }',
        "products { nodes { id } }",
        "exchangeRates { nodes { id } }",
    ):
        assert (await run(nobody, f"query {{ {text} }}")).codes == ["FORBIDDEN"], text
    assert await Order.all().count() == 0


async def test_a_purpose_that_reaches_nobody_finds_no_order(run: Run, admin: Actor) -> None:
    await record(run, admin, order(1))
    caller = actors.holder(Scope.ORDERS_READ, purpose="marketing")
    got = await run(caller, 'query { order(externalId: "E1") { id } orders { totalCount } }')
    assert got.data == {"order": None, "orders": {"totalCount": 0}}
