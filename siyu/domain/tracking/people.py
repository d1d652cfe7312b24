"""Whose the ids of messages are, and which of them `identify` and `alias` say are one person's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from siyu.domain import customers, merges
from siyu.domain.customers import IdentityGiven, IdentityKind, Recognised, Unknown
from siyu.domain.kernel import database
from siyu.domain.tracking.messages import Message, Type
from siyu.privacy.actor import Actor
from siyu.privacy.refusal import Refusal

#: An id as a message gives it.
Who = tuple[IdentityKind, str]

_FIELDS: Final = {IdentityKind.EXTERNAL_ID: "userId", IdentityKind.ANONYMOUS_ID: "anonymousId"}


def acting(message: Message) -> Who:
    """Who did it: the user where one is named, else the visitor."""
    if message.user_id:
        return IdentityKind.EXTERNAL_ID, message.user_id
    return IdentityKind.ANONYMOUS_ID, message.anonymous_id


def named(message: Message) -> list[Who]:
    """All that an `identify` or an `alias` may name; of an alias's former id both readings, the visitor's last."""
    found: list[Who] = [(IdentityKind.EXTERNAL_ID, message.user_id)] if message.user_id else []
    if message.type is Type.ALIAS:
        if message.previous_id != message.user_id:
            found += [(IdentityKind.EXTERNAL_ID, message.previous_id), (IdentityKind.ANONYMOUS_ID, message.previous_id)]
    elif message.anonymous_id:
        found.append((IdentityKind.ANONYMOUS_ID, message.anonymous_id))
    return found


async def recognised(actor: Actor, wanted: Iterable[Who], unknown: Unknown, source: str | None = None) -> dict[Who, Recognised]:
    """Whose these ids are. One statement where all are known or none is made."""
    who = list(dict.fromkeys(wanted))
    if not who:
        return {}
    given = [IdentityGiven(kind=kind, value=value) for kind, value in who]
    return dict(zip(who, await customers.recognise(actor, given, unknown=unknown, source=source), strict=True))


def as_sent(refusal: Refusal, who: Who) -> Refusal:
    """A refusal of an id, at the field that the message has it in."""
    return Refusal(refusal.message, path=(_FIELDS[who[0]],), code=refusal.code)


@dataclass(slots=True)
class Joining:
    """Joins what messages name, one after another; what is one person's already costs nothing."""

    actor: Actor
    _holders: dict[Who, UUID] = field(default_factory=dict)
    joined: bool = False

    async def look_up(self, messages: Sequence[Message]) -> set[UUID]:
        """Learn who is known by anything that these name; the customers. One statement."""
        found = await recognised(self.actor, (who for message in messages for who in named(message)), Unknown.REFUSE)
        self._holders = {who: each.customer_id for who, each in found.items() if each.customer_id is not None}
        return set(self._holders.values())

    async def join(self, message: Message, channel: str) -> UUID:
        """The customer whom all ids of the message name from now on. Raises a `Refusal` at the field that is wrong."""
        whole = self._read(message)
        known = {self._holders.get(who) for who in whole}
        if len(known) == 1 and (holder := known.pop()) is not None:
            return holder
        given = [IdentityGiven(kind=kind, value=value) for kind, value in whole]
        try:
            async with database.transaction():
                holder = await merges.join(self.actor, given, source=channel)
        except Refusal as refusal:
            raise as_sent(refusal, whole[0]) from None
        self.joined = True
        # Whoever was merged is known by other values too: they are looked up again when they are named again.
        self._holders = {who: each for who, each in self._holders.items() if each not in known}
        return holder

    def _read(self, message: Message) -> list[Who]:
        """The ids that are said to be one person's; an alias's former id is a user's where a user has it."""
        found = named(message)
        if message.type is Type.ALIAS and len(found) == 3:
            del found[2 if found[1] in self._holders else 1]
        return found
