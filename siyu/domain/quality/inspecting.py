"""Inspecting: what is wrong with the values of those who changed since the last time, and whose age band is behind.

Killed at any moment, it goes on after the last few hundred that were committed. What is found is kept as rules, never as values.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import phonenumbers

from siyu.domain import customers, duplicates
from siyu.domain.customers import Stop
from siyu.domain.kernel import boot, clock
from siyu.domain.kernel.operation import operation
from siyu.domain.quality import opened, rules
from siyu.domain.quality.rules import Rule
from siyu.domain.quality.tables import QualityFinding, QualityInspection
from siyu.domain.work import Progress
from siyu.privacy import audit
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, Refusal

#: Customers a step: each is one transaction.
STEP: Final = 500
#: An inspection begins so long before the place where the last one ended: a change may be committed later than its time says.
OVERLAP: Final = timedelta(minutes=5)

_AGES: Final = frozenset({Rule.AGE_BAND, Rule.BIRTH_MONTH})
_VALUES: Final = frozenset(Rule) - {Rule.STALE_TOKENS}


class Overtaken(Refusal):
    """Another worker went on with this inspection meanwhile: this one lets go."""

    code = Code.WRONG_STATE


def version() -> str:
    """By what rules an inspection looks: ours, and the tables of numbering plans."""
    return f"{rules.VERSION}/{phonenumbers.__version__}"


@operation(Scope.DATA_QUALITY_WRITE)
async def inspect(actor: Actor, *, progress: Progress) -> None:
    """Look at whatever changed since the last time, to the end; what was broken off goes on. Twice is the same as once."""
    record = await _begun(actor)
    months = await _months(record)
    total = record.done + await customers.changed_count(actor, after=record.place)
    while not record.ages and (stops := await customers.changed(actor, after=record.place, most=STEP)):
        for start in range(0, len(stops), STEP):
            await _step(actor, record, stops[start : start + STEP], _VALUES, last=start + STEP >= len(stops))
        await progress(record.done, max(total, record.done))
    if months:
        await _enter_ages(actor, record)
        while stops := await customers.changed(actor, after=record.ages_place, most=STEP, months=months):
            for start in range(0, len(stops), STEP):
                await _step(actor, record, stops[start : start + STEP], _AGES, last=start + STEP >= len(stops))
            await progress(record.done, max(total, record.done))
    await _finish(actor, record)


@operation(Scope.DATA_QUALITY_WRITE, writes=True)
async def _begun(actor: Actor) -> QualityInspection:
    last = await QualityInspection.all().order_by("-created_at").first()
    if last is not None and last.finished_at is None and last.version == version():
        return last
    before = await QualityInspection.filter(finished_at__isnull=False).order_by("-created_at").first()
    place = before.place - OVERLAP if before is not None and before.place is not None and before.version == version() else None
    return await QualityInspection.create(version=version(), place=place, day=clock.today(boot.current().settings.timezone))


async def _months(record: QualityInspection) -> list[int]:
    """Months in which somebody had a birthday since the last inspection. The first one looks at everybody anyway."""
    before = await QualityInspection.filter(finished_at__isnull=False, version=record.version).order_by("-created_at").first()
    return rules.months_between(before.day, record.day) if before is not None else []


@operation(Scope.DATA_QUALITY_WRITE, writes=True)
async def _enter_ages(actor: Actor, record: QualityInspection) -> None:
    await QualityInspection.filter(id=record.id).update(ages=True)
    record.ages = True


async def _step(actor: Actor, record: QualityInspection, stops: Sequence[Stop], of: Collection[Rule], *, last: bool) -> None:
    """Look at these customers by some of the rules. Values are opened here, and gone when it returns."""
    settings = boot.current().settings
    people = await opened.stored(actor, [stop.customer_id for stop in stops], opened.ALL if of is _VALUES else opened.DERIVED)
    found = [
        (customer_id, rule)
        for customer_id, stored in people.items()
        for rule in rules.wrong(stored, region=settings.region, today=clock.today(settings.timezone))
        if rule in of
    ]
    await _store(actor, record, stops, found, of, place=stops[-1].updated_at if last else None)


@operation(Scope.DATA_QUALITY_WRITE, writes=True)
async def _store(
    actor: Actor,
    record: QualityInspection,
    stops: Sequence[Stop],
    found: Sequence[tuple[UUID, Rule]],
    of: Collection[Rule],
    *,
    place: datetime | None,
) -> None:
    now = await customers.hold(actor, [stop.customer_id for stop in stops])
    await QualityFinding.filter(customer_id__in=[stop.customer_id for stop in stops], rule__in=[*of]).delete()
    rows = [QualityFinding(customer_id=each, rule=rule) for each, rule in found if now.get(each) == each]
    if rows:
        await QualityFinding.bulk_create(rows)
    after: dict[str, object] = {"done": record.done + len(stops)}
    if place is not None:
        after["ages_place" if record.ages else "place"] = place
    # Whoever moved the inspection on meanwhile wins; this transaction goes back with all that it stored.
    if not await QualityInspection.filter(id=record.id, done=record.done, finished_at__isnull=True).update(**after):
        raise Overtaken("Another worker went on with this inspection.")
    record.update_from_dict(after)


@operation(Scope.DATA_QUALITY_WRITE, writes=True)
async def _finish(actor: Actor, record: QualityInspection) -> None:
    await QualityFinding.filter(rule=Rule.STALE_TOKENS).delete()
    stale = await duplicates.stale_tokens(actor)
    if stale:
        await QualityFinding.bulk_create([QualityFinding(customer_id=each, rule=Rule.STALE_TOKENS) for each in stale])
    await QualityInspection.filter(id=record.id).update(finished_at=clock.now())
    await QualityInspection.filter(created_at__lt=record.created_at).delete()
    await audit.record(actor, "quality.inspected", detail={"customers": record.done})
