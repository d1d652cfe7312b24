"""`siyu migrate`."""

from __future__ import annotations

from typing import Annotated

import typer

from siyu.api.cli.terminal import AsJson, answer, err, out, plainly, run, settings
from siyu.domain.kernel import migrating

Check = Annotated[bool, typer.Option("--check", help="Change nothing; exit with 1 when something is pending, or the code has drifted.")]
Write = Annotated[str, typer.Option("--write", metavar="NAME", help="For developers: write the migration that changed tables ask for.")]


@plainly
def migrate(check: Check = False, write: Write = "", as_json: AsJson = False) -> None:
    """Bring both databases to this version. Safe to run twice, or by two at once."""
    if write:
        written = run(migrating.write(settings(), write))
        paths = [str(path) for path in written]
        answer(paths) if as_json else out.print(*paths or ["Nothing to write."], sep="\n")
    elif check:
        _check(as_json)
    else:
        ran = run(migrating.migrate(settings(), None if as_json else lambda name: err.print(f"[dim]migrating {name}[/]")))
        answer({"ran": ran}) if as_json else out.print(f"{len(ran)} migrations ran." if ran else "Both databases are up to date.")


def _check(as_json: bool) -> None:
    found = settings()
    pending = [f"{each.connection}: {each.name}" for each in run(migrating.pending(found))]
    drift = run(migrating.drift(found))
    if as_json:
        answer({"pending": pending, "drift": drift})
    else:
        for line in pending:
            out.print(f"[yellow]pending[/] {line}")
        for line in drift:
            out.print(f"[red]no migration for[/] {line}")
        if not (pending or drift):
            out.print("Both databases are up to date, and the migrations say what the tables say.")
    if pending or drift:
        raise typer.Exit(1)
