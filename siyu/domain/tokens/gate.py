"""From a bearer secret to whoever it stands for: one path for partners' tokens and for the logins of staff."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from siyu.domain import staff
from siyu.domain.kernel import announcements, bearer, clock
from siyu.domain.kernel.bearer import Kind, Presented
from siyu.domain.kernel.operation import operation
from siyu.domain.tokens.commands import REVOKED
from siyu.domain.tokens.tables import AccessToken
from siyu.privacy.actor import Actor, ActorKind, Scope
from siyu.privacy.refusal import Unauthenticated

#: The longest that a process believes what it looked up.
BELIEF: Final = timedelta(seconds=1)
_KEPT_MAX: Final = 10_000


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a secret, and the row that it belongs to: a token's, or a login's."""

    actor: Actor
    kind: Kind
    id: UUID


@dataclass(slots=True)
class _Kept:
    caller: Caller
    until: datetime


_MEMORY_KEY: Final = secrets.token_bytes(32)
_kept: dict[bytes, _Kept] = {}
#: Secrets that are being looked up: requests of the same moment wait for one look-up.
_asking: dict[bytes, asyncio.Future[None]] = {}
_used: dict[Kind, set[UUID]] = {Kind.TOKEN: set(), Kind.SESSION: set()}


def recall(text: str, *, request: str) -> Caller | None:
    """Who this secret stood for less than a second ago, in this process; None means ask `authenticate`."""
    kept = _kept.get(_remembered(text))
    if kept is None or kept.until <= clock.now():
        return None
    caller, who = kept.caller, kept.caller.actor
    # Spelled out, since `dataclasses.replace` costs as much as the rest of the look-up.
    return Caller(Actor(who.kind, who.id, who.name, who.scopes, who.purpose, request), caller.kind, caller.id)


def _remembered(text: str) -> bytes:
    """What a secret is remembered by: a hash under a key of this process alone."""
    return hashlib.blake2b(text.encode(), key=_MEMORY_KEY, digest_size=32).digest()


@operation()
async def authenticate(actor: Actor, shown: Presented, *, text: str) -> Caller:
    """Who this secret, sent as `text`, stands for; any actor may ask. Raises `Unauthenticated` when it is unknown, expired or revoked."""
    at = _remembered(text)
    waiting = _asking.get(at)
    if waiting is not None:
        await asyncio.wait([waiting])
        known = recall(text, request=actor.request)
        if known is not None:
            return known
    mine = _asking[at] = asyncio.get_running_loop().create_future()
    try:
        return await _look_up(actor, shown, at)
    finally:
        mine.set_result(None)
        if _asking.get(at) is mine:
            del _asking[at]


async def _look_up(actor: Actor, shown: Presented, at: bytes) -> Caller:
    if shown.kind is Kind.TOKEN:
        caller, expires_at = await _token(actor, shown)
        _used[Kind.TOKEN].add(shown.id)
    elif shown.kind is Kind.SESSION:
        session = await staff.session(actor, shown)
        caller, expires_at = Caller(session.actor, Kind.SESSION, shown.id), session.expires_at
        _used[Kind.SESSION].add(session.staff_id)
    else:
        raise Unauthenticated("This secret opens something else, not the API.")
    if len(_kept) >= _KEPT_MAX:
        _kept.clear()
    _kept[at] = _Kept(caller, min(clock.now() + BELIEF, expires_at))
    return caller


async def _token(actor: Actor, shown: Presented) -> tuple[Caller, datetime]:
    found = await AccessToken.get_or_none(id=shown.id)
    if found is None:
        raise Unauthenticated("This access token is none of ours.")
    now = clock.now()
    ends = found.expires_at
    if not bearer.same(found.digest, shown.digest):
        if not bearer.same(found.previous_digest, shown.digest) or found.previous_expires_at is None:
            raise Unauthenticated("This access token is none of ours.")
        ends = min(ends, found.previous_expires_at)
    if found.revoked_at is not None or ends <= now:
        raise Unauthenticated("This access token has ended.")
    return Caller(_holder(found, actor.request), Kind.TOKEN, found.id), ends


def _holder(found: AccessToken, request: str) -> Actor:
    known = {scope.value: scope for scope in Scope}
    scopes = frozenset(known[name] for name in found.scopes if name in known)
    return Actor(ActorKind.TOKEN, found.id, f"{found.partner}: {found.name}", scopes, found.purpose, request)


@operation()
async def standing(actor: Actor, token_id: UUID) -> Actor | None:
    """Who this token stands for at this moment, for work that goes on after its call; None once it was revoked or has expired."""
    found = await AccessToken.get_or_none(id=token_id, revoked_at__isnull=True, expires_at__gt=clock.now())
    return _holder(found, actor.request) if found else None


@operation()
async def note_use(actor: Actor) -> None:
    """Write down what was used since the last time. Called once a minute by each process, so that no request writes for it."""
    tokens, people = set(_used[Kind.TOKEN]), set(_used[Kind.SESSION])
    if tokens:
        await AccessToken.filter(id__in=list(tokens)).update(last_used_at=clock.now())
        _used[Kind.TOKEN] -= tokens
    if people:
        await staff.seen(actor, people)
        _used[Kind.SESSION] -= people


def _forget(row_ids: tuple[str, ...]) -> None:
    gone = set(row_ids)
    for digest in [digest for digest, kept in _kept.items() if str(kept.caller.id) in gone]:
        del _kept[digest]


def listen() -> None:
    """Have this process forget what another one revoked."""
    announcements.listen(REVOKED, _forget)
    announcements.listen(staff.REVOKED, _forget)
