"""`siyu keys`: the root key's versions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from siyu.api import process
from siyu.api.cli.terminal import AsJson, answer, out, plainly, progress, run, settings
from siyu.domain.kernel import boot
from siyu.domain.kernel.settings import Settings
from siyu.privacy import audit, vault
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.custodian.file import FileCustodian
from siyu.privacy.custodian.local import printed

app = typer.Typer(no_args_is_help=True, help="The root key and what it wraps.")

_ROTATOR = Actor.worker("keys", Scope.KEYS_ROTATE)
NoNew = Annotated[bool, typer.Option("--resume", help="Make no new version: rewrap what an earlier rotation left.")]


async def _rotate(found: Settings, *, resume: bool, quiet: bool) -> dict[str, object]:
    await process.require_migrated(found)
    async with boot.running(found) as house:
        custodian = house.keyring.custodian
        if not resume:
            await custodian.add_version()
        done = 0
        with progress("Wrapping keys", quiet=quiet) as told:
            async for step in house.keyring.rotate():
                done = step.done
                told(step.done, step.total)
        await audit.record(_ROTATOR, "keys.rotate", detail={"version": custodian.current_version, "keys": done})
        return {"version": custodian.current_version, "keys": done}


@app.callback()
def keys() -> None:
    """The root key and what it wraps."""


@app.command()
@plainly
def rotate(resume: NoNew = False, as_json: AsJson = False) -> None:
    """Make a new version of the root key and wrap every key with it, while everything goes on. Old versions still unwrap."""
    told = run(_rotate(settings(), resume=resume, quiet=as_json))
    answer(told) if as_json else out.print(f"{told['keys']} keys are wrapped with version {told['version']}.")


@app.command()
@plainly
def new(
    version: Annotated[str, typer.Option(help="Its name: a number that was not used before.")] = "1",
    file: Annotated[Path | None, typer.Option(help="Make a keyring file, readable by you alone, instead of printing it.")] = None,
) -> None:
    """Make a root key: `VERSION:KEY` for an environment variable, or a keyring file. Without it nothing sealed can ever be read."""
    if file is None:
        typer.echo(f"{version}:{printed(vault.random(vault.KEY_BYTES))}")
        return
    if file.exists():
        raise process.NotReady(f"{file} is there already; `siyu keys rotate` adds a version to it.")
    FileCustodian(file, create=True)
    out.print(f"The root key is in {file}. Keep a copy away from every backup of the databases.")
