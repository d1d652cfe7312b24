"""The rule of `segments.py` as somebody writes it who knows the data: three ways to ask, and a way to keep the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from siyu.domain.kernel import boot, clock, database
from siyu.domain.kernel.dialect import Kind, Statement

#: Puts a select of customer ids together; values are bound to the statement.
Select = Callable[[Statement], str]

_MEMBERS: Final = "insert into segment_members (id, segment_id, customer_id, entered_at)"
_COUNTS: Final = "o.status in ('PLACED', 'PAID', 'FULFILLED', 'PARTLY_REFUNDED')"


def _days_ago(statement: Statement, days: int) -> str:
    zone = ZoneInfo(boot.current().settings.timezone)
    today = clock.now().astimezone(zone).date()
    begins = datetime.combine(today - timedelta(days=days), datetime.min.time(), zone).astimezone(UTC)
    return statement.bind(begins, Kind.DATETIME)


def _tagged(statement: Statement, customer: str) -> str:
    named = statement.among("g.name", ["标签000", "标签001"], Kind.TEXT)
    return f"{customer} in (select a.customer_id from tag_assignments a join tags g on g.id = a.tag_id where {named})"


def _consents(statement: Statement, customer: str) -> str:
    now = statement.bind(clock.now(), Kind.DATETIME)
    return (
        f"exists (select 1 from consents c join purposes p on p.code = c.purpose and p.version = c.purpose_version where c.purpose ="
        f" 'marketing' and c.customer_id = {customer} and c.state = 'GRANTED' and (c.expires_at is null or c.expires_at > {now}))"
    )


def _there(customer: str) -> str:
    return f"not exists (select 1 from restrictions r where r.customer_id = {customer})"


def _bought(statement: Statement, among: str) -> str:
    since, lately = _days_ago(statement, 90), _days_ago(statement, 30)
    return (
        f"select o.customer_id as id from orders o where {among}{_COUNTS} and o.placed_at >= {since} group by o.customer_id"
        f" having sum(o.worth_e4) >= 1000000 and max(o.placed_at) < {lately}"
    )


def tags_first(statement: Statement) -> str:
    """Those with the tag and the consent, then what they bought, grouped."""
    return (
        f"with chosen as materialized (select t.id from customers t where {_tagged(statement, 't.id')} and t.merged_into_id is null"
        f" and {_consents(statement, 't.id')} and {_there('t.id')})"
        f" {_bought(statement, 'o.customer_id in (select id from chosen) and ')}"
    )


def orders_first(statement: Statement) -> str:
    """What everybody bought, grouped, then the rest of them."""
    return (
        f"with bought as materialized ({_bought(statement, '')}) select t.id from bought b join customers t on t.id = b.id"
        f" where t.merged_into_id is null and {_tagged(statement, 't.id')} and {_consents(statement, 't.id')} and {_there('t.id')}"
    )


def one_by_one(statement: Statement) -> str:
    """Those with the tag, and for each of them a sum of their own."""
    since, lately = _days_ago(statement, 90), _days_ago(statement, 30)
    mine = f"from orders o where o.customer_id = t.id and {_COUNTS} and o.placed_at >="
    return (
        f"select t.id from customers t where {_tagged(statement, 't.id')} and t.merged_into_id is null and {_there('t.id')}"
        f" and {_consents(statement, 't.id')} and (select sum(o.worth_e4) {mine} {since}) >= 1000000"
        f" and not exists (select 1 {mine} {lately})"
    )


SELECTS: Final[Mapping[str, Select]] = {"tags first": tags_first, "orders first": orders_first, "one by one": one_by_one}


async def stored(select: Select, segment_id: UUID) -> None:
    """Whoever the select finds becomes a member of a segment without any, with a line each in the log; in one transaction."""
    at = clock.now()
    async with database.transaction():
        statement = Statement(database.dialect())
        found = select(statement)
        key, owner, moment = statement.key(at), statement.typed(segment_id, Kind.ID), statement.typed(at, Kind.DATETIME)
        log = f"insert into segment_changes (id, segment_id, customer_id, entered, at) select {key}, {owner}, f.id, true, {moment} from"
        members = (
            f"insert into segment_members (id, segment_id, customer_id, entered_at) select {key}, {owner}, f.id, {moment} from found f"
        )
        if database.dialect() == "postgres":
            await database.run(f"with found(id) as materialized ({found}), log as ({log} found f) {members}", statement.args)
            return
        await database.run(f"{log} ({found}) f", statement.args)
        again = Statement(database.dialect())
        key, owner = again.key(at), again.bind(segment_id, Kind.ID)
        await database.run(
            f"{_MEMBERS} select {key}, segment_id, customer_id, at from segment_changes where segment_id = {owner}", again.args
        )
