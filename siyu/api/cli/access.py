"""`siyu token create` and `siyu staff create`."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Annotated

import typer

from siyu.api import process
from siyu.api.cli.first import EMAIL
from siyu.api.cli.terminal import AsJson, answer, out, plainly, run, settings
from siyu.domain import staff
from siyu.domain import tokens as access_tokens
from siyu.domain.kernel import boot, clock
from siyu.domain.kernel.settings import Settings
from siyu.privacy.actor import Actor, Purpose, Role, Scope

tokens = typer.Typer(no_args_is_help=True, help="Access tokens.")
staff_app = typer.Typer(no_args_is_help=True, help="Members of staff.")

_CLI = Actor.worker("command-line", Scope.STAFF_READ, Scope.STAFF_WRITE)

Name = Annotated[str, typer.Option(help="What it is called.")]
Partner = Annotated[str, typer.Option(help="Who will hold it.")]
Scopes = Annotated[list[str] | None, typer.Option("--scope", help="A scope that it holds; give several. None: all that the creator holds.")]
PurposeCode = Annotated[str, typer.Option("--purpose", help="The one purpose that it sees people for.")]
Days = Annotated[int, typer.Option(min=1, help="Days until it ends.")]
Creator = Annotated[str, typer.Option("--as", help="Email address of the member of staff who makes it.")]
Password = Annotated[str, typer.Option(envvar="SIYU_STAFF_PASSWORD", help="Their password; without one it is made and shown once.")]


async def _token(found: Settings, given: access_tokens.AccessTokenCreateInput, creator: str) -> access_tokens.Issued:
    await process.made_current(found)
    async with boot.running(found):
        return await access_tokens.create(await staff.acting(_CLI, email=creator), given)


@tokens.callback()
def token() -> None:
    """Access tokens."""


@tokens.command("create")
@plainly
def create_token(
    name: Name,
    partner: Partner = "House",
    scope: Scopes = None,
    purpose: PurposeCode = Purpose.SERVICE,
    days: Days = 90,
    creator: Creator = EMAIL,
    as_json: AsJson = False,
) -> None:
    """Make an access token and show its secret, once."""
    held = tuple(scope or sorted(each.value for each in Scope if each not in _NEVER))
    given = access_tokens.AccessTokenCreateInput(
        name=name, partner=partner, scopes=held, purpose=purpose, expires_at=clock.now() + timedelta(days=days)
    )
    issued = run(_token(settings(), given, creator))
    answer({"id": issued.id, "secret": issued.secret}) if as_json else out.print(f"[bold]{issued.secret}[/]", soft_wrap=True)


_NEVER = frozenset({Scope.JOBS_RUN, Scope.DATA_REQUESTS_RUN, Scope.KEYS_ROTATE})


async def _member(found: Settings, *, email: str, name: str, role: Role, password: str) -> staff.Administrator:
    await process.made_current(found)
    async with boot.running(found):
        return await staff.add(_CLI, email=email, name=name, role=role, password=password)


@staff_app.callback()
def members() -> None:
    """Members of staff."""


@staff_app.command("create")
@plainly
def create_staff(
    email: Annotated[str, typer.Argument(help="Address that they sign in with.")],
    name: Name = "Administrator",
    role: Annotated[Role, typer.Option(case_sensitive=False, help="What they may do.")] = Role.ADMIN,
    password: Password = "",
    as_json: AsJson = False,
) -> None:
    """Add a member of staff who signs in with a password."""
    chosen = password or secrets.token_urlsafe(12)
    made = run(_member(settings(), email=email, name=name, role=role, password=chosen))
    if as_json:
        answer({"id": made.id, "email": made.email, **({} if password else {"password": chosen})})
    else:
        out.print(f"{made.email}" + ("" if password else f"\n[bold]{chosen}[/]"), soft_wrap=True)
