"""Segments that rules keep, and the worker that follows what changes."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from siyu.domain import customers, events, segments
from siyu.domain.customers import CustomerCreate
from siyu.domain.events import EventDefine
from siyu.domain.kernel import clock, outbox
from siyu.domain.kernel.boot import House
from siyu.domain.rules import (
    Comparison,
    EventCondition,
    IntRange,
    OrderCondition,
    OrderMetric,
    ProfileCondition,
    ProfileField,
    Rule,
    Window,
)
from siyu.domain.segments import SegmentCreate
from siyu.domain.segments.tables import SegmentChange, SegmentMember
from siyu.jobs import queue
from siyu.jobs.queue import JOBS, JobContext
from siyu.privacy.actor import Actor, Scope

WORKER = Actor.worker("segments", Scope.JOBS_RUN, Scope.SEGMENTS_READ, request="test")


def city(name: str) -> Rule:
    return Rule(profile=ProfileCondition(field=ProfileField.CITY, is_=Comparison.EQ, values=[name]))


def did(name: str, *, days: int | None = None) -> Rule:
    window = Window(last_days=days) if days is not None else None
    return Rule(event=EventCondition(name=name, window=window, count=IntRange(min=1)))


def bought(amount: int) -> Rule:
    return Rule(order=OrderCondition(metric=OrderMetric.TOTAL, is_=Comparison.GTE, values=[Decimal(amount)]))


async def person(actor: Actor, name: str = "Paris") -> UUID:
    return await customers.create(actor, CustomerCreate(city=name))


async def known(actor: Actor, *names: str) -> None:
    """Events of these names are in the register."""
    for name in names:
        await events.define(actor, EventDefine(name=name))


async def made(actor: Actor, code: str, rule: Rule | None = None, *, expression: str | None = None) -> UUID:
    return await segments.create(actor, SegmentCreate(code=code, name=code, rule=rule, expression=expression))


async def work(house: House) -> list[str]:
    """Run what is due now, as a worker would, until nothing is left; the names of the jobs."""
    queue.discover()
    ran: list[str] = []
    while waiting := await outbox.waiting():
        for due in waiting:
            await JOBS[due.job](JobContext(due.id, 1, house), *due.args)
            await outbox.done(due.id)
            ran.append(due.job)
    return ran


async def members(segment_id: UUID) -> set[UUID]:
    return {row.customer_id for row in await SegmentMember.filter(segment_id=segment_id)}


async def members_at(segment_id: UUID, moment: datetime) -> set[UUID]:
    """By adding up the log, one row after another."""
    there: set[UUID] = set()
    for row in await SegmentChange.filter(segment_id=segment_id, at__lte=moment).order_by("at", "id"):
        assert (row.customer_id in there) is not row.entered, "nobody enters twice, or leaves without having entered"
        (there.add if row.entered else there.remove)(row.customer_id)
    return there


def tomorrow() -> datetime:
    return clock.now() + timedelta(days=1, hours=1)
