"""Whose the ids of messages are, and which of them `identify` and `alias` say are one person's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from siyu.domain import customers, merges
from siyu.domain.customers import IdentityGiven, IdentityKind, Recognised, Unknown
from siyu.domain.kernel import announcements, boot, database
from siyu.domain.kernel.boot import House
from siyu.domain.tracking.messages import Message, Type
from siyu.privacy.actor import Actor
from siyu.privacy.cache import Lasting
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


#: The longest that a process believes whose an id is, as it believes a token; `events.record` looks up whether that person is still there.
BELIEF_SECONDS: Final = 1.0
_KEPT_MAX: Final = 10_000


@dataclass(slots=True)
class _Memory:
    house: House
    holders: Lasting[Who, UUID] = field(default_factory=lambda: Lasting(_KEPT_MAX, BELIEF_SECONDS))


_memory: _Memory | None = None


def _remembered() -> Lasting[Who, UUID]:
    """Whose ids were, in the open house, a moment ago."""
    global _memory  # noqa: PLW0603  # one memory a process, of one house
    house = boot.current()
    if _memory is None or _memory.house is not house:
        _memory = _Memory(house)
        announcements.listen(boot.FORGET, _forget_all)
    return _memory.holders


def _forget_all(_: tuple[str, ...]) -> None:
    if _memory is not None:
        _memory.holders.clear()


async def holders(actor: Actor, wanted: Iterable[Who], source: str) -> dict[Who, UUID | Refusal]:
    """Whose these ids are, who is new being made; from memory where that is fresh. At most one statement where all are known."""
    memory = _remembered()
    who = list(dict.fromkeys(wanted))
    found: dict[Who, UUID | Refusal] = {each: holder for each, holder in zip(who, memory.many(who), strict=True) if holder is not None}
    missing = [each for each in who if each not in found]
    if missing:
        since = memory.moment()
        looked_up = await recognised(actor, missing, Unknown.CREATE, source)
        memory.keep({each: one.customer_id for each, one in looked_up.items() if one.customer_id and not one.created}, since=since)
        for each, one in looked_up.items():
            found[each] = one.customer_id or as_sent(one.refusal, each)
    return found


def forget(who: Iterable[Who]) -> None:
    """Believe no longer whose these are."""
    memory = _remembered()
    for each in who:
        memory.forget(each)


async def recognised(actor: Actor, wanted: Iterable[Who], unknown: Unknown, source: str | None = None) -> dict[Who, Recognised]:
    """Whose these ids are. One statement where all are known or none is made."""
    who = list(dict.fromkeys(wanted))
    if not who:
        return {}
    given = [IdentityGiven(kind=kind, value=value) for kind, value in who]
    return dict(zip(who, await customers.recognise(actor, given, unknown=unknown, source=source), strict=True))


def as_sent(refusal: Refusal | None, who: Who) -> Refusal:
    """A refusal of an id, at the field that the message has it in."""
    assert refusal is not None, "who is not recognised is refused"
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
        if self.joined:
            await self.look_up([message])  # whoever was joined may have been merged
        whole = await self._one_persons(self._read(message))
        known = {self._holders.get(who) for who in whole}
        if len(known) == 1 and (holder := known.pop()) is not None:
            return holder
        given = [IdentityGiven(kind=kind, value=value) for kind, value in whole]
        try:
            async with database.transaction():
                holder = await merges.join(self.actor, given, source=channel)
        except Refusal as refusal:
            each = refusal.each()[0]
            raise as_sent(each, whole[int(each.path[0])] if each.path else whole[0]) from None
        self.joined = True
        return holder

    async def _one_persons(self, named: list[Who]) -> list[Who]:
        """Without the visitor's id where another user has it: the second to sign in on a device is not the first."""
        if len(named) < 2 or named[0] in self._holders or named[1][0] is not IdentityKind.ANONYMOUS_ID:
            return named
        holder = self._holders.get(named[1])
        held = (await customers.mergeable(self.actor, [holder])).get(holder) if holder else None
        is_user = held is not None and any(kind is IdentityKind.EXTERNAL_ID for kind, _, _ in held.identities)
        return named[:1] if is_user else named

    def _read(self, message: Message) -> list[Who]:
        """The ids that are said to be one person's; an alias's former id is a user's where a user has it."""
        found = named(message)
        if message.type is Type.ALIAS and len(found) == 3:
            del found[2 if found[1] in self._holders else 1]
        return found
