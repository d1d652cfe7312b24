"""`python -m benchmarks`: a short run. `--help` says what else there is."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks import dataset as data
from benchmarks import duplicates as finding
from benchmarks import exports as exporting
from benchmarks import flat as paging
from benchmarks import ingest as ingesting
from benchmarks import pages as growing
from benchmarks import profile as profiling
from benchmarks import run as running
from benchmarks import segments as keeping
from benchmarks.dataset import Dialect
from benchmarks.measure import Pace
from benchmarks.rows import Spec
from benchmarks.servers import postgraphile

app = typer.Typer(no_args_is_help=False, invoke_without_command=True, add_completion=False, pretty_exceptions_enable=False)
_out = Console(highlight=False)

Customers = Annotated[int, typer.Option(min=100, help="How many customers the data set has; performance.md says 200,000.")]
Seed = Annotated[int, typer.Option(help="Which data set of that size.")]


@app.callback()
def short(context: typer.Context) -> None:
    """Measure the API beside a raw asyncpg + orjson handler. Without a command: a short run over 20,000 customers."""
    if context.invoked_subcommand is None:
        run()


@app.command()
def run(
    customers: Customers = 20_000,
    seed: Seed = 1,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds a shape.")] = 1,
    warm: Annotated[float, typer.Option(help="Seconds of load before each slice that counts.")] = 1.5,
    seconds: Annotated[float, typer.Option(help="Seconds that count.")] = 2.0,
    shape: Annotated[list[str] | None, typer.Option(help="Only these shapes: Q1, Q2 … Give several.")] = None,
    with_peers: Annotated[bool, typer.Option("--peers", help="PostGraphile as well; install it with `peers` first.")] = False,
    json: Annotated[Path | None, typer.Option(help="Where the slices go; a file in the cache where left out.")] = None,
) -> None:
    """Measure shapes on PostgreSQL. In earnest: --customers 200000 --rounds 5 --warm 6 --seconds 4."""
    running.run(Spec(customers, seed), Pace(rounds, warm, seconds), only=shape or [], peers=with_peers, json=json)


@app.command()
def dataset(
    customers: Customers = 20_000, seed: Seed = 1, on: Annotated[str, typer.Option(help="sqlite or postgres")] = "postgres"
) -> None:
    """Make a data set, or say how long it took when it was made."""
    dialect: Dialect = "sqlite" if on == "sqlite" else "postgres"
    started = time.perf_counter()
    with data.opened(dialect, Spec(customers, seed)) as made:
        _out.print({name: int(number) for name, number in made.facts.items()})
        _out.print(f"[dim]{made.settings.data_dir}, open after {time.perf_counter() - started:.1f} s[/]")


@app.command()
def peers() -> None:
    """Install PostGraphile 5 with npm into the cache, for `run --peers`."""
    _out.print(f"[dim]{postgraphile.install()}[/]")


@app.command()
def profile(
    shape: Annotated[str, typer.Argument(help="Q1, Q2 …")], customers: Customers = 20_000, seed: Seed = 1, seconds: int = 8
) -> None:
    """Where our server's time goes for a shape, sampled by py-spy, which must be on the PATH."""
    profiling.run(Spec(customers, seed), shape, seconds)


@app.command()
def duplicates(
    job: Annotated[str | None, typer.Option(help="A set that is searched by the real job as well, over a database.")] = "febrl4",
) -> None:
    """How many duplicates are found, and how many of those found are any, on the FEBRL sets."""
    finding.run(job)


@app.command()
def exports(customers: Customers = 20_000, seed: Seed = 1, rounds: Annotated[int, typer.Option(min=1, help="Rounds a way.")] = 3) -> None:
    """Customers into files of each format, beside asyncpg and the csv module, on PostgreSQL."""
    exporting.run(Spec(customers, seed), rounds)


@app.command()
def segments(
    customers: Customers = 20_000,
    seed: Seed = 1,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds a way that count; one more before each.")] = 5,
    on: Annotated[list[str] | None, typer.Option(help="sqlite or postgres; both where left out.")] = None,
    small: Annotated[int, typer.Option(help="So many customers as well, to see whether one person costs the same.")] = 0,
) -> None:
    """A segment of four conditions beside hand-written SQL, and one person's being brought in line."""
    dialects: list[Dialect] = ["sqlite" if each == "sqlite" else "postgres" for each in on or ("postgres", "sqlite")]
    keeping.run(Spec(customers, seed), rounds, dialects, small)


@app.command()
def ingest(
    messages: Annotated[int, typer.Option(min=100, help="Messages a round.")] = 20_000,
    batch: Annotated[int, typer.Option(min=1, max=2_000, help="Messages a request.")] = 200,
    people: Annotated[int, typer.Option(min=1, help="Different people.")] = 2_000,
    connections: Annotated[int, typer.Option(min=1, help="Connections that send.")] = 4,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds that count; one more before makes the people.")] = 3,
) -> None:
    """Events through the tracking API beside asyncpg's bulk insert of the same rows, on PostgreSQL."""
    ingesting.run(ingesting.Load(messages, batch, people, connections, rounds))


@app.command()
def flat(seconds: Annotated[float, typer.Option(help="Seconds a page and size.")] = 4.0) -> None:
    """Pages of timelines, orders and events while their tables grow from 10,000 to 1,000,000 rows, on PostgreSQL."""
    paging.run(seconds)


@app.command()
def pages(
    small: Annotated[int, typer.Option(min=1_000, help="Customers of one database.")] = 10_000,
    large: Annotated[int, typer.Option(help="Customers of the other.")] = 1_000_000,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds a shape.")] = 3,
    seconds: Annotated[float, typer.Option(help="Seconds that count, after half as many that don't.")] = 2.0,
) -> None:
    """Whether a page costs the same however many customers there are: two databases, a server each, in turn."""
    growing.run(small, large, Pace(rounds, seconds / 2, seconds))


if __name__ == "__main__":
    app()
