"""The proof: a person with all kinds of data is erased, and no byte of them is left in any store.

The whole process runs: the API over HTTP, a worker, a Redis-protocol server whose every command is recorded, and logs as they are
written. Before anything is erased, the search must find what is there.
"""

from __future__ import annotations

import asyncio
import base64
import io
import logging
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import get_args
from uuid import uuid4

import pytest
import pyzipper
import structlog
from arq.connections import ArqRedis

from siyu.api import logs
from siyu.api.embedded import embedded_redis
from siyu.domain import segments, tags
from siyu.domain.attributes.tables import AttributeValue
from siyu.domain.customers.tables import Identity
from siyu.domain.kernel import database, outbox
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.settings import Settings
from siyu.domain.segments import SegmentCreate, SegmentOverrideWish
from siyu.domain.tags import TagCreate, TagSource
from siyu.domain.tags.tables import PendingTag, TagAssignment, TagBatch
from siyu.jobs import bus, queue, worker
from siyu.privacy import audit, consent
from siyu.privacy.actor import Actor, Role
from siyu.schema.relay import decode, encode
from tests.api.conftest import Client, MakeMember, Member
from tests.api.searching import search, spellings
from tests.domain.requests import people
from tests.domain.requests.people import Person

OPEN = "mutation ($input: DataRequestOpenInput!) { dataRequestOpen(input: $input) { dataRequest { id } userErrors { field message } } }"
APPROVE = (
    "mutation ($input: DataRequestApproveInput!) { dataRequestApprove(input: $input) { dataRequest { state } userErrors { message } } }"
)
DOWNLOAD = "mutation ($input: DataRequestDownloadInput!) { dataRequestDownload(input: $input) { url passphrase userErrors { message } } }"
MERGE = "mutation ($input: CustomerMergeInput!) { customerMerge(input: $input) { moved { rows } userErrors { message } } }"
STATE = "query ($id: ID!) { dataRequest(id: $id) { state } }"
IMPORT = """mutation ($input: CustomersImportInput!) { customersImport(input: $input) {
  import { id job { state } } userErrors { field message } } }"""
IMPORTED = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Import { job { state } rejectedRowsUrl updated errors { value message } } } }"
CUSTOMER = "query ($identity: IdentityInput) { customer(identity: $identity) { id displayName phone email notes { nodes { body } } } }"


@dataclass(slots=True)
class Redis:
    """A server of this test's own, and every command that it got."""

    client: ArqRedis
    folder: Path
    commands: bytearray

    async def stores(self) -> dict[str, bytes]:
        """What it was told, what it holds, and what it would write to a disk."""
        held = bytearray()
        async for key in self.client.scan_iter():
            held += key + (await self.client.dump(key) or b"")
        await self.client.save()
        files = {f"redis {path.name}": path.read_bytes() for path in self.folder.iterdir() if path.is_file()}
        return {"redis commands": bytes(self.commands), "redis keys": bytes(held), **files}


@pytest.fixture
def settings(settings: Settings) -> Iterator[Settings]:
    with embedded_redis() as url:
        yield settings.model_copy(update={"redis_url": url, "sweep_seconds": 1})


async def _monitored(path: str, commands: bytearray) -> None:
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(b"MONITOR\r\n")
    try:
        while chunk := await reader.read(65536):
            commands += chunk
    finally:
        writer.close()


@pytest.fixture
async def redis(house: House) -> AsyncIterator[Redis]:
    """The server, with a worker and a bus on it."""
    path, commands = house.settings.redis_url.removeprefix("unix://"), bytearray()
    monitor = asyncio.create_task(_monitored(path, commands))
    async with (
        queue.doorbell(house.settings.redis_url) as client,
        bus.connected(house, client, house.settings.redis_url),
        worker.working(house, client),
    ):
        yield Redis(client, Path(path).parent, commands)
    monitor.cancel()
    await asyncio.gather(monitor, return_exceptions=True)


