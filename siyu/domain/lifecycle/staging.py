"""The statements that tell where customers are by the policy, and write down who goes where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from siyu.domain.customers import ActivityState, LifecycleStage
from siyu.domain.kernel import database, days, ids
from siyu.domain.kernel.dialect import Kind, Statement
from siyu.domain.lifecycle.rules import Policy
from siyu.domain.lifecycle.tables import Axis


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody is."""

    stage: LifecycleStage
    activity: ActivityState


@dataclass(frozen=True, slots=True)
class Found:
    """Where one customer was, and is now."""

    customer_id: UUID
    was: Place
    now: Place


@dataclass(frozen=True, slots=True)
class Staged:
    """By what and when it is told."""

    policy: Policy
    now: datetime
    zone: ZoneInfo

    def ago(self, number: int) -> datetime:
        """The first moment of the day so many days ago."""
        return days.ago(number, at=self.now, zone=self.zone)


_NAMES: Final = {Axis.STAGE: "stage", Axis.ACTIVITY: "activity"}
_DIFFERS: Final = "x.was_stage <> x.stage or x.was_activity <> x.activity"


def differing(statement: Statement, by: Staged) -> str:
    """The ids of all customers who are elsewhere than they were."""
    return f"select x.id from ({_placed(statement, by, None)}) x where {_DIFFERS}"  # noqa: S608  # bound values only


async def moved(by: Staged, customer_ids: Sequence[UUID]) -> list[UUID]:
    """Write down who of these goes where, now; who they are. One statement, without instances: a new policy moves everybody.

    The caller has reserved them, and so nobody else moves them at the same moment.
    """
    statement = Statement(database.dialect())
    at, key = statement.typed(by.now, Kind.DATETIME), statement.key(by.now)
    moves = " union all ".join(
        f"select {key}, {at}, p.id, '{axis.value}', p.was_{name}, p.{name}, {at} from p where p.was_{name} <> p.{name}"  # noqa: S608  # bound
        for axis, name in _NAMES.items()
    )
    rows = await database.rows(
        "insert into lifecycle_changes (id, created_at, customer_id, axis, was, became, at)"
        f" with p as materialized ({_placed(statement, by, customer_ids)}) {moves} returning customer_id",
        statement.args,
    )
    return [ids.read(key) for key in dict.fromkeys(row[0] for row in rows)]


def became(statement: Statement, by: Staged, customer_ids: Sequence[UUID]) -> str:
    """What was written down of these people just now: `id`, `stage` and `activity`, null where it stayed."""
    columns = ", ".join(f"max(case when h.axis = '{axis.value}' then h.became end) as {name}" for axis, name in _NAMES.items())
    return (
        f"select h.customer_id as id, {columns} from lifecycle_changes h where h.at = {statement.bind(by.now, Kind.DATETIME)}"  # noqa: S608  # bound
        f" and {statement.among('h.customer_id', customer_ids, Kind.ID)} group by h.customer_id"
    )


async def placed(by: Staged, customer_ids: Sequence[UUID]) -> list[Found]:
    """Where these customers are, those that there are. One statement.

    Merged customers are left out, and people who restricted processing: they stay where they were.
    """
    statement = Statement(database.dialect())
    rows = await database.rows(_placed(statement, by, customer_ids), statement.args)
    return [
        Found(
            ids.read(key),
            Place(LifecycleStage(was_stage), ActivityState(was_activity)),
            Place(LifecycleStage(stage), ActivityState(activity)),
        )
        for key, was_stage, was_activity, stage, activity in rows
    ]


def _placed(statement: Statement, by: Staged, people: Sequence[UUID] | None) -> str:
    among = f" and {statement.among('c.id', people, Kind.ID)}" if people is not None else ""
    return (
        f"select c.id, c.lifecycle_stage as was_stage, c.activity as was_activity, {_stage(statement, by)} as stage,"  # noqa: S608  # bound
        f" {_activity(statement, by)} as activity from customers c where c.merged_into_id is null"
        f" and not exists (select 1 from restrictions r where r.customer_id = c.id){among}"
    )


def _stage(statement: Statement, by: Staged) -> str:
    new_since = statement.bind(by.ago(by.policy.new_within_days), Kind.DATETIME)
    return (
        f"case when c.orders_count = 0 then 'PROSPECT' when c.orders_count >= {by.policy.loyal_orders} then 'LOYAL'"
        f" when c.orders_count = 1 and c.first_ordered_at >= {new_since} then 'NEW' else 'RETURNING' end"
    )


def _activity(statement: Statement, by: Staged) -> str:
    """By the last order or event; events are looked up in an index, and only where the order does not tell.

    Whoever never did either is as active as somebody who did on the day when the customer was made.
    """
    active = statement.bind(by.ago(by.policy.silent_after_days - 1), Kind.DATETIME)
    silent = statement.bind(by.ago(by.policy.churned_after_days - 1), Kind.DATETIME)
    did = "exists (select 1 from events e where e.customer_id = c.id{})"
    never = f"c.orders_count = 0 and not {did.format('')}"

    def since(moment: str) -> str:
        return f"c.last_ordered_or_never >= {moment} or {did.format(f' and e.occurred_at >= {moment}')}"

    return (
        f"case when {since(active)} then 'ACTIVE' when {never} and c.created_at >= {active} then 'ACTIVE'"
        f" when {since(silent)} then 'SILENT' when {never} and c.created_at >= {silent} then 'SILENT' else 'CHURNED' end"
    )
