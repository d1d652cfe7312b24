"""`siyu export customers` and `siyu export orders`.

An export is started as the API would start it, by the same mutation and for the same caller; then this process runs the job itself,
leased like any worker, and takes the file.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Final
from uuid import UUID

import orjson
import typer

from siyu.api import process
from siyu.api.cli import asking
from siyu.api.cli.asking import AsStaff, Token
from siyu.api.cli.first import EMAIL
from siyu.api.cli.terminal import AsJson, answer, err, out, plainly, progress, run, settings
from siyu.domain import exports, segments, work
from siyu.domain.exports import ExportFormat, ExportKind, ExportView
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.settings import Settings
from siyu.domain.work import WorkState, WorkView
from siyu.jobs import ring
from siyu.privacy.actor import Actor
from siyu.privacy.refusal import NotFound
from siyu.schema import relay

app = typer.Typer(no_args_is_help=True, help="Export to files.")

_LOOK_SECONDS: Final = 0.25
_OVER: Final = frozenset({WorkState.SUCCEEDED, WorkState.FAILED, WorkState.CANCELLED})
_START: Final = {
    ExportKind.CUSTOMERS: ("customersExport", "CustomersExportInput"),
    ExportKind.ORDERS: ("ordersExport", "OrdersExportInput"),
}
_ENDINGS: Final = {".csv": ExportFormat.CSV, ".jsonl": ExportFormat.JSONL, ".parquet": ExportFormat.PARQUET}

Out = Annotated[Path, typer.Option("--out", dir_okay=False, help="Where to put the file; it is replaced when the new one is whole.")]
Fields = Annotated[
    str, typer.Option("--fields", metavar="A,B,…", help="Columns, by the API's names: displayName,address.city,attributes.size.")
]
Format = Annotated[ExportFormat | None, typer.Option("--format", case_sensitive=False, help="By the ending of --out when left out.")]
Filter = Annotated[str, typer.Option("--filter", metavar="JSON", help='A CustomerFilter or OrderFilter: {"city":["上海"]}.')]
Segment = Annotated[
    str,
    typer.Option("--segment", metavar="CODE", help="Only who is in this segment now, or their orders; beside a --filter, both hold."),
]
Sort = Annotated[str, typer.Option("--sort", help="A CustomerSort or OrderSort; the oldest first when left out.")]
Bom = Annotated[bool, typer.Option("--bom", help="Begin a CSV file with the mark by which Excel knows UTF-8.")]

Told = Callable[[int, int | None], None]


@app.callback()
def exporting() -> None:
    """Export to files."""


@app.command("customers")
@plainly
def export_customers(
    to: Out,
    fields: Fields = "",
    format_: Format = None,
    filter_: Filter = "",
    segment: Segment = "",
    sort: Sort = "",
    bom: Bom = False,
    token: Token = "",
    as_staff: AsStaff = EMAIL,
    as_json: AsJson = False,
) -> None:
    """Export customers, as far as the caller's scopes and purpose reach. Ends with 1 when it was refused or did not come to its end."""
    asked = _Asked(ExportKind.CUSTOMERS, _object(filter_), segment, sort)
    _export(asked, to, fields, format_, bom, token, as_staff, as_json)