@contextmanager
def logged() -> Iterator[io.StringIO]:
    """All that the process writes to its log, and more than usual: everything from INFO on, of every library."""
    text, usual, before = io.StringIO(), sys.stderr, logging.getLogger().level
    handler = logging.StreamHandler(text)
    handler.setFormatter(logs.SafeFormatter())
    handler.addFilter(lambda record: record.name != "httpx")  # the test's own client
    sys.stderr = text
    logs.configure(level="debug", format="json")
    sys.stderr = usual
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(logging.INFO)
    try:
        yield text
    finally:
        logging.getLogger().removeHandler(handler)
        logging.getLogger().setLevel(before)
        structlog.reset_defaults()


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    with logged() as text:
        yield text


async def _tables(on: database.Connection) -> dict[str, bytes]:
    """Every row of every table of a PostgreSQL database as text; bytes are hexadecimal digits in it."""
    names = await database.rows("select tablename from pg_tables where schemaname = 'public'", on=on)
    found: dict[str, bytes] = {}
    for (name,) in names:
        rows = await database.rows(f'select t::text from "{name}" t', on=on)
        found[f"{on} table {name}"] = "\n".join(row[0] for row in rows).encode()
    return found


async def stores(house: House, redis: Redis, log: io.StringIO) -> dict[str, bytes]:
    """Everything in which a value could be left."""
    folder = house.settings.data_dir
    found = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    if database.dialect() == "postgres":
        found |= await _tables("default") | await _tables("keystore")
    return {**found, **await redis.stores(), "logs": log.getvalue().encode()}


async def until(
    client: Client, member: Member, document: str, variables: dict[str, object], *path: str | int, is_: str
) -> dict[str, object]:
    """Ask again and again, until the value at this path of the answer is what is waited for."""
    async with asyncio.timeout(30):
        while True:
            answer = await client.run(document, variables, access=member.access)
            assert "errors" not in answer, answer
            value = answer["data"]
            for step in path:
                value = value[step]
            if value == is_:
                found: dict[str, object] = answer["data"]
                return found
            await asyncio.sleep(0.05)


async def imported(client: Client, member: Member, person: Person) -> tuple[str, ...]:
    """Import a file that names the person, with cells that can't be read; the values that only the file has."""
    values = ("张三丰导入0001", "the rejected birthday 0001", "用进口的针0001")
    content = f"手机号,姓名,生日,备注\n{person.phone},{values[0]},{values[1]},{values[2]}\n12,nobody at all,,\n".encode()
    headers = {"authorization": f"Bearer {member.access}", "x-filename": "zixuan0001-import.csv"}
    upload = (await client.http.post("/uploads", content=content, headers=headers)).json()["id"]
    wish = {"upload": upload, "mapping": [], "matchOn": [], "mode": "UPSERT"}
    answer = (await client.run(IMPORT, {"input": wish}, access=member.access))["data"]["customersImport"]
    assert answer["userErrors"] == []
    ids: dict[str, object] = {"ids": [answer["import"]["id"]]}
    found = await until(client, member, IMPORTED, ids, "nodes", 0, "job", "state", is_="SUCCEEDED")
    assert found["nodes"][0]["updated"] == 1  # type: ignore[index]  # JSON
    return (*values, "zixuan0001-import")


async def merged(client: Client, member: Member, person: Person, other: Person) -> None:
    """Merge another customer into the person, who is both of them from then on."""
    await consent.unrestrict(member.actor, other.id)
    wish = {"keepId": encode("Customer", person.id), "mergeId": encode("Customer", other.id), "takeFromMerged": ["address"]}
    answer = (await client.run(MERGE, {"input": wish}, access=member.access))["data"]["customerMerge"]
    assert answer["userErrors"] == []
    assert answer["moved"] != []


