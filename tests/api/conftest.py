"""The whole ASGI application over HTTP, without a socket; and people who are signed in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from siyu.api.app import App, create_app
from siyu.domain import staff, tokens
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.settings import Settings
from siyu.domain.staff import logins
from siyu.domain.staff.tables import Staff
from siyu.privacy import passwords
from siyu.privacy.actor import Actor, Role, Scope

PASSWORD = "correct horse battery"

LOGIN = """mutation ($input: StaffLoginInput!) {
  staffLogin(input: $input) { accessToken refreshToken expiresAt userErrors { field code message } }
}"""


@dataclass(frozen=True, slots=True)
class Member:
    """A member of staff who is signed in."""

    actor: Actor
    email: str
    access: str
    refresh: str


@dataclass(slots=True)
class Client:
    """Speaks GraphQL to the application; `access` is the secret that it sends."""

    http: httpx.AsyncClient
    app: App

    async def post(self, document: str, variables: dict[str, Any] | None = None, *, access: str = "", **headers: str) -> httpx.Response:
        """POST a document as a front end does."""
        sent = {"accept": "application/graphql-response+json", **headers}
        if access:
            sent["authorization"] = f"Bearer {access}"
        return await self.http.post("/graphql", json={"query": document, "variables": variables}, headers=sent)

    async def run(self, document: str, variables: dict[str, Any] | None = None, *, access: str = "") -> dict[str, Any]:
        """The answer's JSON."""
        answer: dict[str, Any] = (await self.post(document, variables, access=access)).json()
        return answer


@pytest.fixture
def settings(settings: Settings, redis_server: str) -> Settings:
    return settings.model_copy(update={"redis_url": redis_server, "login_attempts": 3})


@pytest.fixture
async def client(house: House) -> AsyncIterator[Client]:
    """The application with its lifespan run, in the open house."""
    app = create_app(house.settings)
    async with app._plain.router.lifespan_context(app._plain):
        transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 1234))
        async with httpx.AsyncClient(transport=transport, base_url="http://siyu.test") as http:
            yield Client(http, app)


MakeMember = Callable[..., Awaitable[Member]]


@pytest.fixture(scope="session")
def password_hash() -> str:
    """Of `PASSWORD`; made once, since making one takes a fifth of a second."""
    return asyncio.run(passwords.hash(PASSWORD))


@pytest.fixture
def member(house: House, password_hash: str) -> MakeMember:
    """Makes a member of staff and signs them in, without the price of checking their password."""

    async def make(role: Role = Role.ADMIN, email: str = "ada@example.com", name: str = "Ada Lovelace") -> Member:
        who = await Staff.create(email=email, name=name, role=role, password_hash=password_hash)
        actor = await staff.acting(Actor.worker("test", Scope.STAFF_READ), email=email)
        signed_in = await logins._enter(actor, who.id)
        return Member(actor, email, signed_in.access_token, signed_in.refresh_token)

    return make


@pytest.fixture
async def ada(member: MakeMember) -> Member:
    """An administrator who is signed in."""
    return await member()


@pytest.fixture(autouse=True)
def _forgotten() -> None:
    """What the gate keeps for a second doesn't outlive a test."""
    tokens.gate._kept.clear()
    for used in tokens.gate._used.values():
        used.clear()
