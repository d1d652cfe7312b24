"""How a command speaks: to a person with rich, to a script with JSON, and of failures in one line."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Annotated, Any, ParamSpec, TypeVar

import orjson
import typer
import uvloop
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from siyu.api import logs
from siyu.api.embedded import EmbeddedServerFailed
from siyu.api.process import NotReady
from siyu.domain.kernel.boot import Unreachable
from siyu.domain.kernel.settings import Settings
from siyu.privacy.custodian.custodian import CustodyError
from siyu.privacy.refusal import Refusal

P = ParamSpec("P")
T = TypeVar("T")

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

AsJson = Annotated[bool, typer.Option("--json", help="Answer with JSON, for a script.")]

#: What ends a command with one line instead of a traceback: it is for the operator to mend.
_EXPECTED = (NotReady, Unreachable, CustodyError, EmbeddedServerFailed)


def settings() -> Settings:
    """The settings that the environment gives, with logging set up by them; a wrong one ends the command and is named."""
    try:
        found = Settings()
    except ValidationError as error:
        for each in error.errors(include_url=False, include_input=False):
            err.print(f"[red]{escape('.'.join(map(str, each['loc'])))}[/]: {escape(each['msg'])}")
        raise typer.Exit(2) from None
    logs.configure(level=found.log_level, format=found.log_format)
    return found


def plainly(command: Callable[P, T]) -> Callable[P, T]:
    """A command whose expected failures are one red line and exit code 1."""

    @wraps(command)
    def plain(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except Refusal as refusal:
            for each in refusal.each():
                where = ".".join(step for step in each.path if step != "input")
                err.print(f"[red]{escape(where + ': ' if where else '')}{escape(each.message)}[/]")
            raise typer.Exit(1) from None
        except _EXPECTED as failure:
            err.print(f"[red]{escape(str(failure))}[/]")
            raise typer.Exit(1) from None

    return plain


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's coroutine to its end."""
    return uvloop.run(work)


def answer(value: object) -> None:
    """Print JSON for a script."""
    typer.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS, default=str))


@contextmanager
def progress(title: str, *, quiet: bool) -> Iterator[Callable[[int, int | None], None]]:
    """A bar on standard error; call what it gives with how much is done, and of how much. Silent for a script."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, disable=quiet, transient=False) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
