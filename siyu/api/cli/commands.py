"""Every command of the command line, put together."""

from __future__ import annotations

from typing import Annotated

import typer

from siyu import __version__
from siyu.api.cli import access, databases, demo, doctor, explain, exports, imports, keys, points, running, sdl, segments, writekeys

app = typer.Typer(
    name="siyu",
    help="Siyu: a headless CRM in which a person's privacy is a property of the code.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # a traceback with local variables would print people's data
    add_completion=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def siyu(version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False) -> None:
    """Siyu: a headless CRM in which a person's privacy is a property of the code."""


app.command()(running.serve)
app.command()(running.worker)
app.command()(databases.migrate)
app.command("demo")(demo.command)
app.command()(doctor.doctor)
app.command()(explain.explain)
app.add_typer(imports.app, name="import")
app.add_typer(exports.app, name="export")
app.add_typer(segments.app, name="segments")
app.add_typer(points.app, name="points")
app.add_typer(keys.app, name="keys")
app.add_typer(sdl.app, name="schema")
app.add_typer(access.tokens, name="token")
app.add_typer(access.staff_app, name="staff")
app.add_typer(writekeys.app, name="write-key")
