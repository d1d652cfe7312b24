"""Changing the model, scoring everybody, and keeping the scores of those who buy."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, cast
from uuid import UUID

from siyu.domain import customers, work
from siyu.domain.kernel import clock, database, days, ids
from siyu.domain.kernel.dialect import Kind, Statement, decoder
from siyu.domain.kernel.joining import refreshes
from siyu.domain.kernel.operation import operation, touch
from siyu.domain.kernel.touching import Change
from siyu.domain.scoring.inputs import RfmModelUpdate, changed
from siyu.domain.scoring.ranking import Cuts, Ranked, changing, cutting, differing
from siyu.domain.scoring.rules import Cell
from siyu.domain.scoring.standing import ONLY, Standing, model_of, standing
from siyu.domain.scoring.storing import store
from siyu.domain.scoring.tables import RfmModel, RfmScore
from siyu.privacy.actor import Actor, Purpose, Scope
from siyu.privacy.reach import reach

#: Customers of one transaction.
BATCH: Final = 5_000
#: The job that scores everybody, by its name.
JOB: Final = "score_customers"
#: Whoever writes cuts or changes the model has it alone, whoever scores by them shares it.
_LOCK: Final = "rfm model"

_COLUMNS: Final = {
    "id": Kind.ID, "customer_id": Kind.ID, "last_ordered_at": Kind.DATETIME, "orders_count": Kind.INT, "spent_e4": Kind.INT,
    "recency": Kind.INT, "frequency": Kind.INT, "monetary": Kind.INT, "group_name": Kind.TEXT, "scored_at": Kind.DATETIME,
}  # fmt: skip

_CHANGE: Final = {
    "id": Kind.ID, "created_at": Kind.DATETIME, "customer_id": Kind.ID, "recency": Kind.INT, "frequency": Kind.INT, "monetary": Kind.INT,
    "group_name": Kind.TEXT,
}  # fmt: skip

Progress = Callable[[int, int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Difference:
    """What somebody's scores are to be, None for none, and whether scores or group are other than the stored ones."""

    customer_id: UUID
    last_ordered_at: datetime | None
    orders_count: int
    spent_e4: int
    cell: Cell | None
    group: str | None
    moved: bool


@dataclass(frozen=True, slots=True)
class Updated:
    """The model as it is now, and the work that scores everybody by it; None where nothing changed."""

    standing: Standing
    work_id: UUID | None


@operation(Scope.SEGMENTS_WRITE, Scope.ORDERS_READ, writes=True)
async def update(actor: Actor, wish: RfmModelUpdate) -> Updated:
    """Change the model; a job scores everybody by it. Wished for as it is, nothing happens. Raises all that does not fit at once."""
    await database.alone(_LOCK)
    row = await RfmModel.get_or_none(id=ONLY)
    now = model_of(row)
    then = changed(now, wish)
    if then == now:
        return Updated(await standing(actor), None)
    row = row or RfmModel(id=ONLY)
    row.window_days, row.bins, row.groups, row.version = then.window_days, then.bins, then.stored_groups(), now.version + 1
    row.cuts = None  # those of the former model say nothing of this one: scores stay until the job has made new ones
    await _keep(row)
    work_id = await work.start(actor, JOB)
    return Updated(await standing(actor), work_id)


@operation(Scope.JOBS_RUN)
async def score(actor: Actor, *, progress: Progress | None = None) -> int:
    """Score everybody: rank all who bought in the window, and write what differs; how many customers that were.

    Broken off, the next run goes on with what is left. Twice is the same as once.
    """
    begun = clock.now()
    by, cuts = await _cut(actor, begun)
    statement = Statement(database.dialect())
    found = await database.rows(changing(statement, by, cuts), statement.args)
    scored, gone = ([ids.read(key) for key, gone in found if bool(gone) is which] for which in (False, True))
    done = 0
    for write, people in ((_score, sorted(scored)), (settle, sorted(gone))):
        for start in range(0, len(people), BATCH):
            batch = people[start : start + BATCH]
            await write(actor, batch)
            done += len(batch)
            if progress is not None:
                await progress(done, len(found))
    await _scored(actor, by.model.version, begun)
    return len(found)


@operation(Scope.JOBS_RUN, writes=True)
async def settle(actor: Actor, customer_ids: Sequence[UUID]) -> int:
    """Bring the scores of just these customers in line with the last ranks of all; how many rows differed. A few statements.

    Before everybody was scored for the first time, and after the model was changed, nothing is done: the job does it.
    """
    return await _settle(actor, customer_ids)


@refreshes
@operation(writes=True)
async def refresh(actor: Actor, customer_ids: Sequence[UUID]) -> None:
    """The same after rows have gone from one of these customers to another."""
    await _settle(actor, customer_ids)