@app.command("orders")
@plainly
def export_orders(
    to: Out,
    fields: Fields = "",
    format_: Format = None,
    filter_: Filter = "",
    segment: Segment = "",
    sort: Sort = "",
    bom: Bom = False,
    token: Token = "",
    as_staff: AsStaff = EMAIL,
    as_json: AsJson = False,
) -> None:
    """Export orders, with their lines where `lines` is among the fields. Ends with 1 when it was refused or did not come to its end."""
    asked = _Asked(ExportKind.ORDERS, _object(filter_), segment, sort)
    _export(asked, to, fields, format_, bom, token, as_staff, as_json)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which rows, in which order."""

    kind: ExportKind
    filter: object
    segment: str
    sort: str


def _object(text: str) -> object:
    if not text:
        return None
    try:
        read = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise typer.BadParameter("--filter holds no JSON") from None
    if not isinstance(read, dict):
        raise typer.BadParameter("--filter must be a JSON object")
    return read


def _export(
    asked: _Asked,
    to: Path,
    fields: str,
    format_: ExportFormat | None,
    bom: bool,
    token: str,
    as_staff: str,
    as_json: bool,
) -> None:
    chosen = format_ or _ENDINGS.get(to.suffix.lower())
    if chosen is None:
        raise typer.BadParameter("say --format, or end --out in .csv, .jsonl or .parquet")
    names = [name.strip() for name in fields.split(",") if name.strip()]
    given = {"format": chosen.value, "bom": bom, "fields": names or None, "sort": asked.sort or None}
    with ExitStack() as stack:
        told = stack.enter_context(progress(f"Exporting {asked.kind.value.lower()}", quiet=as_json))
        view, end = run(_exported(settings(), asked, given, to, token, as_staff, told))
    if as_json:
        answer({**asdict(view), "state": end.state, "message": end.message, "out": str(to)})
    elif end.state is WorkState.SUCCEEDED:
        out.print(f"{view.rows or 0:,} rows, {view.size_bytes or 0:,} bytes: {to}", soft_wrap=True, markup=False)
    else:
        err.print(f"{end.state.value.lower()}: {end.message or ''}", style="red", markup=False)
    if end.state is not WorkState.SUCCEEDED:
        raise typer.Exit(1)


async def _exported(
    found: Settings, asked: _Asked, given: Mapping[str, object], to: Path, token: str, as_staff: str, told: Told
) -> tuple[ExportView, WorkView]:
    async with asking.calling(found, token, as_staff) as (house, caller):
        where = await _among(caller, asked)
        export_id = await _started(caller, asked.kind, {**given, "filter": where})
        started = await exports.find(caller, export_id)
        assert started is not None, "it was started"
        end = await _watched(house, caller, started, told)
        view = await exports.find(caller, export_id)
        assert view is not None, "it was there a moment ago"
        if end.state is WorkState.SUCCEEDED:
            await exports.take(caller, export_id, to)
        return view, end


async def _among(caller: Actor, asked: _Asked) -> object:
    """The filter, narrowed to the segment."""
    if not asked.segment:
        return asked.filter
    key = await segments.resolve(caller, None, asked.segment)
    if key is None:
        raise NotFound(f"There is no segment with the code {asked.segment}.")
    inside = {"segment": relay.encode("Segment", key)}
    return inside if asked.filter is None else {"all": [asked.filter, inside]}


async def _started(caller: Actor, kind: ExportKind, given: dict[str, object]) -> UUID:
    """Start it by the API's own mutation, so that filters and fields are read as there; raises its refusals."""
    mutation, type_ = _START[kind]
    document = f"mutation ($input: {type_}!) {{ {mutation}(input: $input) {{ export {{ id }} userErrors {{ field message }} }} }}"
    data = await asking.asked(caller, document, input=given)
    return relay.decode("Export", data[mutation]["export"]["id"])


async def _watched(house: House, caller: Actor, view: ExportView, told: Told) -> WorkView:
    """Run the job here unless a worker has it, and look at its progress until it is over."""
    process.settle()
    runner = asyncio.create_task(_run(house, caller, view), name="export")
    while True:
        await asyncio.wait({runner}, timeout=_LOOK_SECONDS)
        state = await work.find(caller, view.work_id)
        assert state is not None, "work stays known"
        told(state.done, state.total)
        if state.state in _OVER:
            await runner
            return state


async def _run(house: House, caller: Actor, view: ExportView) -> None:
    """Take the job as often as it comes due; a job that somebody else holds is left to them."""
    while True:
        await ring.run(view.work_id, house)
        state = await work.find(caller, view.work_id)
        if state is None or state.state in _OVER:
            return
        await asyncio.sleep(1)
