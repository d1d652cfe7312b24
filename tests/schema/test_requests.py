"""Data requests through the schema."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine

from siyu.domain import customers, requests, staff
from siyu.domain.customers import CustomerCreate
from siyu.domain.kernel import clock, database
from siyu.domain.kernel.boot import House
from siyu.domain.requests.tables import DataRequest
from siyu.privacy.actor import Actor, Purpose, Role, Scope
from siyu.schema.relay import decode, encode
from tests import actors
from tests.schema.conftest import Run

WORKER = Actor.worker("data-requests", Scope.DATA_REQUESTS_RUN, Scope.JOBS_RUN, Scope.CUSTOMERS_IMPORT, purpose=Purpose.COMPLIANCE)

OPEN = """mutation ($input: DataRequestOpenInput!) { dataRequestOpen(input: $input) {
  dataRequest { id number kind state jurisdiction overdue subjectPseudonym customer { id }
    plan { store action rows done } history { state actor } export { sha256 } }
  userErrors { field code message } } }"""
APPROVE = """mutation ($input: DataRequestApproveInput!) { dataRequestApprove(input: $input) {
  dataRequest { state approvals { by { name } note at } } userErrors { field code } } }"""
WITHDRAW = (
    "mutation ($input: DataRequestWithdrawInput!) { dataRequestWithdraw(input: $input) { dataRequest { state } userErrors { code } } }"
)
DOWNLOAD = """mutation ($input: DataRequestDownloadInput!) { dataRequestDownload(input: $input) {
  url passphrase expiresAt userErrors { field code } } }"""
PAGE = """query ($first: Int, $after: String, $filter: DataRequestFilter) { dataRequests(first: $first, after: $after, filter: $filter) {
  totalCount pageInfo { hasNextPage endCursor }
  nodes { id kind state overdue customer { id } approvals { by { name } } plan { store } history { state at } export { sizeBytes } } } }"""


async def officer(email: str) -> Actor:
    boss = Actor.worker("test", Scope.STAFF_WRITE, Scope.STAFF_READ)
    await staff.add(boss, email=email, name=email.split("@")[0], role=Role.COMPLIANCE_OFFICER, password="correct horse battery")
    return await staff.acting(boss, email=email)


@pytest.fixture
async def ada(house: House) -> Actor:
    return await officer("ada@example.com")


@pytest.fixture
async def bob(house: House) -> Actor:
    return await officer("bob@example.com")


async def customer(admin: Actor, phone: str = "13800001111") -> str:
    return encode("Customer", await customers.create(admin, CustomerCreate(phone=phone, display_name="王芳")))


async def opened(run: Run, actor: Actor, customer_id: str, kind: str = "EXPORT") -> str:
    got = await run(actor, OPEN, input={"kind": kind, "customerId": customer_id, "jurisdiction": "CN"})
    assert got.errors == []
    assert got.data["dataRequestOpen"]["userErrors"] == []
    found: str = got.data["dataRequestOpen"]["dataRequest"]["id"]
    return found


async def ran(request_id: str) -> None:
    await requests.run(WORKER, decode("DataRequest", request_id))


async def test_an_export_from_the_first_word_to_the_download(run: Run, admin: Actor, ada: Actor) -> None:
    made = await customer(admin)
    wish = {"kind": "EXPORT", "identity": {"kind": "PHONE", "value": "+86 138 0000 1111"}, "jurisdiction": "EU", "channel": "email"}
    got = await run(ada, OPEN, input=wish)
    assert got.errors == []
    request = got.data["dataRequestOpen"]["dataRequest"]
    assert (request["kind"], request["state"], request["overdue"], request["export"]) == ("EXPORT", "SCHEDULED", False, None)
    assert request["customer"] == {"id": made}
    assert request["history"] == [{"state": "SCHEDULED", "actor": "ada"}]
    assert {"store": "customers", "action": "EXPORT", "rows": 1, "done": False} in request["plan"]
    await ran(request["id"])
    got = await run(ada, DOWNLOAD, input={"id": request["id"]})
    assert got.errors == []
    handed = got.data["dataRequestDownload"]
    assert handed["userErrors"] == []
    assert "/downloads/siyu_d" in handed["url"]
    assert len(handed["passphrase"]) == 39
    again = (await run(ada, DOWNLOAD, input={"id": request["id"]})).data["dataRequestDownload"]
    assert again == {"url": None, "passphrase": None, "expiresAt": None, "userErrors": [{"field": ["input", "id"], "code": "WRONG_STATE"}]}
    document = "query ($id: ID!) { dataRequest(id: $id) { state export { sizeBytes downloads expiresAt } } }"
    shown = (await run(ada, document, id=request["id"])).data["dataRequest"]
    assert (shown["state"], shown["export"]["downloads"], shown["export"]["expiresAt"]) == ("COMPLETED", 1, handed["expiresAt"])


async def test_an_erasure_takes_two_people(run: Run, admin: Actor, ada: Actor, bob: Actor) -> None:
    made = await customer(admin)
    request = await opened(run, ada, made, "ERASURE")
    alone = (await run(ada, APPROVE, input={"id": request})).data["dataRequestApprove"]
    assert alone == {"dataRequest": None, "userErrors": [{"field": ["input", "id"], "code": "SECOND_PERSON_REQUIRED"}]}
    both = await run(bob, APPROVE, input={"id": request, "note": "checked"})
    assert both.errors == []
    found = both.data["dataRequestApprove"]["dataRequest"]
    assert (found["state"], found["approvals"][0]["by"], found["approvals"][0]["note"]) == ("SCHEDULED", {"name": "bob"}, "checked")
    await ran(request)
    document = (
        "query ($id: ID!) { dataRequest(id: $id) { state customer { id } subjectPseudonym approvals { by { name } note } plan { done } } }"
    )
    shown = (await run(ada, document, id=request)).data["dataRequest"]
    assert (shown["state"], shown["customer"], len(shown["subjectPseudonym"])) == ("COMPLETED", None, 32)
    assert shown["approvals"] == [{"by": {"name": "bob"}, "note": None}]
    assert all(step["done"] for step in shown["plan"])
    gone = await run(ada, "query ($id: ID!) { customer(id: $id) { id } }", id=made)
    assert gone.data == {"customer": None}


async def test_a_request_is_taken_back_once(run: Run, admin: Actor, ada: Actor) -> None:
    request = await opened(run, ada, await customer(admin), "ERASURE")
    first = (await run(ada, WITHDRAW, input={"id": request, "reason": "they called"})).data["dataRequestWithdraw"]
    assert first == {"dataRequest": {"state": "WITHDRAWN"}, "userErrors": []}
    again = (await run(ada, WITHDRAW, input={"id": request})).data["dataRequestWithdraw"]
    assert again == {"dataRequest": None, "userErrors": [{"code": "WRONG_STATE"}]}


async def test_without_the_scope_nothing_is_opened_read_or_changed(run: Run, admin: Actor, ada: Actor) -> None:
    made = await customer(admin)
    request = await opened(run, ada, made, "ERASURE")
    stranger = actors.staff(Role.SERVICE)
    for document, given in (
        (OPEN, {"kind": "EXPORT", "customerId": made, "jurisdiction": "CN"}),
        (APPROVE, {"id": request}),
        (WITHDRAW, {"id": request}),
        (DOWNLOAD, {"id": request}),
    ):
        assert (await run(stranger, document, input=given)).codes == ["FORBIDDEN"]
    assert (await run(stranger, PAGE)).codes == ["FORBIDDEN"]
    assert [row.state.value for row in await DataRequest.all()] == ["AWAITING_APPROVAL"]
    seen = await run(stranger, "query ($id: ID!) { customer(id: $id) { dataRequests { id } } }", id=made)
    assert seen.codes == ["FORBIDDEN"]


async def test_a_customers_requests_hang_below_them(run: Run, admin: Actor, ada: Actor) -> None:
    made = await customer(admin)
    first, second = await opened(run, ada, made), await opened(run, ada, made, "ERASURE")
    got = await run(ada, "query ($id: ID!) { customer(id: $id) { dataRequests { id kind customer { id } } } }", id=made)
    assert got.errors == []
    assert got.data["customer"]["dataRequests"] == [
        {"id": second, "kind": "ERASURE", "customer": {"id": made}},
        {"id": first, "kind": "EXPORT", "customer": {"id": made}},
    ]


async def test_pages_and_filters(run: Run, admin: Actor, ada: Actor) -> None:
    one, two = await customer(admin), await customer(admin, "13800002222")
    export, erasure, other = await opened(run, ada, one), await opened(run, ada, one, "ERASURE"), await opened(run, ada, two)
    await run(ada, WITHDRAW, input={"id": other})

    async def found(**given: object) -> list[str]:
        got = await run(ada, PAGE, filter=given)
        assert got.errors == []
        return [node["id"] for node in got.data["dataRequests"]["nodes"]]

    assert await found() == [other, erasure, export]
    assert await found(kind=["ERASURE"]) == [erasure]
    assert await found(state=["WITHDRAWN"]) == [other]
    assert await found(customer=one, kind=["EXPORT"]) == [export]
    assert await found(overdue=True) == []
    assert await found(overdue=False) == [other, erasure, export]
    assert await found(dueBefore=(clock.now() + timedelta(days=60)).isoformat()) == [other, erasure, export]
    assert await found(dueBefore=clock.now().isoformat()) == []
    with time_machine.travel(clock.now() + timedelta(days=60), tick=False):
        assert await found(overdue=True) == [erasure, export]
        assert await found(overdue=False) == [other]
    first = (await run(ada, PAGE, first=2)).data["dataRequests"]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (3, True)
    rest = (await run(ada, PAGE, first=2, after=first["pageInfo"]["endCursor"])).data["dataRequests"]
    assert [node["id"] for node in [*first["nodes"], *rest["nodes"]]] == [other, erasure, export]


@pytest.mark.parametrize("size", [2, 7])
async def test_a_page_costs_the_same_statements_whatever_its_size(run: Run, admin: Actor, ada: Actor, bob: Actor, size: int) -> None:
    for n in range(size):
        request = await opened(run, ada, await customer(admin, f"1380000{n:04d}"), "ERASURE")
        await run(bob, APPROVE, input={"id": request})
    await run(ada, PAGE)
    with database.counting() as count:
        got = await run(ada, PAGE, first=50)
    assert got.errors == []
    tables = ("data_requests", "customers", "data_request_approvals", "staff", "data_request_steps", "data_request_events")
    reads = [sql for sql in count.statements if any(f"from {table} " in sql for table in tables)]
    assert len(reads) == 7, "the page, its count, and one for each of the five relations"


async def test_a_wrong_id_is_refused_by_its_field(run: Run, ada: Actor) -> None:
    got = await run(ada, APPROVE, input={"id": encode("Customer", UUID(int=1))})
    assert got.data["dataRequestApprove"]["userErrors"] == [{"field": ["input", "id"], "code": "INVALID"}]
    got = await run(ada, APPROVE, input={"id": encode("DataRequest", UUID(int=1))})
    assert got.data["dataRequestApprove"]["userErrors"] == [{"field": ["input", "id"], "code": "NOT_FOUND"}]


async def test_the_approver_is_shown_to_those_who_may_see_staff(run: Run, admin: Actor, ada: Actor, bob: Actor) -> None:
    request = await opened(run, ada, await customer(admin), "ERASURE")
    narrow = replace(bob, scopes=bob.scopes - {Scope.STAFF_READ})
    got = await run(narrow, APPROVE, input={"id": request})
    assert got.codes == ["FORBIDDEN"]
    assert (await DataRequest.get(id=decode("DataRequest", request))).state.value == "SCHEDULED"
