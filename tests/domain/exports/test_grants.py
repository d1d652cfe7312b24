"""Under whose grants a file is written: at the request, on every page, and when it is fetched."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest

from siyu.domain import customers, exports, files, staff, tokens, work
from siyu.domain.attributes import AttributeDefine, AttributeType, define
from siyu.domain.customers import CustomerCreate, CustomerFilter
from siyu.domain.exports import ExportFormat, ExportKind, Wish, running, storing
from siyu.domain.exports.fields import FIELDS_MAX
from siyu.domain.exports.tables import Export as Row
from siyu.domain.kernel import database
from siyu.domain.staff import StaffUpdateInput
from siyu.domain.tokens import AccessTokenRevokeInput
from siyu.domain.tokens.tables import AccessToken
from siyu.privacy import audit, consent
from siyu.privacy.actor import Actor, Role, Scope
from siyu.privacy.refusal import Code, Forbidden, NotFound, Refusal
from siyu.privacy.tables import AuditEvent
from tests import actors
from tests.domain.exports.conftest import JOB, Export, Holder, quietly

Ids = list[UUID]


@pytest.fixture
async def people(admin: Actor, boss: Actor, monkeypatch: pytest.MonkeyPatch) -> Ids:
    """Seven people, read two a page."""
    monkeypatch.setattr(running, "PAGE_MAX", 2)
    return [await customers.create(admin, CustomerCreate(display_name=f"N{n}", phone=f"1380000{n:04}", city="上海")) for n in range(7)]


def json(text: str | None) -> Any:
    """What a line of the audit trail holds as JSON."""
    return orjson.loads(text or "null")


def names(content: bytes) -> list[str]:
    return [orjson.loads(line)["displayName"] for line in content.splitlines()]


def wish(*fields: str, **more: object) -> Wish:
    return Wish(kind=ExportKind.CUSTOMERS, format=ExportFormat.JSONL, fields=fields, **more)  # type: ignore[arg-type]  # as the test says


def meanwhile(act: Callable[[], Awaitable[object]]) -> Callable[..., Awaitable[None]]:
    """Progress that does something once, after the first page."""
    done = False

    async def progress(read: int, total: int | None = None, message: str | None = None) -> None:
        nonlocal done
        if not done:
            done = True
            await act()

    return progress


async def test_without_a_scope_nothing_is_started(people: Ids, admin: Actor, token: Holder) -> None:
    await define(admin, AttributeDefine(key="motto", title="m", type=AttributeType.TEXT, personal=True))
    reader = await token(Scope.CUSTOMERS_READ, Scope.CUSTOMER_NAME_READ)
    for field, scope in (
        ("phone", "customer.phone:read"),
        ("address.line1", "customer.address:read"),
        ("orderSummary.count", "orders:read"),
        ("identities.PHONE", "customer.identity:read"),
        ("identities", "customer.identity:read"),
        ("attributes.motto", "customer.attributes:read"),
    ):
        with pytest.raises(Forbidden, match=scope) as refused:
            await exports.start(reader, wish("displayName", field))
        assert refused.value.path == ("input", "fields", "1")
    with pytest.raises(Forbidden, match=r"customer.location:read"):
        await exports.start(reader, wish("displayName", filter=CustomerFilter(city=["上海"])))
    with pytest.raises(Forbidden, match="orders:read"):
        await exports.start(reader, wish("displayName", sort="TOTAL_SPENT_DESC"))
    with pytest.raises(Forbidden, match="orders:read"):
        await exports.start(reader, Wish(kind=ExportKind.ORDERS, format=ExportFormat.CSV))
    with pytest.raises(Forbidden, match="customers:export"):
        await exports.start(actors.holder(Scope.CUSTOMERS_READ), wish("displayName"))
    with pytest.raises(Forbidden, match="somebody's"):
        await exports.start(actors.worker(Scope.CUSTOMERS_EXPORT, Scope.CUSTOMERS_READ), wish("id"))
    assert await Row.all().count() == 0


async def test_what_there_is_not_is_refused(people: Ids, boss: Actor) -> None:
    for given, code in (
        (("nothing",), Code.INVALID),
        (("owner",), Code.INVALID),
        (("attributes.unknown",), Code.INVALID),
        (("city", "city"), Code.INVALID),
        (tuple(f"f{n}" for n in range(FIELDS_MAX + 1)), Code.LIMIT_EXCEEDED),
    ):
        with pytest.raises(Refusal) as refused:
            await exports.start(boss, wish(*given))
        assert refused.value.code is code
    with pytest.raises(Refusal) as refused:
        await exports.start(boss, wish("id", filter=CustomerFilter(phone="12")))
    assert refused.value.path[:2] == ("input", "filter")


async def test_without_fields_all_plain_ones_that_may_be_seen(people: Ids, token: Holder, export: Export) -> None:
    reader = await token(Scope.CUSTOMERS_READ, Scope.CUSTOMER_NAME_READ)
    got = await export(actor=reader)
    held = orjson.loads(got.content.splitlines()[0])
    assert {"id", "displayName", "givenName", "locale", "createdAt", "restricted"} <= set(held)
    assert not {"phone", "email", "city", "gender", "birthday", "lastOrderedAt", "averageE4"} & set(held)


async def test_the_filter_and_the_order_hold(people: Ids, admin: Actor, boss: Actor, export: Export) -> None:
    await customers.create(admin, CustomerCreate(display_name="elsewhere", city="北京"))
    got = await export("displayName", filter=CustomerFilter(city=["上海"]), sort="CREATED_AT_DESC")
    assert names(got.content) == [f"N{n}" for n in reversed(range(7))]
    one = await export("displayName", filter=CustomerFilter(any=[CustomerFilter(phone="13800000003"), CustomerFilter(ids=[people[5]])]))
    assert names(one.content) == ["N3", "N5"]
    assert (await Row.get(id=one.id)).filter_sealed is None, "it named a person"


async def test_the_trail_tells_who_took_what_of_whom(people: Ids, boss: Actor, export: Export) -> None:
    got = await export("displayName", "phone")
    await audit.current().settle()
    lines = await AuditEvent.filter(request=str(got.id)).order_by("sequence")
    assert {(line.actor, line.purpose) for line in lines} == {(f"STAFF:{boss.id}", "service")}
    reads = [line for line in lines if line.action == "personal.read"]
    assert [json(line.fields_) for line in reads] == [["Customer.display_name", "Customer.phone"]] * 4
    told = {pseudonym for line in reads for pseudonym in json(line.subjects)}
    assert told == {audit.current().pseudonym(each) for each in people}
    started = await AuditEvent.get(action="export.started")
    assert json(started.fields_) == ["Customer.displayName", "Customer.phone"]
    assert json((await AuditEvent.get(action="export.finished")).detail)["rows"] == 7
    bare = await export("id", "createdAt")
    pages = await AuditEvent.filter(request=str(bare.id), action="personal.read")
    assert sum(len(json(line.subjects)) for line in pages) == 7, "ids are people as well"
    assert await audit.verify() == []


async def test_consent_decides_each_page_anew(people: Ids, admin: Actor, token: Holder, tmp_path: Path) -> None:
    for each in people[:6]:
        await consent.record(admin, each, "marketing", granted=True, channel="test")
    marketer = await token(Scope.CUSTOMERS_READ, Scope.CUSTOMER_NAME_READ, purpose="marketing")
    export_id = await exports.start(marketer, wish("displayName"))

    async def act() -> None:
        await consent.record(admin, people[4], "marketing", granted=False, channel="test")
        await consent.restrict(admin, people[5], reason="ASKED")

    await exports.run(JOB, export_id, progress=meanwhile(act))
    await exports.take(marketer, export_id, tmp_path / "x")
    assert names((tmp_path / "x").read_bytes()) == ["N0", "N1", "N2", "N3"]


async def test_who_loses_a_scope_midway_gets_nothing(people: Ids, token: Holder) -> None:
    reader = await token(Scope.CUSTOMERS_READ, Scope.CUSTOMER_NAME_READ)
    export_id = await exports.start(reader, wish("displayName"))

    async def act() -> None:
        await AccessToken.filter(id=reader.id).update(scopes=["customers:export", "customers:read"])

    with pytest.raises(Refusal, match=r"has lost the scope customer.name:read"):
        await exports.run(JOB, export_id, progress=meanwhile(act))
    await _gone(export_id)


async def test_a_revoked_token_gets_nothing(people: Ids, boss: Actor, token: Holder) -> None:
    reader = await token(Scope.CUSTOMERS_READ)
    assert reader.id is not None
    mine = reader.id
    export_id = await exports.start(reader, wish("id"))

    async def act() -> None:
        await tokens.revoke(boss, AccessTokenRevokeInput(id=mine))

    with pytest.raises(Refusal, match="no access any more"):
        await exports.run(JOB, export_id, progress=meanwhile(act))
    await _gone(export_id)


async def test_staff_who_left_or_changed_their_role_get_nothing(people: Ids, admin: Actor, boss: Actor) -> None:
    assert boss.id is not None
    chief = boss.id
    left, moved = StaffUpdateInput(id=chief, active=False), StaffUpdateInput(id=chief, role=Role.MARKETER)
    for changed, why in ((moved, "another purpose"), (left, "no access")):
        await staff.update(admin, StaffUpdateInput(id=chief, role=Role.ADMIN))
        export_id = await exports.start(boss, wish("id"))

        async def act(changed: StaffUpdateInput = changed) -> None:
            await staff.update(admin, changed)

        with pytest.raises(Refusal, match=why):
            await exports.run(JOB, export_id, progress=meanwhile(act))
        await _gone(export_id)


async def test_only_its_owner_fetches_it_and_only_while_they_may(people: Ids, boss: Actor, token: Holder, tmp_path: Path) -> None:
    reader = await token(Scope.CUSTOMERS_READ)
    assert reader.id is not None
    export_id = await exports.start(reader, wish("id"))
    assert await exports.link(reader, export_id) is None, "it is not there yet"
    await exports.run(JOB, export_id, progress=quietly)
    assert await exports.link(boss, export_id) is None
    assert await exports.find(boss, export_id) is None
    with pytest.raises(NotFound):
        await exports.take(boss, export_id, tmp_path / "x")
    url = await exports.link(reader, export_id)
    assert url is not None
    await tokens.revoke(boss, AccessTokenRevokeInput(id=reader.id))
    with pytest.raises(Refusal, match="no access any more"):
        await files.claim(actors.worker(), url.rsplit("/", 1)[1])


async def test_a_page_takes_the_same_statements_whatever_its_size(people: Ids, boss: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = []
    for size in (2, 3, 7):
        monkeypatch.setattr(running, "PAGE_MAX", size)
        export_id = await exports.start(boss, wish("displayName", "phone", "identities.PHONE", "identities.EMAIL"))
        counted: list[int] = []
        with database.counting() as statements:

            async def progress(done: int, total: int | None = None, message: str | None = None, counted: list[int] = counted) -> None:
                counted.append(len(statements))  # run below, in this turn

            await exports.run(JOB, export_id, progress=progress)
        taken.append({later - sooner for sooner, later in itertools.pairwise(counted)})
    assert all(len(each) <= 1 for each in taken)
    assert taken[0] == taken[1]
    assert next(iter(taken[0])) <= 8


async def _gone(export_id: UUID) -> None:
    row = await Row.get(id=export_id)
    assert (row.key, row.stored, row.filter_sealed, row.rows) == (None, None, None, None)
    assert row.ended_at is not None
    assert storing.files() == {}
    found = await work.find(actors.worker(), row.work_id)
    assert found is not None
