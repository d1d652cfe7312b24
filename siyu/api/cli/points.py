"""`siyu points`: proving the ledger."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import typer
from rich.markup import escape

from siyu.api import process
from siyu.api.cli.terminal import AsJson, answer, err, out, plainly, progress, run, settings
from siyu.domain import points
from siyu.domain.kernel import boot
from siyu.domain.kernel.settings import Settings
from siyu.domain.points import Verified
from siyu.privacy.actor import Actor, Scope
from siyu.schema.relay import encode

app = typer.Typer(no_args_is_help=True, help="Points: prove the ledger.")

_OPERATOR: Final = Actor.worker("points verify", Scope.POINTS_READ)


@app.callback()
def points_() -> None:
    """Points: prove the ledger."""


@app.command("verify")
@plainly
def verify(as_json: AsJson = False) -> None:
    """Replay everybody's entries and compare them with accounts and lots; exit code 1 where anything differs, and whose it is."""
    with progress("Replaying", quiet=as_json) as tell:
        found = run(_verify(settings(), tell))
    wrong = [{"customer": encode("Customer", each.customer_id), "what": list(each.what)} for each in found.faults]
    if as_json:
        answer({"accounts": found.accounts, "balances": found.balances, "entries": found.entries, "faults": wrong})
    else:
        out.print(f"{found.accounts:,} accounts replayed: balances come to {found.balances:,}, entries to {found.entries:,}.")
        for each in wrong:
            err.print(f"[red]{escape(str(each['customer']))}[/]: {escape(', '.join(each['what']))}")
    if wrong:
        raise typer.Exit(1)


async def _verify(known: Settings, tell: Callable[[int, int | None], None]) -> Verified:
    async def advance(done: int) -> None:
        tell(done, None)

    await process.require_migrated(known)
    async with boot.running(known):
        return await points.verify(_OPERATOR, progress=advance)