async def exported(client: Client, officer: Member, person: Person) -> None:
    """Export the person, and download the archive."""
    wish = {"kind": "EXPORT", "identity": {"kind": "PHONE", "value": person.phone}, "jurisdiction": "CN"}
    opened = (await client.run(OPEN, {"input": wish}, access=officer.access))["data"]["dataRequestOpen"]
    assert opened["userErrors"] == []
    request = {"id": opened["dataRequest"]["id"]}
    await until(client, officer, STATE, request, "dataRequest", "state", is_="COMPLETED")
    handed = (await client.run(DOWNLOAD, {"input": request}, access=officer.access))["data"]["dataRequestDownload"]
    assert handed["userErrors"] == []
    archive = (await client.http.get(handed["url"])).content
    with pyzipper.AESZipFile(io.BytesIO(archive)) as opened_archive:
        opened_archive.setpassword(handed["passphrase"].encode())
        assert person.phone in opened_archive.read("json/customers.json").decode()


async def erased(client: Client, officer: Member, second: Member, person: Person) -> None:
    """Erase the person, as two officers do."""
    wish = {"kind": "ERASURE", "customerId": encode("Customer", person.id), "jurisdiction": "CN"}
    opened = (await client.run(OPEN, {"input": wish}, access=officer.access))["data"]["dataRequestOpen"]
    assert opened["userErrors"] == []
    request = {"id": opened["dataRequest"]["id"]}
    note = f"{person.needles[2]} came to the shop"
    approved = (await client.run(APPROVE, {"input": {**request, "note": note}}, access=second.access))["data"]["dataRequestApprove"]
    assert approved["userErrors"] == []
    await until(client, officer, STATE, request, "dataRequest", "state", is_="COMPLETED")
    async with asyncio.timeout(30):
        while (await outbox.counts())[0]:  # the job empties the database's log once more, when the request has forgotten its notes
            await asyncio.sleep(0.05)


async def used(client: Client, officer: Member, person: Person) -> None:
    """Read and search the person, well and badly: what is asked must not be written down either."""
    identity = {"kind": "PHONE", "value": person.phone}
    read = await client.run(CUSTOMER, {"identity": identity}, access=officer.access)
    assert read["data"]["customer"]["phone"] == person.phone
    await client.run(f'{{ customer(identity: {{kind: PHONE, value: "{person.phone}"}}) {{ nonsense }} }}', access=officer.access)
    await client.run(CUSTOMER, {"identity": {"kind": person.needles[2], "value": person.phone}}, access=officer.access)
    await client.run(f"query {{ {person.needles[4]} ", access=officer.access)
    await client.http.get(f"/downloads/{person.needles[4]}", params={"phone": person.phone})


async def _tokens(person: Person) -> list[bytes]:
    """The blind indexes of what the person is known by."""
    found = [row.value_index for row in await Identity.filter(customer_id=person.id)]
    found += [row.searchable_index for row in await AttributeValue.filter(customer_id=person.id) if row.searchable_index]
    return [bytes(token) for token in found]


async def sorted_(admin: Actor, person: Person) -> str:
    """Have the person tagged, waited for and kept out of a segment by hand, for a reason, which is told."""
    reason = "she winked at the cashier"
    static = await segments.create(admin, SegmentCreate(code="calm", name="Calm"))
    await segments.override(
        admin, SegmentOverrideWish(id=static, customer_ids=[person.id], override=segments.Override.EXCLUDE, reason=reason)
    )
    tag_id = await tags.create(admin, TagCreate(name="VIP"))
    await TagAssignment.create(customer_id=person.id, tag_id=tag_id, source=TagSource.MANUAL)
    await TagBatch.create(tag_ids=[str(tag_id)], assigned=True, source=TagSource.MANUAL, by=admin.name, last_id=person.id)
    for row in await Identity.filter(customer_id=person.id):
        await PendingTag.create(kind=row.kind, app_id=row.app_id, value_index=row.value_index, tag_id=tag_id)
    return reason


