"""Taking what the SDKs send: who is who first, then who did what, all of it in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from siyu.domain import customers, events
from siyu.domain.customers import Unknown
from siyu.domain.events import EventRow
from siyu.domain.kernel.operation import operation
from siyu.domain.tracking import people
from siyu.domain.tracking.messages import Message, Type
from siyu.domain.tracking.people import Joining
from siyu.domain.tracking.profiles import Identified, Profiles
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, Refusal


@dataclass(slots=True)
class Taken:
    """What became of one sending's messages, by their place in it. Refusals name fields as the specification does.

    `refused` are lost, `duplicates` had come before; `partly` were taken without what the refusal names.
    """

    refused: dict[int, Refusal] = field(default_factory=dict)
    partly: list[tuple[int, Refusal]] = field(default_factory=list)
    duplicates: set[int] = field(default_factory=set)


@operation(Scope.EVENTS_TRACK, writes=True)
async def take(actor: Actor, sendings: Sequence[Sequence[Message]], *, channel: str, profiles: bool) -> list[Taken]:
    """Take what came in several requests of one sender, in a fixed number of statements where it is events alone.

    A bad message never loses the others. `identify` and `alias` come first, so that what was tracked beside them belongs to the
    person whom they name; without `profiles` their traits are left out. `channel` is where all of it was done.
    """
    taken = [Taken() for _ in sendings]
    placed = [_Placed(told, place, message) for told, sending in zip(taken, sendings, strict=True) for place, message in enumerate(sending)]
    naming = [each for each in placed if each.message.type in _NAMING]
    if naming:
        await _name(actor, naming, channel, profiles=profiles)
    acting = [each for each in placed if each.message.name]
    if acting:
        await _record(actor, acting, channel)
    return taken


@dataclass(slots=True)
class _Placed:
    """A message, where it stands in its sending, and where it is told what becomes of it."""

    taken: Taken
    place: int
    message: Message

    def refuse(self, refusal: Refusal) -> None:
        self.taken.refused[self.place] = refusal

    def leave_out(self, refusal: Refusal) -> None:
        self.taken.partly.append((self.place, refusal))


_NAMING: Final = frozenset({Type.IDENTIFY, Type.ALIAS})
#: What the domain calls a field of an event, and what a message calls it.
_EVENT_FIELDS: Final = {"name": "event", "occurred_at": "timestamp", "idempotency_key": "messageId"}
_GONE: Final = Refusal("This person has just been erased.", code=Code.NOT_FOUND)
_NO_PROFILES: Final = "This write key changes no profiles: the traits were left out."


async def _name(actor: Actor, naming: Sequence[_Placed], channel: str, *, profiles: bool) -> None:
    """Have customers known by what is said of them, and write the traits."""
    joining = Joining(actor)
    writing = Profiles(await customers.standing(actor, await joining.look_up([each.message for each in naming])))
    said: list[tuple[_Placed, UUID]] = []
    for each in naming:
        try:
            customer_id = await joining.join(each.message, channel)
        except Refusal as refusal:
            each.refuse(refusal)
            continue
        if each.message.traits and profiles:
            said.append((each, customer_id))
        elif each.message.traits:
            each.leave_out(Refusal(_NO_PROFILES, path=("traits",), code=Code.FORBIDDEN))
    if said:
        last = await _as_it_came_out(actor, said) if joining.joined else [customer_id for _, customer_id in said]
        identified = [
            Identified(at, holder, each.message.at, each.message.traits)
            for at, ((each, _), holder) in enumerate(zip(said, last, strict=True))
        ]
        await writing.write(actor, identified)
    for position, left_out in writing.refused:
        said[position][0].leave_out(left_out)


async def _as_it_came_out(actor: Actor, said: Sequence[tuple[_Placed, UUID]]) -> list[UUID]:
    """Whose each is once all were joined: one that was found early may have been merged later."""
    found = await people.recognised(actor, (people.acting(each.message) for each, _ in said), Unknown.REFUSE)
    return [found[people.acting(each.message)].customer_id or before for each, before in said]


async def _record(actor: Actor, acting: Sequence[_Placed], channel: str) -> None:
    """Write the events; those of people whom nobody knows make them."""
    gone = await _recorded(actor, list(enumerate(acting)), acting, channel)
    if gone:
        # Somebody was remembered who has been erased since: looked up again, they are new.
        people.forget({people.acting(acting[position].message) for position in gone})
        for position in await _recorded(actor, [(position, acting[position]) for position in gone], acting, channel):
            acting[position].refuse(people.as_sent(_GONE, people.acting(acting[position].message)))


async def _recorded(actor: Actor, chosen: Sequence[tuple[int, _Placed]], acting: Sequence[_Placed], channel: str) -> list[int]:
    """Write these of the events, and tell what became of each; the positions of those whose people turned out to be gone."""
    who = [people.acting(each.message) for _, each in chosen]
    holders = await people.holders(actor, who, channel)
    rows: list[EventRow] = []
    for (position, each), whose in zip(chosen, who, strict=True):
        holder, message = holders[whose], each.message
        if isinstance(holder, Refusal):
            each.refuse(holder)
            continue
        rows.append(
            EventRow(
                customer_id=holder,
                name=message.name,
                occurred_at=message.at,
                properties=message.properties,
                key=f"{channel}:{message.id}",
                channel=channel,
                position=position,
                said_at=message.said_at,
            )
        )
    if not rows:
        return []
    tracked = await events.record(actor, rows)
    for repeated in tracked.repeated:
        acting[repeated].taken.duplicates.add(acting[repeated].place)
    gone: list[int] = []
    for refusal in tracked.refusals:
        _, _, at, *below = refusal.path
        if below == ["customer"] and refusal.code is Code.NOT_FOUND:
            gone.append(int(at))
            continue
        where = (_EVENT_FIELDS.get(below[0], below[0]), *below[1:]) if below else ()
        acting[int(at)].refuse(Refusal(refusal.message, path=where, code=refusal.code))
    return gone
