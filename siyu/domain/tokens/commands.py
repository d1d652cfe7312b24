"""Making, renewing and ending access tokens."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from annotated_doc import Doc

from siyu.domain.kernel import bearer, boot, clock, ids
from siyu.domain.kernel.bearer import Kind
from siyu.domain.kernel.inputs import UNSET, Ref, Unset
from siyu.domain.kernel.inputs import given as given_or_none
from siyu.domain.kernel.operation import announce, operation
from siyu.domain.tokens import rules
from siyu.domain.tokens.tables import AccessToken
from siyu.privacy import audit, consent
from siyu.privacy.actor import Actor, ActorKind, Scope
from siyu.privacy.refusal import Code, Forbidden, NotFound, Refusal, Taken

#: Announced with the ids of tokens that were revoked or whose secret changed.
REVOKED = "token-revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessTokenCreateInput:
    """A token for a partner, or for a program of our own."""

    name: Annotated[str, Doc("What it is called here; one name a partner.")]
    partner: Annotated[str, Doc("Who will hold it.")]
    scopes: Annotated[tuple[str, ...], Doc("What it may do and see: some of the scopes that you hold.")]
    purpose: Annotated[str | Unset | None, Doc("Code of the one purpose that it sees people for; without one it sees nobody.")] = UNSET
    expires_at: Annotated[datetime, Doc("When it ends by itself.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessTokenRotateInput:
    """A new secret for a token."""

    id: Annotated[UUID, Ref("AccessToken"), Doc("Which token.")]
    overlap_seconds: Annotated[int | Unset | None, Doc("How long the old secret works on: 0 to 604800, 3600 when left out.")] = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessTokenRevokeInput:
    """The end of a token."""

    id: Annotated[UUID, Ref("AccessToken"), Doc("Which token.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A token's id and its secret, shown once."""

    id: UUID
    secret: str = field(repr=False)


@operation(Scope.TOKENS_WRITE, writes=True)
async def create(actor: Actor, given: AccessTokenCreateInput) -> Issued:
    """A new token with no more scopes than its creator, one purpose and an end. Only a member of staff makes one."""
    if actor.kind is not ActorKind.STAFF or actor.id is None:
        raise Forbidden("Only a member of staff makes access tokens.")
    name, partner = rules.label(given.name, "name"), rules.label(given.partner, "partner")
    scopes = rules.scopes(given.scopes, held=actor.scopes)
    purpose = given_or_none(given.purpose)
    if purpose is not None and not await consent.purpose_exists(purpose):
        raise Refusal("There is no such purpose.", path=("input", "purpose"), code=Code.NOT_FOUND)
    now = clock.now()
    longest = timedelta(days=boot.current().settings.token_days_max)
    expires_at = rules.expiry(given.expires_at, now=now, longest=longest)
    if await AccessToken.filter(partner=partner, name=name, revoked_at__isnull=True, expires_at__gt=now).exists():
        raise Taken("This partner has a token of this name.", path=("input", "name"))
    row_id = ids.uuid7()
    secret = bearer.mint(Kind.TOKEN, row_id)
    await AccessToken.create(
        id=row_id,
        name=name,
        partner=partner,
        prefix=secret.prefix,
        last_four=secret.last_four,
        scopes=[scope.value for scope in scopes],
        purpose=purpose,
        created_by_id=actor.id,
        expires_at=expires_at,
        digest=secret.digest,
    )
    await audit.record(actor, "token.create", detail={"token": str(row_id), "scopes": " ".join(scopes), "purpose": purpose})
    return Issued(id=row_id, secret=secret.text)


@operation(Scope.TOKENS_WRITE, writes=True)
async def rotate(actor: Actor, given: AccessTokenRotateInput) -> Issued:
    """A new secret; the old one works on for the overlap, one that was still overlapping ends now."""
    pause = rules.overlap(given_or_none(given.overlap_seconds))
    found = await _live(given.id)
    secret = bearer.mint(Kind.TOKEN, found.id)
    found.previous_digest, found.previous_expires_at = found.digest, clock.now() + pause
    found.digest, found.last_four = secret.digest, secret.last_four
    await found.save(update_fields=["digest", "last_four", "previous_digest", "previous_expires_at"])
    announce(REVOKED, str(found.id))
    await audit.record(actor, "token.rotate", detail={"token": str(found.id), "overlap_seconds": int(pause.total_seconds())})
    return Issued(id=found.id, secret=secret.text)


@operation(Scope.TOKENS_WRITE, writes=True)
async def revoke(actor: Actor, given: AccessTokenRevokeInput) -> UUID:
    """End a token: within a second nothing takes it any more. Ending it twice is the same as once."""
    found = await AccessToken.filter(id=given.id).select_for_update().first()
    if found is None:
        raise NotFound("There is no such token.", path=("input", "id"))
    if found.revoked_at is None:
        found.revoked_at = clock.now()
        await found.save(update_fields=["revoked_at"])
        announce(REVOKED, str(found.id))
        await audit.record(actor, "token.revoke", detail={"token": str(found.id)})
    return found.id


async def _live(token_id: UUID) -> AccessToken:
    found = await AccessToken.filter(id=token_id).select_for_update().first()
    if found is None:
        raise NotFound("There is no such token.", path=("input", "id"))
    if found.revoked_at is not None or found.expires_at <= clock.now():
        raise Refusal("This token has ended: make a new one.", path=("input", "id"), code=Code.WRONG_STATE)
    return found