@operation(Scope.JOBS_RUN, writes=True)
async def _score(actor: Actor, customer_ids: Sequence[UUID]) -> None:
    """The same as `settle` for people who have scores, however many: the database writes what it finds."""
    await database.alone(_LOCK, shared=True)
    by, cuts = await _by()
    if not cuts:
        return
    await customers.reserve(actor, customer_ids)
    touch(Change.RFM, await store(by, cuts, customer_ids))


async def _settle(actor: Actor, customer_ids: Sequence[UUID]) -> int:
    await database.alone(_LOCK, shared=True)
    by, cuts = await _by()
    if cuts is None:
        return 0
    await customers.reserve(actor, customer_ids)
    found = [each for each in await _differences(by, cuts, customer_ids) if each.cell is None or cuts]
    now = clock.now()
    await _write([each for each in found if each.cell is not None], now)
    gone = [each.customer_id for each in found if each.cell is None]
    if gone:
        await RfmScore.filter(customer_id__in=gone).delete()
    await _note([each for each in found if each.moved], now)
    return len(found)


async def _by() -> tuple[Ranked, Cuts | None]:
    """By what people are scored at this moment."""
    row = await RfmModel.get_or_none(id=ONLY)
    return Ranked(model_of(row), clock.now(), days.here(), await reach(Purpose.ANALYTICS)), row.cuts if row else None


async def _differences(by: Ranked, cuts: Cuts, customer_ids: Sequence[UUID]) -> list[Difference]:
    statement = Statement(database.dialect())
    found = await database.rows(differing(statement, by, cuts, customer_ids), statement.args)
    moment = decoder(statement.dialect, Kind.DATETIME) or (lambda value: value)
    return [_difference(tuple(row), moment) for row in found]


def _difference(row: Sequence[object], moment: Callable[[object], object]) -> Difference:
    key, last, count, spent, recency, frequency, monetary, group, *stored = row
    if last is None:
        return Difference(ids.read(key), None, 0, 0, None, None, moved=True)
    cell = cast(Cell, (recency, frequency, monetary))
    return Difference(
        ids.read(key),
        cast(datetime, moment(last)),
        cast(int, count),
        cast(int, spent),
        cell,
        cast(str, group),
        moved=[*cell, group] != stored,
    )


async def _write(found: Sequence[Difference], now: datetime) -> None:
    if not found:
        return
    statement = Statement(database.dialect())
    rows = [
        (ids.uuid7(), each.customer_id, each.last_ordered_at, each.orders_count, each.spent_e4, *(each.cell or ()), each.group, now)
        for each in found
    ]
    given, names = statement.table("g", _COLUMNS, rows), ", ".join(_COLUMNS)
    changes = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS if name not in ("id", "customer_id"))
    await database.run(
        f"insert into rfm_scores ({names}) select {names} from {given} where true on conflict (customer_id) do update set {changes}",  # noqa: S608  # bound
        statement.args,
    )


async def _note(moved: Sequence[Difference], now: datetime) -> None:
    """Write down what the scores are from now on: without instances, since a new model moves everybody."""
    if not moved:
        return
    statement = Statement(database.dialect())
    rows = [(ids.uuid7(), now, each.customer_id, *(each.cell or (None, None, None)), each.group) for each in moved]
    given, names = statement.table("g", _CHANGE, rows), ", ".join(_CHANGE)
    await database.run(f"insert into rfm_changes ({names}) select {names} from {given}", statement.args)  # noqa: S608  # bound values only
    touch(Change.RFM, [each.customer_id for each in moved])


async def _cut(actor: Actor, now: datetime) -> tuple[Ranked, Cuts]:
    """Rank everybody by the model, and keep the cuts; where the model is changed meanwhile, rank by the new one."""
    while True:
        by = replace((await _by())[0], now=now)
        statement = Statement(database.dialect())
        cuts: Cuts = {}
        for axis, score_, least in await database.rows(cutting(statement, by), statement.args):
            cuts.setdefault(axis, []).append([int(score_), int(least)])
        if await _keep_cuts(actor, by, cuts):
            return by, cuts


@operation(Scope.JOBS_RUN, writes=True)
async def _keep_cuts(actor: Actor, by: Ranked, cuts: Cuts) -> bool:
    await database.alone(_LOCK)
    row = await RfmModel.get_or_none(id=ONLY)
    if model_of(row) != by.model:
        return False
    row = row or RfmModel(id=ONLY, window_days=by.model.window_days, bins=by.model.bins, groups=by.model.stored_groups(), version=0)
    row.cuts = cuts
    await _keep(row)
    return True


@operation(Scope.JOBS_RUN, writes=True)
async def _scored(actor: Actor, version: int, begun: datetime) -> None:
    await RfmModel.filter(id=ONLY, version=version).update(scored_at=begun, scored_version=version)


async def _keep(row: RfmModel) -> None:
    await RfmModel.bulk_create([row], on_conflict=["id"], update_fields=["window_days", "bins", "groups", "version", "cuts"])
