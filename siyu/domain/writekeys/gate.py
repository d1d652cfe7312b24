"""From a write key to what it may send. A look-up is believed for a second, and forgotten at once when the key is revoked."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from siyu.domain.kernel import announcements, bearer, clock
from siyu.domain.kernel.bearer import Kind
from siyu.domain.kernel.operation import operation
from siyu.domain.writekeys.commands import REVOKED
from siyu.domain.writekeys.tables import WriteKey
from siyu.privacy.actor import Actor, ActorKind, Scope
from siyu.privacy.refusal import Unauthenticated

#: The longest that a process believes what it looked up.
BELIEF: Final = timedelta(seconds=1)
_KEPT_MAX: Final = 1_000

UNKNOWN: Final = "This is no write key of ours."


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends with a key: an actor that may track and nothing else, and what the key says of where it is."""

    actor: Actor
    id: UUID
    channel: str
    profiles: bool


_MEMORY_KEY: Final = secrets.token_bytes(32)
#: By a hash of the secret under a key of this process alone: until when, and who.
_kept: dict[bytes, tuple[datetime, Sender]] = {}
_used: set[UUID] = set()


@operation()
async def authenticate(actor: Actor, text: str) -> Sender:
    """Who sends with this secret; any actor may ask. Raises `Unauthenticated` when it is unknown or revoked.

    The sender's actor carries the correlation id of the actor who asks.
    """
    at = hashlib.blake2b(text.encode(errors="replace"), key=_MEMORY_KEY, digest_size=32).digest()
    known = _kept.get(at)
    if known is not None and known[0] > clock.now():
        return replace(known[1], actor=replace(known[1].actor, request=actor.request))
    shown = bearer.present(text)
    if shown is None or shown.kind is not Kind.WRITE_KEY:
        raise Unauthenticated(UNKNOWN)
    until = clock.now() + BELIEF
    found = await WriteKey.get_or_none(id=shown.id)
    if found is None or not bearer.same(found.digest, shown.digest):
        raise Unauthenticated(UNKNOWN)
    if found.revoked_at is not None:
        raise Unauthenticated("This write key has ended.")
    who = Actor(ActorKind.TOKEN, found.id, f"write key: {found.name}", frozenset({Scope.EVENTS_TRACK}), None, actor.request)
    sender = Sender(who, found.id, found.channel, found.profiles)
    if len(_kept) >= _KEPT_MAX:
        _kept.clear()
    _kept[at] = (until, sender)
    _used.add(found.id)
    return sender


@operation()
async def note_use(_: Actor) -> None:
    """Write down what was used since the last time; called once a minute by each process."""
    used = set(_used)
    if used:
        await WriteKey.filter(id__in=list(used)).update(last_used_at=clock.now())
        _used.difference_update(used)


def _forget(row_ids: tuple[str, ...]) -> None:
    gone = set(row_ids)
    for digest in [digest for digest, (_, sender) in _kept.items() if not gone or str(sender.id) in gone]:
        del _kept[digest]


def listen() -> None:
    """Have this process forget what another one revoked."""
    announcements.listen(REVOKED, _forget)
    announcements.listen(announcements.LOST, _forget)
