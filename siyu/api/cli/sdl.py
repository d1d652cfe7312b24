"""`siyu schema`: the SDL."""

from __future__ import annotations

from typing import Annotated

import typer

from siyu import schema
from siyu.api.cli.terminal import plainly
from siyu.api.process import NotReady

app = typer.Typer(no_args_is_help=True, help="The GraphQL schema.")

Member = Annotated[bool, typer.Option("--member", help="The schema that customers themselves use.")]


@app.callback()
def sdl() -> None:
    """The GraphQL schema."""


@app.command("print")
@plainly
def print_(member: Member = False) -> None:
    """Print the SDL, descriptions and directives included."""
    if member:
        raise NotReady("The member API is not part of this version.")
    typer.echo(schema.build().as_str())