async def planted(house: House, redis: Redis, value: str) -> set[str]:
    """Put a value into every kind of store in the clear; where the search must find it."""
    for on in get_args(database.Connection):
        await database.run("create table planted (value text)", on=on)
        await database.run(f"insert into planted values ({database.mark(1)})", [value], on=on)
    await redis.client.set("planted", value)
    structlog.get_logger().info("planted", value=value)
    logging.getLogger("library").info("planted %s", value)
    (house.settings.data_dir / "exports" / "planted").write_text(value)
    redis_stores = {"redis commands", "redis keys", "redis dump.rdb"}
    databases = {"siyu.db-wal", "keys.db-wal"} if database.dialect() == "sqlite" else {"default table planted", "keystore table planted"}
    return {*redis_stores, *databases, "logs", "exports/planted"}


async def test_no_byte_of_an_erased_person_is_left(
    client: Client, house: House, redis: Redis, log: io.StringIO, member: MakeMember
) -> None:
    admin, officer = await member(), await member(Role.COMPLIANCE_OFFICER, "bo@example.com", "Bo")
    second = await member(Role.COMPLIANCE_OFFICER, "cy@example.com", "Cy")
    await people.define(admin.actor)
    ada, eve = await people.full(admin.actor, 1), await people.full(admin.actor, 2)
    iris = await people.full(admin.actor, 3)
    await merged(client, admin, ada, iris)
    values = (*ada.needles, *iris.needles, *await imported(client, admin, ada), await sorted_(admin.actor, ada))
    await used(client, officer, ada)
    await exported(client, officer, ada)
    tokens = [*await _tokens(ada), *await _tokens(iris)]
    assert len(tokens) >= 12

    # The controls: the search finds what lies in the clear, and what the person has left before the erasure.
    control = f"control-{uuid4().hex}"
    expected = await planted(house, redis, control)
    before = await stores(house, redis, log)
    assert {store for store, _ in search(before, [control])} >= expected
    found = {store.split("/")[0] for store, _ in search(before, values, tokens)}
    assert "imports" in found, "the rejected rows lie there in the clear"
    assert found & {"siyu.db", "siyu.db-wal", "default table customers"}, "the clear columns and the indexes lie there"
    for on in get_args(database.Connection):
        await database.run("drop table planted", on=on)

    await erased(client, officer, second, ada)
    left = await stores(house, redis, log)
    assert search(left, values, tokens) == []
    assert {store for store, _ in search(left, [control])} >= {"redis keys", "logs", "exports/planted"}, "the search still sees"
    ids = {"siyu.db", "siyu.db-wal", "logs", "redis keys", *(name for name in left if name.startswith("default table"))}
    named = {name: content for name, content in left.items() if name in ids}
    assert search(named, [str(ada.id), str(iris.id)], [ada.id.bytes, iris.id.bytes]) == [], (
        "not even the id, but for the tombstone in the key store"
    )
    assert await audit.verify() == []

    # The other one is as before, and the same number makes a new person.
    assert search(left, [eve.needles[6]]) != []
    wish = {"phone": ada.phone, "displayName": "Somebody new"}
    document = "mutation ($input: CustomerCreateInput!) { customerCreate(input: $input) { customer { id } userErrors { message } } }"
    again = (await client.run(document, {"input": wish}, access=admin.access))["data"]["customerCreate"]
    assert again["userErrors"] == []
    assert decode("Customer", again["customer"]["id"]) != ada.id


@pytest.mark.parametrize("spelling", sorted(spellings("梓萱 Needle 0001")))
def test_the_search_finds_each_spelling(spelling: str) -> None:
    value = "梓萱 Needle 0001"
    content = b"before\x00" + spellings(value)[spelling] + b"\xffafter"
    assert search({"store": content}, [value])
    assert search({"store": b"before\x00after"}, [value]) == []


def test_the_search_finds_a_value_inside_base64() -> None:
    for before in range(3):
        assert search({"store": base64.b64encode(b"x" * before + "梓萱 Needle 0001".encode() + b"after")}, ["梓萱 Needle 0001"])
