"""From a bearer secret to whoever it stands for: one path for partners' tokens and for the logins of staff."""

from __future__ import annotations

from dataclasses import dataclass, replace
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


_kept: dict[bytes, _Kept] = {}
_used: dict[Kind, set[UUID]] = {Kind.TOKEN: set(), Kind.SESSION: set()}


def recall(text: str, *, request: str) -> Caller | None:
    """Who this secret stood for less than a second ago, in this process; None means ask `authenticate`."""
    kept = _kept.get(bearer.digest(text))
    if kept is None or kept.until <= clock.now():
        return None
    return replace(kept.caller, actor=replace(kept.caller.actor, request=request))


@operation()
async def authenticate(actor: Actor, shown: Presented) -> Caller:
    """Who this secret stands for; any actor may ask. Raises `Unauthenticated` when it is unknown, expired or revoked."""
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
    _kept[shown.digest] = _Kept(caller, min(clock.now() + BELIEF, expires_at))
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
    known = {scope.value: scope for scope in Scope}
    scopes = frozenset(known[name] for name in found.scopes if name in known)
    who = Actor(ActorKind.TOKEN, found.id, f"{found.partner}: {found.name}", scopes, found.purpose, actor.request)
    return Caller(who, Kind.TOKEN, found.id), ends


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
