"""Signing in and staying signed in: passwords, lock-out, pairs of short access and longer refresh secrets."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from annotated_doc import Doc
from tortoise.expressions import F

from siyu.domain.kernel import bearer, boot, clock, ids, normal
from siyu.domain.kernel.bearer import Kind
from siyu.domain.kernel.operation import announce, operation
from siyu.domain.staff import rules
from siyu.domain.staff.tables import Staff, StaffLogin
from siyu.privacy import audit, passwords
from siyu.privacy.actor import ROLE_PURPOSE, ROLE_SCOPES, Actor, ActorKind
from siyu.privacy.refusal import Code, Refusal, Unauthenticated

#: Announced with the ids of logins that ended before their time.
REVOKED = "login-revoked"

_NO_ENTRY = "The email address or the password is wrong, or there were too many wrong ones: then wait some minutes."


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffLoginInput:
    """Who signs in."""

    email: Annotated[str, Doc("Email address of the member of staff.")]
    password: Annotated[str, Doc("Their password."), field(repr=False)]


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffRefreshInput:
    """How to stay signed in."""

    refresh_token: Annotated[str, Doc("The refresh token of the last login or refresh. It works once; using it twice ends the login.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A new pair of secrets, shown once."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    #: When the access token ends; refresh before.
    expires_at: datetime


@operation()
async def login(actor: Actor, given: StaffLoginInput) -> SignedIn:
    """Sign in with a password: the one open door, so any actor may try.

    A wrong password, an unknown address, a locked or an inactive login are all refused in the same words and after the same work. Each
    attempt is counted before the password is looked at, so many at once get no further than one after the other.
    """
    who = await _attempt(actor, given.email)
    right = await passwords.verify(who.password_hash if who else None, given.password[: rules.PASSWORD_LENGTH_MAX + 1])
    if who is None or not right:
        raise Refusal(_NO_ENTRY, path=("input",))
    return await _enter(_as_actor(who, actor.request), who.id)


@operation()
async def refresh(actor: Actor, given: StaffRefreshInput) -> SignedIn:
    """Exchange a refresh token for a new pair. One that was used before was copied: then the whole login ends."""
    shown = bearer.present(given.refresh_token)
    found = await StaffLogin.get_or_none(id=shown.id) if shown and shown.kind is Kind.REFRESH else None
    if found is None or shown is None or not bearer.same(found.refresh_digest, shown.digest):
        raise Refusal("This refresh token is none of ours. Sign in again.", path=("input", "refresh_token"))
    who = await Staff.get(id=found.staff_id)
    if found.revoked_at or found.refresh_expires_at <= clock.now() or not who.active:
        raise Refusal("This login has ended. Sign in again.", path=("input", "refresh_token"), code=Code.EXPIRED)
    signed_in = await _exchange(_as_actor(who, actor.request), found)
    if signed_in is None:
        reused = "This refresh token was used before, so the login was ended. Sign in again."
        raise Refusal(reused, path=("input", "refresh_token"), code=Code.EXPIRED)
    return signed_in


@operation(writes=True)
async def logout(actor: Actor, login_id: UUID | None) -> bool:
    """End the login that the actor came with; whether there was one."""
    found = await StaffLogin.get_or_none(id=login_id, staff_id=actor.id) if login_id else None
    if found is None:
        return False
    await _end(family=found.family)
    await audit.record(actor, "staff.logout")
    return True


@dataclass(frozen=True, slots=True)
class Session:
    """A login that is valid now, and whose it is."""

    actor: Actor
    staff_id: UUID
    expires_at: datetime


@operation()
async def session(actor: Actor, shown: bearer.Presented) -> Session:
    """The login that an access secret opens; raises `Unauthenticated` when it opens none."""
    found = await StaffLogin.get_or_none(id=shown.id)
    if found is None or not bearer.same(found.access_digest, shown.digest):
        raise Unauthenticated("This access token is none of ours.")
    who = await Staff.get(id=found.staff_id)
    if found.revoked_at or found.access_expires_at <= clock.now() or not who.active:
        raise Unauthenticated("This login has ended. Refresh it, or sign in again.")
    return Session(_as_actor(who, actor.request), who.id, found.access_expires_at)


def _as_actor(who: Staff, request: str = "") -> Actor:
    return Actor(ActorKind.STAFF, who.id, who.name, ROLE_SCOPES[who.role], ROLE_PURPOSE[who.role], request)


@operation(writes=True)
async def _attempt(actor: Actor, address: str) -> Staff | None:
    """Count an attempt; the member of staff whose password may be looked at, or None."""
    settings = boot.current().settings
    now = clock.now()
    who = await Staff.filter(email=_plain(address)).select_for_update().first()
    if who is None or not who.active or (who.locked_until and who.locked_until > now):
        return None
    pause = rules.lock(who.failures + 1, allowed=settings.login_attempts, first=timedelta(minutes=settings.login_lock_minutes))
    await Staff.filter(id=who.id).update(failures=F("failures") + 1, locked_until=now + pause if pause else None)
    if pause:
        await audit.record(actor, "staff.locked", detail={"staff": str(who.id)})
    return who


def _plain(address: str) -> str:
    try:
        return normal.email(address)
    except Refusal:
        return ""


@operation(writes=True)
async def _enter(actor: Actor, staff_id: UUID) -> SignedIn:
    await Staff.filter(id=staff_id).update(failures=0, locked_until=None, last_seen_at=clock.now())
    await StaffLogin.filter(staff_id=staff_id, refresh_expires_at__lt=clock.now()).delete()
    await audit.record(actor, "staff.login")
    return await _pair(staff_id, family=ids.uuid7())


@operation(writes=True)
async def _exchange(actor: Actor, old: StaffLogin) -> SignedIn | None:
    """The next pair of a family, or None when another call was first: then the family has ended."""
    first = await StaffLogin.filter(id=old.id, replaced_at__isnull=True, revoked_at__isnull=True).update(replaced_at=clock.now())
    if first:
        return await _pair(old.staff_id, family=old.family)
    await _end(family=old.family)
    await audit.record(actor, "staff.refresh_reused")
    return None


async def _pair(staff_id: UUID, *, family: UUID) -> SignedIn:
    settings, now, row_id = boot.current().settings, clock.now(), ids.uuid7()
    access, longer = bearer.mint(Kind.SESSION, row_id), bearer.mint(Kind.REFRESH, row_id)
    expires_at = now + timedelta(minutes=settings.session_minutes)
    await StaffLogin.create(
        id=row_id,
        staff_id=staff_id,
        family=family,
        access_digest=access.digest,
        access_expires_at=expires_at,
        refresh_digest=longer.digest,
        refresh_expires_at=now + timedelta(days=settings.refresh_days),
    )
    return SignedIn(access_token=access.text, refresh_token=longer.text, expires_at=expires_at)


async def _end(**which: object) -> None:
    ended = await StaffLogin.filter(**which, revoked_at__isnull=True)
    await StaffLogin.filter(id__in=[each.id for each in ended]).update(revoked_at=clock.now())
    announce(REVOKED, *(str(each.id) for each in ended))


async def end_all(staff_id: UUID) -> None:
    """End every login of a member of staff, inside the caller's operation."""
    await _end(staff_id=staff_id)
