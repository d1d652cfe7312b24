"""The control: the same answers by hand-written SQL, asyncpg and orjson behind a bare ASGI callable. Nobody is asked who they are.

`uvicorn benchmarks.servers.raw:app`, with BENCH_DATABASE_URL. A shape is its path: POST /Q1 {"variables": {"id": …}}.
"""

from __future__ import annotations

import gc
import os
from base64 import b64decode, b64encode, urlsafe_b64decode
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import asyncpg
import orjson
from starlette.types import Receive, Scope, Send

Row = dict[str, Any]
if TYPE_CHECKING:
    Pool = asyncpg.Pool[asyncpg.Record]
    Record = asyncpg.Record
else:
    Pool, Record = asyncpg.Pool, asyncpg.Record  # not subscriptable while running

_EIGHT = 'id, gender, age_band as "ageBand", birth_month as "birthMonth", city, province, source, created_at as "createdAt"'
_TEN = 'id, gender, age_band as "ageBand", birth_month as "birthMonth", city, province, country, source, locale, created_at as "createdAt"'
_NEWEST = "from customers order by created_at desc, id desc limit"
_OLDER = "from customers where (created_at, id) < ($1, $2) order by created_at desc, id desc limit"

_Q1 = f"select {_EIGHT} from customers where id = $1"
_Q2 = f"select {_TEN} {_NEWEST} 50"
_Q3 = f"select id, city {_NEWEST} 50"
_Q3_IDENTITIES = "select customer_id, id, kind, created_at from identities where customer_id = any($1) order by customer_id, created_at, id"
_Q3_TAGS = """
select a.customer_id, g.id, g.name, a.source, a.assigned_at from tag_assignments a join tags g on g.id = a.tag_id
where a.customer_id = any($1) order by a.customer_id, a.assigned_at desc, a.id desc
"""
_Q3_ORDERS = "select customer_id, count(*) from orders where customer_id = any($1) group by customer_id"
_Q4 = f"""
with found as materialized (select id, created_at from customers where city = any($1) and lifecycle_stage = any($2)
  and id in (select a.customer_id from tag_assignments a join tags g on g.id = a.tag_id where g.name = any($3)))
select (select count(*) from found) as total, {_EIGHT.replace("id,", "c.id,", 1).replace("created_at as", "c.created_at as")}
from (select id, created_at from found order by created_at desc, id desc limit 20) page join customers c using (id)
order by page.created_at desc, page.id desc
"""
_Q5 = f"""
select c.id as customer_id, c.city, o.id, o.external_id, o.status, o.channel, o.placed_at, o.total_e4, o.currency
from (select id, city, created_at {_NEWEST} 20) c
left join lateral (select * from orders where customer_id = c.id order by placed_at desc, id desc limit 5) o on true
order by c.created_at desc, c.id desc, o.placed_at desc, o.id desc
"""


def _id(noun: str, key: UUID) -> str:
    return b64encode(f"{noun}:{key}".encode()).decode()


def _customer(record: Record) -> Row:
    row = dict(record)
    row["id"] = _id("Customer", row["id"])
    return row


async def _q1(pool: Pool, variables: Row) -> Row:
    record = await pool.fetchrow(_Q1, UUID(b64decode(variables["id"]).decode().partition(":")[2]))
    return {"customer": record and _customer(record)}


def _place(sql: str, variables: Row) -> tuple[Any, ...]:
    """The statement for the first page, or for the page after the cursor, with what it binds."""
    after = variables.get("after")
    if after is None:
        return (sql,)
    _, created_at, key = orjson.loads(urlsafe_b64decode(after + "=" * (-len(after) % 4)))
    return sql.replace(_NEWEST, _OLDER), datetime.fromisoformat(created_at), UUID(key)


async def _q2(pool: Pool, variables: Row) -> Row:
    return {"customers": {"nodes": [_customer(record) for record in await pool.fetch(*_place(_Q2, variables))]}}


async def _q3(pool: Pool, variables: Row) -> Row:
    async with pool.acquire() as connection:
        page = await connection.fetch(*_place(_Q3, variables))
        ids = [record["id"] for record in page]
        tags = await connection.fetch(_Q3_TAGS, ids)
        identities = await connection.fetch(_Q3_IDENTITIES, ids)
        orders = {key: number for key, number in await connection.fetch(_Q3_ORDERS, ids)}  # noqa: C416  # records are no pairs to mypy
    known: dict[UUID, list[Row]] = {key: [] for key in ids}
    for customer_id, row_id, kind, created_at in identities:
        known[customer_id].append({"id": _id("Identity", row_id), "kind": kind, "createdAt": created_at})
    tagged: dict[UUID, list[Row]] = {key: [] for key in ids}
    for customer_id, row_id, name, source, assigned_at in tags:
        tagged[customer_id].append({"tag": {"id": _id("Tag", row_id), "name": name}, "source": source, "assignedAt": assigned_at})
    nodes = [
        {
            "id": _id("Customer", key),
            "city": city,
            "tags": tagged[key],
            "identities": known[key],
            "orders": {"totalCount": orders.get(key, 0)},
        }
        for key, city in page
    ]
    return {"customers": {"nodes": nodes}}


async def _q4(pool: Pool, variables: Row) -> Row:
    wanted = variables["filter"]
    records = await pool.fetch(_Q4, wanted["city"], wanted["lifecycleStage"], wanted["tagsAny"])
    nodes = [_customer(record) for record in records]
    total = 0
    for node in nodes:
        total = node.pop("total")
    return {"customers": {"totalCount": total, "nodes": nodes}}


async def _q5(pool: Pool, variables: Row) -> Row:
    nodes: list[Row] = []
    last: UUID | None = None
    bought: list[Row] = []
    for customer_id, city, row_id, external_id, status, channel, placed_at, total_e4, currency in await pool.fetch(*_place(_Q5, variables)):
        if customer_id != last:
            last, bought = customer_id, []
            nodes.append({"id": _id("Customer", customer_id), "city": city, "orders": {"nodes": bought}})
        if row_id is not None:
            amount = f"{total_e4 // 10_000}.{total_e4 % 10_000 // 100:02}"
            bought.append(
                {
                    "id": _id("Order", row_id),
                    "externalId": external_id,
                    "status": status,
                    "channel": channel,
                    "placedAt": placed_at,
                    "total": {"amount": amount, "currency": currency},
                }
            )
    return {"customers": {"nodes": nodes}}


_ANSWERS: dict[str, Callable[[Pool, Row], Awaitable[Row]]] = {
    "/Q1": _q1,
    "/Q2": _q2,
    "/Q2p": _q2,
    "/Q3": _q3,
    "/Q3p": _q3,
    "/Q4": _q4,
    "/Q5": _q5,
    "/Q5p": _q5,
}


class _Connection(asyncpg.Connection):
    """Sends nothing when it is given back: the best that the driver can."""

    def get_reset_query(self) -> str:
        return ""


class App:
    """The ASGI callable."""

    pool: Pool

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        answer = _ANSWERS.get(scope["path"])
        body = (await receive())["body"]
        if answer is None:
            await _send(send, 404, b"{}")
            return
        data = await answer(self.pool, orjson.loads(body)["variables"])
        await _send(send, 200, orjson.dumps({"data": data}, option=orjson.OPT_UTC_Z))

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self.pool = await asyncpg.create_pool(os.environ["BENCH_DATABASE_URL"], min_size=10, max_size=10, connection_class=_Connection)
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 50)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.pool.close()
        await send({"type": "lifespan.shutdown.complete"})


async def _send(send: Send, status: int, content: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


app = App()
