"""Writing events: a few statements a batch, whatever its size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from siyu.domain import customers
from siyu.domain.customers import Unknown
from siyu.domain.events import drafting, register, rules, storing
from siyu.domain.events.drafting import Draft, Drafter
from siyu.domain.events.inputs import EventGiven, EventRow, EventsTrack, Tracked
from siyu.domain.events.rules import Timing
from siyu.domain.kernel import boot, clock
from siyu.domain.kernel.operation import operation, touch
from siyu.domain.kernel.touching import Change
from siyu.privacy import keyring
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, NotFound, Refusal

T = TypeVar("T", EventGiven, EventRow)


@operation(Scope.EVENTS_TRACK, writes=True)
async def track(actor: Actor, wish: EventsTrack) -> Tracked:
    """Take events of people named by an identity. Those that are wrong are refused, each by its path, and make no customer."""
    if len(wish.events) > rules.BATCH_MAX:
        raise Refusal(f"Send at most {rules.BATCH_MAX:,} events at once.", path=("input", "events"), code=Code.LIMIT_EXCEEDED)
    tracked = Tracked()
    drafts, drafter = await _drafted(wish.events, tracked, lambda event: event.idempotency_key)
    known = await _acting(actor, wish, drafts, tracked)
    await _store(actor, known, drafter, tracked)
    return tracked


async def _acting(actor: Actor, wish: EventsTrack, drafts: Sequence[Draft], tracked: Tracked) -> list[Draft]:
    """The drafts, each with its customer. Nobody is made for an event that came before, or whose key another event has."""
    known, strangers = await _recognised(actor, wish, drafts, Unknown.REFUSE)
    if strangers and wish.unknown_customers is not Unknown.REFUSE:
        lacking = [draft for draft, refusal in strangers if refusal.code is Code.NOT_FOUND]
        held = await storing.held(lacking) if lacking else {}
        for draft in lacking:
            if draft.key in held:
                _repeated(tracked, draft, held[draft.key])
        made, unmade = await _recognised(actor, wish, [draft for draft in lacking if draft.key not in held], Unknown.CREATE)
        known += made
        strangers = [*(each for each in strangers if each[1].code is not Code.NOT_FOUND), *unmade]
    for draft, refusal in strangers:
        _refuse(tracked, draft.position, refusal, "customer")
    return known


async def _recognised(
    actor: Actor, wish: EventsTrack, drafts: Sequence[Draft], unknown: Unknown
) -> tuple[list[Draft], list[tuple[Draft, Refusal]]]:
    """The drafts whose customer is known, or made, and the others."""
    known: list[Draft] = []
    strangers: list[tuple[Draft, Refusal]] = []
    identities = [wish.events[draft.position].customer for draft in drafts]
    found = await customers.recognise(actor, identities, unknown=unknown) if drafts else []
    for draft, person in zip(drafts, found, strict=True):
        if person.customer_id is None:
            assert person.refusal is not None, "who is not recognised is refused"
            strangers.append((draft, person.refusal))
        else:
            draft.customer_id = person.customer_id
            known.append(draft)
    return known, strangers


@operation(writes=True)
async def record(actor: Actor, rows: Sequence[EventRow]) -> Tracked:
    """Write events whose customers are known; the caller has checked a scope of its own. A bad one never loses the others.

    Three statements where nothing is new, none more for sealing save those for keys that this process does not hold. Events of
    somebody who was merged go to whom they were merged into.
    """
    tracked = Tracked()
    drafts, drafter = await _drafted(rows, tracked, lambda row: row.key)
    for draft in drafts:
        draft.customer_id = rows[draft.position].customer_id
    await _store(actor, drafts, drafter, tracked)
    tracked.refusals = [_placed(refusal, rows) for refusal in tracked.refusals]
    return tracked


def _placed(refusal: Refusal, rows: Sequence[EventRow]) -> Refusal:
    """The refusal under the place that the row itself names."""
    path = (*refusal.path[:2], str(rows[int(refusal.path[2])].position), *refusal.path[3:])
    return Refusal(refusal.message, path=path, code=refusal.code)


async def _drafted(given: Sequence[T], tracked: Tracked, key: Callable[[T], str]) -> tuple[list[Draft], Drafter]:
    """The drafts of those that are right, each key once; what is wrong with the others goes into `tracked`."""
    names = _named([event.name for event in given], tracked)
    register_says = await register.known(set(names.values()))
    lacking = dict.fromkeys(name for name in names.values() if name not in register_says)
    allowed = set(list(lacking)[: await register.room()]) if lacking else set()
    settings = boot.current().settings
    secret = keyring.current().index_key("events", "key").of(b"events")
    texts = drafting.texts(event.properties for event in given)
    late_after, refuses = timedelta(days=settings.events_late_days), settings.events_personal == "refuse"
    drafter = Drafter(clock.now(), late_after, secret, refuses, register_says, clear=drafting.clear(texts))
    drafts: dict[bytes, Draft] = {}
    for position, event in enumerate(given):
        name = names.get(position)
        if name is None:
            continue
        try:
            if name in lacking and name not in allowed:
                raise _too_many_names()
            draft = drafter.draft(
                position,
                name=name,
                occurred_at=event.occurred_at,
                properties=event.properties,
                text=texts[position],
                key=key(event),
                channel=event.channel,
                said_at=getattr(event, "said_at", None),
            )
        except Refusal as refusal:
            _refuse(tracked, position, refusal)
            continue
        first = drafts.setdefault(draft.key, draft)
        if first is not draft:
            _repeated(tracked, draft, first.content)
    return list(drafts.values()), drafter


def _named(given: Sequence[str], tracked: Tracked) -> dict[int, str]:
    """The names in their normal spelling, by position, of those that have one."""
    names: dict[int, str] = {}
    for position, text in enumerate(given):
        try:
            names[position] = rules.event_name(text)
        except Refusal as refusal:
            _refuse(tracked, position, refusal)
    return names


async def _store(actor: Actor, drafts: Sequence[Draft], drafter: Drafter, tracked: Tracked) -> None:
    """Write the drafts, each of whose customer is named, and the register where they bring anything new."""
    stands = await customers.hold(actor, {draft.customer_id for draft in drafts if draft.customer_id is not None}) if drafts else {}
    ready: list[Draft] = []
    for draft in drafts:
        now = stands.get(draft.customer_id) if draft.customer_id is not None else None
        if now is None:
            _refuse(tracked, draft.position, NotFound("There is no such customer."), "customer")
        else:
            draft.customer_id = now
            ready.append(draft)
    told = {draft.name for draft in ready}
    novelties = {name: novelty for name, novelty in drafter.novelties.items() if name in told}
    if novelties:
        await register.write(novelties, drafter.register, drafter.received_at)
    held = await storing.insert(storing.Batch(ready, drafter.received_at, drafter.late_after)) if ready else {}
    acting: dict[str, list[UUID]] = {}
    for draft in ready:
        if draft.key in held:
            _repeated(tracked, draft, held[draft.key])
        else:
            assert draft.customer_id is not None, "who is ready has a customer"
            acting.setdefault(draft.name, []).append(draft.customer_id)
            tracked.accepted += 1
            tracked.late += draft.timing is Timing.LATE
            tracked.future += draft.timing is Timing.FUTURE
    for name, people in acting.items():
        touch(Change.EVENT, people, name)


def _repeated(tracked: Tracked, draft: Draft, first: bytes) -> None:
    """The same again changes nothing; something else under the same key is a mistake of the sender's, and is said."""
    if draft.content == first:
        tracked.duplicates += 1
        tracked.repeated.add(draft.position)
    else:
        message = "Another event came under this key; it stays as it is. Give each event a key of its own."
        _refuse(tracked, draft.position, Refusal(message, path=("idempotency_key",), code=Code.CONFLICT))


def _refuse(tracked: Tracked, position: int, refusal: Refusal, *below: str) -> None:
    path = ("input", "events", str(position), *below, *refusal.path)
    tracked.refusals.append(Refusal(refusal.message, path=path, code=refusal.code))


def _too_many_names() -> Refusal:
    return Refusal(
        f"There are {register.NAMES_MAX:,} names of events; put what varies into a property.", path=("name",), code=Code.LIMIT_EXCEEDED
    )
