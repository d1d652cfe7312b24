"""Callers for tests."""

from __future__ import annotations

from siyu.domain.kernel import ids
from siyu.privacy.actor import ROLE_PURPOSE, ROLE_SCOPES, Actor, ActorKind, Role, Scope


def staff(role: Role = Role.ADMIN, *, purpose: str | None = None) -> Actor:
    """A member of staff with the scopes of a role. There need be no row of theirs."""
    return Actor(ActorKind.STAFF, ids.uuid7(), f"staff:{role.lower()}", ROLE_SCOPES[role], purpose or ROLE_PURPOSE[role], "test")


def holder(*scopes: Scope, purpose: str | None = "service") -> Actor:
    """An access token with just these scopes."""
    return Actor(ActorKind.TOKEN, ids.uuid7(), "token:test", frozenset(scopes), purpose, "test")


def worker(*scopes: Scope) -> Actor:
    """One of our own jobs."""
    return Actor.worker("test", *scopes)
