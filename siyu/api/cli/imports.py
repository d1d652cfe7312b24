"""`siyu import customers FILE` and `siyu import orders FILE`.

The file is copied to the uploads and an import is started as the API would start it; then this process runs the job itself, leased like
any worker. Killed, the job is taken up by a worker that runs, or by the same command once more.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.markup import escape

from siyu.api import process
from siyu.api.cli.terminal import AsJson, answer, err, out, plainly, progress, run, settings
from siyu.domain import files, imports, work
from siyu.domain.customers import IdentityKind
from siyu.domain.imports import ImportKind, ImportMode, ImportView
from siyu.domain.kernel import boot
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.settings import Settings
from siyu.domain.work import WorkState, WorkView
from siyu.jobs import queue, ring
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Refusal

app = typer.Typer(no_args_is_help=True, help="Import files.")

_ACTOR: Final = Actor.worker("command-line", Scope.CUSTOMERS_IMPORT, Scope.ORDERS_IMPORT)
_BLOCK_BYTES: Final = 1 << 20
_LOOK_SECONDS: Final = 0.25
_SHOWN_PROBLEMS: Final = 10
_OVER: Final = frozenset({WorkState.SUCCEEDED, WorkState.FAILED, WorkState.CANCELLED})

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="CSV (UTF-8 or GB18030), JSON lines or XLSX.")]
Map = Annotated[
    list[str] | None, typer.Option("--map", metavar="COLUMN=FIELD", help="What a column fills; give several. COLUMN= leaves it out.")
]
MatchOn = Annotated[
    list[IdentityKind] | None,
    typer.Option("--match-on", case_sensitive=False, help="By which identities rows find their customers; give several."),
]
Mode = Annotated[ImportMode, typer.Option("--mode", case_sensitive=False, help="What may be done with a row.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and change nothing.")]
Encoding = Annotated[str, typer.Option("--encoding", help="The text's encoding; it is found out where none is named.")]
Rejected = Annotated[str, typer.Option("--rejected", metavar="PATH", help="Where to put the rows with problems; none where left out.")]

Told = Callable[[int, int | None], None]


@app.callback()
def importing() -> None:
    """Import files."""


@app.command("customers")
@plainly
def import_customers(
    file: File,
    map_: Map = None,
    match_on: MatchOn = None,
    mode: Mode = ImportMode.UPSERT,
    dry_run: DryRun = False,
    encoding: Encoding = "",
    rejected: Rejected = "",
    as_json: AsJson = False,
) -> None:
    """Import customers. Rows of one person become one customer, by phone number, email address or member number."""
    _import(ImportKind.CUSTOMERS, file, map_, match_on, mode, dry_run, encoding, rejected, as_json)


@app.command("orders")
@plainly
def import_orders(
    file: File,
    map_: Map = None,
    match_on: MatchOn = None,
    dry_run: DryRun = False,
    encoding: Encoding = "",
    rejected: Rejected = "",
    as_json: AsJson = False,
) -> None:
    """Import orders of customers who are there already."""
    _import(ImportKind.ORDERS, file, map_, match_on, ImportMode.UPSERT, dry_run, encoding, rejected, as_json)


def _import(
    kind: ImportKind,
    file: Path,
    mapping: list[str] | None,
    match_on: list[IdentityKind] | None,
    mode: ImportMode,
    dry_run: bool,
    encoding: str,
    rejected: str,
    as_json: bool,
) -> None:
    def wish(upload: files.Kept) -> imports.Wish:
        return imports.Wish(
            kind=kind,
            upload_id=upload.id,
            mapping=_mapping(mapping or []),
            match_on=tuple(dict.fromkeys(match_on or ())) or imports.MATCH_ON,
            mode=mode,
            dry_run=dry_run,
            encoding=encoding or None,
        )

    with ExitStack() as stack:
        told = stack.enter_context(progress(f"Importing {file.name}", quiet=as_json))
        view, end, problems = run(_imported(settings(), file, wish, told, Path(rejected) if rejected else None))
    _report(view, end, problems, as_json)
    if end.state is not WorkState.SUCCEEDED:
        raise typer.Exit(1)


def _mapping(pairs: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in pairs:
        column, separator, field = pair.rpartition("=")
        if not separator:
            raise Refusal(f"Write --map COLUMN=FIELD, not {pair}.")
        found[column] = field
    return found


async def _imported(
    found: Settings, file: Path, wish: Callable[[files.Kept], imports.Wish], told: Told, rejected: Path | None
) -> tuple[ImportView, WorkView, list[imports.ProblemView]]:
    await process.made_current(found)
    async with boot.running(found) as house:
        queue.discover()
        upload = await files.keep(_ACTOR, _blocks(file), filename=file.name)
        try:
            import_id = await imports.start(_ACTOR, wish(upload))
        except BaseException:
            await files.drop(_ACTOR, upload.id)
            raise
        started = await imports.find(_ACTOR, import_id)
        assert started is not None
        end = await _watched(house, started, told)
        view = await imports.find(_ACTOR, import_id)
        assert view is not None
        if rejected is not None:
            await imports.copy_rejected(_ACTOR, import_id, rejected)
        return view, end, await imports.errors(_ACTOR, import_id, first=_SHOWN_PROBLEMS)


async def _blocks(file: Path) -> AsyncIterator[bytes]:
    with file.open("rb") as opened:
        while block := await asyncio.to_thread(opened.read, _BLOCK_BYTES):
            yield block


async def _watched(house: House, view: ImportView, told: Told) -> WorkView:
    """Run the job here unless a worker has it, and look at its progress until it is over."""
    process.settle()
    runner = asyncio.create_task(_run(house, view), name="import")
    while True:
        await asyncio.wait({runner}, timeout=_LOOK_SECONDS)
        state = await work.find(_ACTOR, view.work_id)
        assert state is not None
        told(state.done, state.total)
        if state.state in _OVER:
            await runner
            return state


async def _run(house: House, view: ImportView) -> None:
    """Take the job as often as it comes due; a job that somebody else holds is left to them."""
    while True:
        await ring.run(view.work_id, house)
        state = await work.find(_ACTOR, view.work_id)
        if state is None or state.state in _OVER:
            return
        await asyncio.sleep(1)


def _report(view: ImportView, end: WorkView, problems: list[imports.ProblemView], as_json: bool) -> None:
    if as_json:
        shown = [{"row": each.row, "column": each.column, "value": each.value, "message": each.message} for each in problems]
        answer({**asdict(view), "state": end.state, "message": end.message, "errors": shown})
        return
    if end.state is not WorkState.SUCCEEDED:
        err.print(f"[red]{end.state.value.lower()}[/]: {escape(end.message or '')}")
    seconds = (end.finished_at - end.started_at).total_seconds() if end.finished_at and end.started_at else 0
    speed = f", {view.read / seconds:,.0f} rows a second" if seconds > 1 else ""
    counts = ", ".join(f"{getattr(view, name):,} {name}" for name in ("created", "updated", "skipped", "rejected"))
    out.print(f"{view.read:,} rows: {counts}{speed}", soft_wrap=True)
    for each in problems:
        out.print(f"  row {each.row} {escape(each.column or '')} [dim]{escape(each.value or '')}[/] {escape(each.message)}", soft_wrap=True)
    if view.problems > len(problems):
        out.print(
            f"  … {view.problems:,} problems in all; --rejected PATH writes the rows to a file, to be mended and imported again.",
            soft_wrap=True,
        )
