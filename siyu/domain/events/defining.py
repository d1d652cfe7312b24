"""Defining events, and sealing what came before one of their properties was called personal."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from siyu.domain import customers, work
from siyu.domain.events import looking, register, rules, splitting
from siyu.domain.events.inputs import EventDefine, EventPropertyGiven
from siyu.domain.events.tables import DESCRIPTION_MAX, NAME_MAX, TITLE_MAX, Event, EventDefinition, EventProperty
from siyu.domain.kernel import clock, database, joining, normal
from siyu.domain.kernel.dialect import Kind, Statement
from siyu.domain.kernel.inputs import UNSET, Unset
from siyu.domain.kernel.operation import operation
from siyu.privacy import consent
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, Refusal

#: The job that seals what is stored in the clear already.
SEAL: Final = "seal_event_properties"
#: It waits until every process has heard of the new definition.
_WAIT: Final = timedelta(seconds=3 * register.BELIEF_SECONDS)
_SLICE: Final = 500

#: Takes how many events are done, and how many there are.
Progress = Callable[[int, int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Defined:
    """The definition, and the work that seals what came before; None where there is nothing to seal."""

    definition_id: UUID
    work_id: UUID | None


@operation(Scope.EVENTS_DEFINE, writes=True)
async def define(actor: Actor, wish: EventDefine) -> Defined:
    """Say what events of a name mean, and which of their properties are personal; what is left out stays.

    A property that becomes personal is sealed from now on; a job seals what is stored. One that no longer is one is stored in the
    clear from now on, where nothing looks personal in it; what was sealed stays so.
    """
    name = _event_name(wish.name)
    properties = wish.properties or []
    _check(properties)
    definition = await EventDefinition.get_or_none(name=name)
    if definition is None:
        if await register.room() < 1:
            raise Refusal(f"There are {register.NAMES_MAX:,} names of events.", path=("input", "name"), code=Code.LIMIT_EXCEEDED)
        await EventDefinition.bulk_create([EventDefinition(name=name)], ignore_conflicts=True)
        definition = await EventDefinition.get(name=name)
    if wish.title is not UNSET:
        definition.title = _text("title", wish.title, TITLE_MAX)
    if wish.description is not UNSET:
        definition.description = _text("description", wish.description, DESCRIPTION_MAX)
    await definition.save(update_fields=["title", "description"])
    becoming = await _properties(definition, properties)
    work_id = None
    if becoming and await Event.exists(name=name):
        await EventProperty.filter(id__in=[each.id for each in becoming]).update(sealing=True)
        work_id = await work.start(actor, SEAL, str(definition.id), at=clock.now() + _WAIT)
    register.forget(name)
    return Defined(definition.id, work_id)


@operation(Scope.EVENTS_READ)
async def definition(actor: Actor, name: str) -> UUID | None:
    """The key of the definition of this name, in whatever spelling; None where there is none."""
    spelled = normal.line(name)
    found = await EventDefinition.get_or_none(name=spelled) if len(spelled) <= NAME_MAX else None
    return found.id if found else None


async def _properties(definition: EventDefinition, given: Sequence[EventPropertyGiven]) -> list[EventProperty]:
    """Write what was said of properties; those that were not personal and are now."""
    known = {each.name: each for each in await EventProperty.filter(definition_id=definition.id)}
    fresh = [EventProperty(definition_id=definition.id, name=each.name, personal=each.personal) for each in given if each.name not in known]
    if len(known) + len(fresh) > register.PROPERTIES_MAX:
        raise Refusal(
            f"The register holds {register.PROPERTIES_MAX} properties of an event.", path=("input", "properties"), code=Code.LIMIT_EXCEEDED
        )
    if fresh:
        await EventProperty.bulk_create(fresh)
    becoming = [each for each in fresh if each.personal]
    for each in given:
        row = known.get(each.name)
        if row is not None and row.personal is not each.personal:
            row.personal, row.sealing = each.personal, False
            await row.save(update_fields=["personal", "sealing"])
            if each.personal:
                becoming.append(row)
    return becoming


def _event_name(text: str) -> str:
    try:
        return rules.event_name(text)
    except Refusal as refusal:
        raise Refusal(refusal.message, path=("input", "name"), code=refusal.code) from None


def _text(field: str, value: str | Unset | None, most: int) -> str | None:
    line = normal.line(value) if isinstance(value, str) else ""
    if len(line) > most:
        raise Refusal(f"At most {most} characters.", path=("input", field), code=Code.TOO_LONG)
    if normal.looks_personal(line):
        raise Refusal("This holds what looks like somebody's number or address.", path=("input", field))
    return line or None


def _check(given: Sequence[EventPropertyGiven]) -> None:
    """Refuse names that no property has, or that are given twice."""
    seen: set[str] = set()
    for number, each in enumerate(given):
        path = ("input", "properties", str(number), "name")
        try:
            rules.property_name(each.name)
        except Refusal as refusal:
            raise Refusal(refusal.message, path=path, code=refusal.code) from None
        if splitting.personal(each.name):
            raise Refusal("A property whose name looks like somebody's number or address is sealed in any case.", path=path)
        if each.name in seen:
            raise Refusal("This property is given twice.", path=path, code=Code.CONFLICT)
        seen.add(each.name)


@operation(Scope.JOBS_RUN)
async def seal_stored(actor: Actor, definition_id: UUID, *, progress: Progress) -> None:
    """Seal the values of properties that were called personal after they had come, some hundred events at a time.

    Stopped and run again, it ends complete: what is sealed is found sealed. `progress` may raise to stop it.
    """
    definition = await EventDefinition.get_or_none(id=definition_id)
    if definition is None:
        return
    rows = await EventProperty.filter(definition_id=definition_id, personal=True)
    due = [each.name for each in rows if each.sealing]
    if not due:
        return
    total = await Event.filter(name=definition.name).count()
    done, last = 0, UUID(int=0)
    while True:
        ids = await _next(definition.name, last)
        if not ids:
            break
        await _seal(actor, ids, frozenset(each.name for each in rows))
        done, last = done + len(ids), ids[-1]
        await progress(done, max(done, total))
    await EventProperty.filter(definition_id=definition_id, name__in=due, personal=True).update(sealing=False)
    register.forget(definition.name)


async def _next(name: str, last: UUID) -> list[UUID]:
    """The next events of a name, by key."""
    statement = Statement(database.dialect())
    sql = (
        f"select id from events where id > {statement.bind(last, Kind.ID)} and name = {statement.bind(name)}"  # noqa: S608  # bound values only
        f" order by id limit {_SLICE}"
    )
    return [UUID(str(row["id"])) for row in await database.rows(sql, statement.args)]


@operation(Scope.JOBS_RUN, writes=True)
async def _seal(actor: Actor, ids: Sequence[UUID], personal: frozenset[str]) -> None:
    """Part the properties of these events anew, and forget what was counted of them in the clear."""
    if personal & looking.COUNTED:
        # Whoever merges holds the customers first, too.
        await customers.hold(actor, [UUID(str(each)) for each in await Event.filter(id__in=ids).values_list("customer_id", flat=True)])
    rows = [
        row
        for row in await Event.filter(id__in=ids).select_for_update()
        if isinstance(row.properties, dict) and splitting.split(row.properties, personal).sealed
    ]
    sealed = [row for row in rows if row.sealed_properties is not None]
    fields = ["events.sealed_properties"]
    under = await consent.grant(actor, {row.customer_id for row in sealed}, fields=fields, action="events.seal") if sealed else None
    for row in rows:
        opened = None if under is None else consent.disclose(row, row.sealed_properties, under)
        found = splitting.split(_object(splitting.joined(row.properties, opened)), personal)
        row.properties, row.sealed_properties = found.clear, found.sealed
    if rows:
        await Event.bulk_update(rows, ["properties", "sealed_properties"])
    if rows and personal & looking.COUNTED:
        await joining.refresh(actor, sorted({row.customer_id for row in rows}))


def _object(value: object) -> dict[str, object]:
    assert isinstance(value, dict), "properties are an object"
    return value
