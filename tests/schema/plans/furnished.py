"""A house with some of everything that can be read, and what the generator's marks stand for in it."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from siyu.domain import attributes, customers, events, imports, notes, requests, staff, tokens
from siyu.domain.attributes import AttributeDefine, AttributeGiven, AttributeType
from siyu.domain.customers import CustomerUpdate
from siyu.domain.events import EventDefine, EventPropertyGiven, EventRow
from siyu.domain.imports.tables import Import, ImportKind
from siyu.domain.kernel import clock, ids
from siyu.domain.notes import NoteAdd
from siyu.domain.orders.tables import Order
from siyu.domain.requests import DataRequestApprove, DataRequestKind, DataRequestOpen, Jurisdiction, StepAction
from siyu.domain.requests.tables import DataRequest, DataRequestStep
from siyu.domain.tokens import AccessTokenCreateInput
from siyu.domain.work.tables import Work, WorkState
from siyu.privacy.actor import Actor, Role, Scope
from siyu.schema.context import Context
from siyu.schema.relay import encode
from tests import actors
from tests.schema.conftest import schema
from tests.schema.plans.marked import mark
from tests.schema.plans.people import People, populate
from tests.schema.plans.spoken import ORDERS

NESTED = """{
  customers(sort: CREATED_AT_ASC) {
    nodes { createdAt identities { id } orders { edges { cursor node { id } } } notes { edges { cursor node { id } } }
      events { edges { cursor node { id } } } timeline { edges { cursor node { id } } } }
  }
  staff { edges { cursor node { id } } }
  accessTokens { edges { cursor node { id } } }
  dataRequests { edges { cursor node { id } } }
}"""


async def furnish(admin: Actor) -> dict[str, str]:
    """Fill the house; the marks, by name."""
    people = await populate(admin)
    member = await staff.add(
        actors.worker(Scope.STAFF_WRITE),
        name="Han Meimei",
        email="han@example.com",
        role=Role.ADMIN,
        password="correct horse battery staple",
    )
    at_work = replace(admin, id=member.id)
    await _attributes(at_work, people)
    await notes.add(at_work, NoteAdd(customer_id=people.keys[0], body="By somebody who is there."))
    await Order.filter(external_id="E1").update(refunded_e4=50_000, status="PARTLY_REFUNDED")
    await tokens.create(
        at_work,
        AccessTokenCreateInput(
            name="Till", partner="Shop", scopes=(Scope.CUSTOMERS_READ,), purpose="service", expires_at=clock.now() + timedelta(days=9)
        ),
    )
    await _events(admin, people)
    await _requests(at_work, people)
    job = Work(kind="import", opened_by="test", total=3, done=1, state=WorkState.RUNNING, started_at=clock.now())
    await job.save(force_create=True)
    imported = Import(
        work_id=job.id, upload_id=ids.uuid7(), sha256="0" * 64, kind=ImportKind.CUSTOMERS, filename="a.csv", mapping={}, match_on=[],
        mode=imports.ImportMode.UPSERT, read=2, created=1, rejected=1,
    )  # fmt: skip
    await imported.save(force_create=True)
    marked = await mark(people)
    return {**await _marks(admin, people), **marked, "Import0": encode("Import", imported.id), "Job0": encode("Job", job.id)}


async def _attributes(admin: Actor, people: People) -> None:
    types = {
        "size": AttributeType.CHOICE,
        "likes": AttributeType.MULTI_CHOICE,
        "vip": AttributeType.BOOLEAN,
        "height": AttributeType.NUMBER,
    }
    for key, type_ in types.items():
        choices = ["S", "大"] if "CHOICE" in type_ else None
        await attributes.define(admin, AttributeDefine(key=key, title=key, type=type_, personal=False, choices=choices))
    given = {"size": "大", "likes": ["S", "大"], "vip": False, "height": 1.5}
    values = [AttributeGiven(key=key, value=value) for key, value in given.items()]
    await customers.update(admin, CustomerUpdate(id=people.keys[2], attributes=values))


async def _events(admin: Actor, people: People) -> None:
    """Events with properties of both kinds, with none, and with what is personal defined so."""
    await events.define(admin, EventDefine(name="viewed", title="看过", properties=[EventPropertyGiven(name="nick", personal=True)]))
    given: list[dict[str, object]] = [
        {"sku": "S", "to": [{"phone": "13800001111"}, 1.5]},
        {},
        {"nick": "Lily", "深": {"a": None}},
        {"13800001111": 1},
    ]
    rows = [
        EventRow(
            customer_id=people.keys[n % 3], name=("viewed", "clicked")[n % 2], occurred_at=clock.now() - timedelta(days=n), key=f"k{n}",
            properties=given[n % 4], channel=(None, "app")[n % 2],
        )
        for n in range(9)
    ]  # fmt: skip
    assert (await events.record(admin, rows)).accepted == len(rows)


async def _requests(officer: Actor, people: People) -> None:
    """An export with its archive, and an erasure that somebody agreed to."""
    exported = await requests.open(
        officer, DataRequestOpen(kind=DataRequestKind.EXPORT, customer_id=people.keys[0], jurisdiction=Jurisdiction.CN)
    )
    await DataRequest.filter(id=exported).update(export_bytes=2**40, export_sha256="f" * 64, export_expires_at=clock.now())
    kept = {"action": StepAction.RETAIN, "ground": "Art. 19", "until": date(2029, 2, 28), "rows": 2, "done": True}
    await DataRequestStep.filter(request_id=exported, store="orders").update(**kept)
    erased = await requests.open(
        officer, DataRequestOpen(kind=DataRequestKind.ERASURE, customer_id=people.keys[1], jurisdiction=Jurisdiction.EU)
    )
    second = await staff.add(
        actors.worker(Scope.STAFF_WRITE), name="Jim", email="jim@example.com", role=Role.ADMIN, password="correct horse battery staple"
    )
    await requests.approve(replace(officer, id=second.id), DataRequestApprove(id=erased, note="seen"))


async def _marks(admin: Actor, people: People) -> dict[str, str]:
    marks = {f"Customer{n}": text for n, text in enumerate(people.ids)}
    marks["CustomerShouted"] = b64encode(b64decode(people.ids[1]).upper().replace(b"CUSTOMER", b"Customer")).decode()
    marks["CustomerGone"] = encode("Customer", UUID(int=7))
    marks["Purpose0"] = encode("Purpose", people.keys[0])
    for order in ORDERS:
        found = await _asked(admin, f"{{ customers(sort: {order}) {{ edges {{ cursor }} }} }}")
        marks.update({f"{order}{n}": edge["cursor"] for n, edge in enumerate(found["customers"]["edges"])})
    found = await _asked(admin, NESTED)
    first = found["customers"]["nodes"][0]
    pages = {
        "orders": first["orders"],
        "notes": first["notes"],
        "events": first["events"],
        "timeline": first["timeline"],
        **{name: found[name] for name in ("staff", "accessTokens", "dataRequests")},
    }
    nouns = {
        "orders": "Order",
        "notes": "Note",
        "events": "Event",
        "staff": "Staff",
        "accessTokens": "AccessToken",
        "dataRequests": "DataRequest",
    }
    for name, page in pages.items():
        for n, edge in enumerate(page["edges"]):
            marks[f"{name}{n}"] = edge["cursor"]
            if name in nouns:
                marks[f"{nouns[name]}{n}"] = edge["node"]["id"]
    marks["Identity0"] = first["identities"][0]["id"]
    marks["made2"] = found["customers"]["nodes"][2]["createdAt"]
    return marks


async def _asked(admin: Actor, text: str) -> Any:  # what GraphQL answers
    got = await schema().execute(text, context_value=Context(caller=admin, correlation="marks"))
    assert not got.errors, got.errors
    return got.data
