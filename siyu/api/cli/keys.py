"""`siyu keys`: the root key's versions."""

from __future__ import annotations

from typing import Annotated

import typer

from siyu.api import process
from siyu.api.cli.terminal import AsJson, answer, out, plainly, progress, run, settings
from siyu.domain.kernel import boot
from siyu.domain.kernel.settings import Settings
from siyu.privacy import audit
from siyu.privacy.actor import Actor, Scope

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
