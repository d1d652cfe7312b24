"""`siyu write-key`: keys with which sites, apps and servers send behaviour."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import typer
from rich.table import Table

from siyu.api import process
from siyu.api.cli.terminal import AsJson, answer, out, plainly, run, settings
from siyu.domain import writekeys
from siyu.domain.kernel import boot
from siyu.domain.kernel.inputs import UNSET
from siyu.domain.kernel.settings import Settings
from siyu.privacy.actor import Actor, Scope

app = typer.Typer(no_args_is_help=True, help="Write keys of the tracking API.")

_CLI = Actor.worker("command-line", Scope.TOKENS_READ, Scope.TOKENS_WRITE)


async def _created(found: Settings, wish: writekeys.WriteKeyCreate) -> writekeys.Issued:
    await process.made_current(found)
    async with boot.running(found):
        return await writekeys.create(_CLI, wish)


async def _listed(found: Settings) -> list[writekeys.Known]:
    await process.made_current(found)
    async with boot.running(found):
        return await writekeys.known(_CLI)


async def _revoked(found: Settings, key: UUID) -> UUID:
    await process.made_current(found)
    async with process.opened(found):
        return await writekeys.revoke(_CLI, writekeys.WriteKeyRevoke(id=key))


@app.callback()
def write_key() -> None:
    """Write keys of the tracking API."""


@app.command("create")
@plainly
def create(
    name: Annotated[str, typer.Option(help="What it is called here.")],
    channel: Annotated[str, typer.Option(help="Where what it sends comes from: web, mini-program, app …")],
    profiles: Annotated[bool, typer.Option(help="Whether identify may write traits into profiles.")] = True,
    as_json: AsJson = False,
) -> None:
    """Make a write key and show its secret, once."""
    wish = writekeys.WriteKeyCreate(name=name, channel=channel, profiles=UNSET if profiles else False)
    issued = run(_created(settings(), wish))
    answer({"id": issued.id, "secret": issued.secret}) if as_json else out.print(f"[bold]{issued.secret}[/]", soft_wrap=True)


@app.command("list")
@plainly
def show(as_json: AsJson = False) -> None:
    """Show the write keys, newest first."""
    found = run(_listed(settings()))
    if as_json:
        answer([{name: getattr(each, name) for name in writekeys.Known.__slots__} for each in found])
        return
    table = Table("id", "name", "channel", "key", "last used", "revoked")
    for each in found:
        used, revoked = (f"{at:%Y-%m-%d %H:%M}" if at else "" for at in (each.last_used_at, each.revoked_at))
        table.add_row(str(each.id), each.name, each.channel, f"{each.prefix}…{each.last_four}", used, revoked)
    out.print(table)


@app.command("revoke")
@plainly
def revoke(key: Annotated[UUID, typer.Argument(help="The key's id, as the list shows it.")], as_json: AsJson = False) -> None:
    """End a write key."""
    ended = run(_revoked(settings(), key))
    answer({"id": ended}) if as_json else out.print(f"{ended} has ended.")
