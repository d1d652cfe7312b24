"""What is done with staff: inviting, accepting, changing, and the first administrator."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Final
from uuid import UUID

from annotated_doc import Doc
from tortoise.exceptions import IntegrityError

from siyu.domain.kernel import bearer, clock, ids
from siyu.domain.kernel.bearer import Kind
from siyu.domain.kernel.inputs import UNSET, Ref, Unset, changes
from siyu.domain.kernel.operation import operation
from siyu.domain.staff import rules
from siyu.domain.staff.logins import end_all
from siyu.domain.staff.tables import Staff
from siyu.privacy import audit, passwords
from siyu.privacy.actor import Actor, Role, Scope
from siyu.privacy.refusal import Code, Forbidden, NotFound, Refusal, Taken

#: How long an invitation may be accepted.
INVITE: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffInviteInput:
    """Who is invited."""

    name: Annotated[str, Doc("Name as it will be shown.")]
    email: Annotated[str, Doc("Address that they will sign in with.")]
    role: Annotated[Role, Doc("What they will be allowed.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffInviteAcceptInput:
    """The answer to an invitation."""

    token: Annotated[str, Doc("The part of the invitation's link after `#`. It works once.")]
    password: Annotated[str, Doc("The password to sign in with from now on: 12 characters at least."), field(repr=False)]


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffUpdateInput:
    """What is left out stays."""

    id: Annotated[UUID, Ref("Staff"), Doc("Whom to change.")]
    name: Annotated[str | Unset, Doc("New name.")] = UNSET
    role: Annotated[Role | Unset, Doc("New role. Their logins end, so that it binds at once.")] = UNSET
    active: Annotated[bool | Unset, Doc("False ends their logins and keeps them from signing in.")] = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """Who was invited, and the secret of the link, shown once."""

    id: UUID
    secret: str = field(repr=False)


@operation(Scope.STAFF_WRITE, writes=True)
async def invite(actor: Actor, given: StaffInviteInput) -> Invited:
    """Let somebody in: they set their password with the link. Inviting an address again before it was accepted makes a new link."""
    name, email = rules.staff_name(given.name), rules.email(given.email)
    who = await Staff.get_or_none(email=email)
    if who is not None and (who.password_hash is not None or not who.active):
        raise Taken("Somebody of this email address is there already.", path=("input", "email"))
    who = who or Staff(id=ids.uuid7(), email=email)
    secret = bearer.mint(Kind.INVITE, who.id)
    who.name, who.role, who.updated_at = name, given.role, clock.now()
    who.invite_digest, who.invite_expires_at = secret.digest, clock.now() + INVITE
    await _save(who)
    await audit.record(actor, "staff.invite", detail={"staff": str(who.id), "role": given.role.value})
    return Invited(id=who.id, secret=secret.text)


@operation()
async def accept_invite(actor: Actor, given: StaffInviteAcceptInput) -> UUID:
    """Set the first password with the secret of an invitation; any actor may try, the secret decides. It works once."""
    shown = bearer.present(given.token)
    who = await Staff.get_or_none(id=shown.id) if shown and shown.kind is Kind.INVITE else None
    if who is None or shown is None or not bearer.same(who.invite_digest, shown.digest):
        raise Refusal("This invitation is none of ours, or was accepted already.", path=("input", "token"))
    if not who.active or who.invite_expires_at is None or who.invite_expires_at <= clock.now():
        raise Refusal("This invitation has ended: ask for a new one.", path=("input", "token"), code=Code.EXPIRED)
    chosen = rules.password(given.password, about=_known(who))
    await _set_first_password(actor, who.id, shown.digest, await passwords.hash(chosen))
    return who.id


@operation(writes=True)
async def _set_first_password(actor: Actor, staff_id: UUID, digest: bytes, password_hash: str) -> None:
    changed = await Staff.filter(id=staff_id, invite_digest=digest).update(
        password_hash=password_hash, invite_digest=None, invite_expires_at=None, updated_at=clock.now()
    )
    if not changed:
        raise Refusal("This invitation was accepted already.", path=("input", "token"))
    await audit.record(actor, "staff.invite_accept", detail={"staff": str(staff_id)})


@operation(Scope.STAFF_WRITE, writes=True)
async def update(actor: Actor, given: StaffUpdateInput) -> UUID:
    """Change a member of staff. Nobody changes their own role or locks themselves out."""
    who = await Staff.filter(id=given.id).select_for_update().first()
    if who is None:
        raise NotFound("There is no such member of staff.", path=("input", "id"))
    given_changes = changes(given)
    for name in ("role", "active"):
        if given_changes.get(name, getattr(who, name)) != getattr(who, name) and who.id == actor.id:
            raise Refusal(f"Somebody else must change your {name}.", path=("input", name), code=Code.SECOND_PERSON_REQUIRED)
    if given.name is not UNSET:
        who.name = rules.staff_name(given.name)
    ends = (given.role not in (UNSET, who.role)) or given.active is False
    if given.role is not UNSET:
        who.role = given.role
    if given.active is not UNSET:
        who.active = given.active
    who.updated_at = clock.now()
    await who.save()
    if ends:
        await end_all(who.id)
    await audit.record(actor, "staff.update", fields=sorted(given_changes.keys() - {"id"}), detail={"staff": str(who.id)})
    return who.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Administrator:
    """The first administrator: `password` is shown once."""

    id: UUID
    email: str
    password: str = field(repr=False)


@operation(Scope.STAFF_WRITE)
async def bootstrap_admin(actor: Actor, *, email: str, name: str = "Administrator") -> Administrator | None:
    """The first member of staff, with a password made here; None, and nothing done, when there is staff already."""
    if await Staff.exists():
        return None
    password = secrets.token_urlsafe(12)
    return await add(actor, email=email, name=name, role=Role.ADMIN, password=password)


@operation(Scope.STAFF_WRITE)
async def add(actor: Actor, *, email: str, name: str, role: Role, password: str) -> Administrator:
    """A member of staff with a password, without an invitation: for the command line."""
    if actor.id is not None:
        raise Forbidden("Invite them: a password is only set by its owner.")
    address, shown_name = rules.email(email), rules.staff_name(name)
    rules.password(password, about=(shown_name, address.partition("@")[0]))
    who = Staff(id=ids.uuid7(), name=shown_name, email=address, role=role, password_hash=await passwords.hash(password))
    return await _add(actor, who, password)


@operation(Scope.STAFF_WRITE, writes=True)
async def _add(actor: Actor, who: Staff, password: str) -> Administrator:
    await _save(who)
    await audit.record(actor, "staff.add", detail={"staff": str(who.id), "role": who.role.value})
    return Administrator(id=who.id, email=who.email, password=password)


async def _save(who: Staff) -> None:
    try:
        await who.save()
    except IntegrityError as error:
        raise Taken("Somebody of this email address is there already.", path=("input", "email")) from error


def _known(who: Staff) -> tuple[str, ...]:
    return (*who.name.split(), who.email.partition("@")[0])
