"""What a first start makes: an administrator, and a token to try the API with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from siyu.domain import staff, tokens
from siyu.domain.kernel import clock
from siyu.domain.kernel.boot import House
from siyu.privacy.actor import Actor, Purpose, Scope

EMAIL = "admin@example.com"
_DAYS = 90
_STARTER = Actor.worker("first-start", Scope.STAFF_READ, Scope.STAFF_WRITE)


@dataclass(frozen=True, slots=True)
class Credentials:
    """Shown once."""

    email: str
    password: str = field(repr=False)
    token: str = field(repr=False)


async def start(house: House) -> Credentials | None:
    """The administrator and the token; None, and nothing done, when there is staff already."""
    made = await staff.bootstrap_admin(_STARTER, email=EMAIL)
    if made is None:
        return None
    admin = await staff.acting(_STARTER, email=made.email)
    days = min(_DAYS, house.settings.token_days_max)
    given = tokens.AccessTokenCreateInput(
        name="First token",
        partner="Administrator",
        scopes=tuple(sorted(scope.value for scope in admin.scopes)),
        purpose=Purpose.SERVICE,
        expires_at=clock.now() + timedelta(days=days),
    )
    issued = await tokens.create(admin, given)
    return Credentials(made.email, made.password, issued.secret)
