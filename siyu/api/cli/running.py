"""`siyu serve` and `siyu worker`."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.panel import Panel
from rich.table import Table

from siyu.api import serving
from siyu.api.cli import first
from siyu.api.cli.terminal import err, out, plainly, settings
from siyu.domain.kernel.boot import House

Workers = Annotated[int, typer.Option(min=1, max=64, help="Processes that serve; more than one needs PostgreSQL and Redis by URL.")]


def _box(house: House, url: str) -> Panel:
    lines = Table.grid(padding=(0, 2))
    lines.add_row("API", f"[bold]{url}/graphql[/]")
    lines.add_row("GraphiQL", f"[bold]{url}/graphql[/] in a browser" if house.settings.graphiql else "off")
    lines.add_row("Data", str(house.settings.data_dir.absolute()) if house.settings.main_database.startswith("sqlite") else "PostgreSQL")
    return Panel(lines, title="Siyu", subtitle="Ctrl-C stops it", border_style="green", expand=False)


async def _ready(house: House, url: str) -> None:
    met = await first.start(house)
    out.print(_box(house, url))
    if met is not None:  # outside of the box, whole, to be copied
        out.print(
            f"\nLogin         [bold]{met.email}[/]\nPassword      [bold]{met.password}[/]\nAccess token  [bold]{met.token}[/]",
            soft_wrap=True,
        )
        out.print("[yellow]The password and the token are shown this once: keep them.[/]")
    out.file.flush()


@plainly
def serve(workers: Workers = 1) -> None:
    """Serve the API. Without any URL in the environment it brings its own databases, queue and worker."""
    found = settings()
    if workers > 1:
        serving.serve_many(found, workers)
    else:
        serving.serve(found, _ready, lambda name: err.print(f"[dim]migrating {name}[/]"))


@plainly
def worker() -> None:
    """Run jobs, against databases and Redis given by URL."""
    serving.work(settings())
