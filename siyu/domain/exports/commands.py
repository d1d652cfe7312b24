"""Asking for an export, giving one up, and clearing up after them."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Final
from uuid import UUID

from siyu.domain import work
from siyu.domain.exports import kinds, storing, wishes
from siyu.domain.exports.inputs import CustomersExport, ExportCancel, OrdersExport, Wish
from siyu.domain.exports.kinds import KINDS
from siyu.domain.exports.tables import Export, ExportKind
from siyu.domain.kernel import clock, ids
from siyu.domain.kernel.operation import operation
from siyu.domain.kernel.reading import Reader
from siyu.domain.work import WorkState
from siyu.privacy import audit, sealedfile
from siyu.privacy.actor import Actor, ActorKind, Scope
from siyu.privacy.refusal import Code, Forbidden, NotFound, Refusal

#: Exports of one caller that may be under way at the same time.
AT_ONCE_MAX: Final = 3
#: A file that no export has is left alone for so long: it may be being written.
_WRITTEN_WITHIN: Final = timedelta(days=1)
_JOB: Final = "write_export"
_OVER: Final = frozenset({WorkState.SUCCEEDED, WorkState.FAILED, WorkState.CANCELLED})
_STOPPER: Final = Actor.worker("exports", Scope.CUSTOMERS_IMPORT)


@operation(Scope.CUSTOMERS_EXPORT)
async def start_customers(actor: Actor, wish: CustomersExport) -> UUID:
    """Start writing customers into a file; the export's id. See `start`."""
    return await start(actor, _wish(ExportKind.CUSTOMERS, wish))


@operation(Scope.CUSTOMERS_EXPORT)
async def start_orders(actor: Actor, wish: OrdersExport) -> UUID:
    """Start writing orders into a file; the export's id. See `start`."""
    return await start(actor, _wish(ExportKind.ORDERS, wish))


def _wish(kind: ExportKind, said: CustomersExport | OrdersExport) -> Wish:
    return Wish(kind=kind, format=said.format, fields=tuple(said.fields or ()), filter=said.filter, sort=said.sort, bom=bool(said.bom))


@operation(Scope.CUSTOMERS_EXPORT)
async def start(actor: Actor, wish: Wish) -> UUID:
    """Start an export: a job writes the file, under the caller's grants; the export's id.

    Fields that there are not or that the caller may not see are refused here, and so are such filters. The same wish of the same caller
    starts nothing while the first one runs: it gives that one.
    """
    if actor.kind is ActorKind.WORKER or actor.id is None:
        raise Forbidden("Only staff and access tokens export: a file is somebody's.")
    kind = KINDS[wish.kind]
    source = kind.source
    if source.scope is not None:
        actor.require((source.scope,))
    order = source.order(wish.sort or kind.sort)
    placed = source.columns[order.column].scope
    if not actor.may(placed):
        raise Forbidden(f"Sorting by this needs the scope {placed}.", path=("input", "sort"))
    columns = await kinds.chosen(actor, wish.kind, wish.fields or kind.usual(actor))
    try:
        total = await Reader(actor).count(source, where=wish.filter)
    except Refusal as refusal:
        raise type(refusal)(refusal.message, path=("input", *refusal.path), code=refusal.code) from refusal
    return await _open(actor, wish, [each.name for each in columns], order.name, total)


@operation(Scope.CUSTOMERS_EXPORT, writes=True)
async def _open(actor: Actor, wish: Wish, names: list[str], sort: str, total: int) -> UUID:
    assert actor.id is not None, "somebody asks"
    digest = wishes.digest(actor, wish, names)
    running = await _under_way(actor, actor.id)
    for each in running:
        if bytes(each.digest or b"") == digest:
            return each.id
    if len(running) >= AT_ONCE_MAX:
        raise Refusal(f"{AT_ONCE_MAX} exports of yours are under way; wait for one to end.", path=("input",), code=Code.LIMIT_EXCEEDED)
    now, row_id = clock.now(), ids.uuid7()
    key = sealedfile.made(row_id)
    record = Export(
        id=row_id,
        work_id=await work.start(actor, _JOB, str(row_id), total=total),
        kind=wish.kind,
        format=wish.format,
        bom=wish.bom,
        fields_asked=names,
        sort=sort,
        filter_sealed=wishes.sealed(sealedfile.key_of(row_id, key), wish),
        digest=digest,
        key=key,
        by_kind=actor.kind,
        by_id=actor.id,
        by=actor.name[:220],
        scopes=sorted(scope.value for scope in actor.scopes),
        purpose=actor.purpose,
        filename=f"{wish.kind.value.lower()}-{now:%Y%m%d-%H%M%S}.{wish.format.value.lower()}",
        created_at=now,
    )
    await record.save(force_create=True)
    detail: audit.Detail = {
        "export": str(row_id),
        "kind": wish.kind.value,
        "format": wish.format.value,
        "filtered": wish.filter is not None,
    }
    await audit.record(actor, "export.started", fields=[f"{KINDS[wish.kind].source.name}.{name}" for name in names], detail=detail)
    return row_id


async def _under_way(actor: Actor, caller_id: UUID) -> list[Export]:
    """The caller's exports whose work has not ended."""
    found = await Export.filter(by_id=caller_id, finished_at__isnull=True, ended_at__isnull=True)
    works = await work.found(actor, [each.work_id for each in found])
    return [each for each in found if each.work_id in works and works[each.work_id].state not in _OVER]


@operation(Scope.CUSTOMERS_EXPORT, writes=True)
async def cancel(actor: Actor, wish: ExportCancel) -> UUID:
    """Stop one of the caller's own exports at its next page, or remove the file of one that is complete. Twice is the same as once."""
    record = await Export.get_or_none(id=wish.id, by_id=actor.id)
    if record is None:
        raise NotFound("There is no such export of yours.", path=("input", "id"))
    if record.ended_at is None:
        found = await work.find(actor, record.work_id)
        if found is not None and found.state not in _OVER:
            await work.cancel(_STOPPER, record.work_id)
        await forget(record)
        await audit.record(actor, "export.cancelled", detail={"export": str(record.id)})
    return record.id


async def forget(record: Export) -> None:
    """Throw away the key, the filter and the file of an export; in or outside of an operation. Its row stays and says that it was there."""
    await Export.filter(id=record.id, ended_at__isnull=True).update(
        ended_at=clock.now(), key=None, filter_sealed=None, digest=None, stored=None, expires_at=None
    )
    if record.stored:
        (storing.folder() / record.stored).unlink(missing_ok=True)


@operation(Scope.JOBS_RUN)
async def purge(actor: Actor) -> int:
    """Remove files that have expired, and whatever is left of exports that were given up or whose worker died; how many exports ended."""
    now = clock.now()
    stale = await Export.filter(ended_at__isnull=True, expires_at__lte=now)
    unfinished = await Export.filter(ended_at__isnull=True, finished_at__isnull=True)
    works = await work.found(actor, [each.work_id for each in unfinished])
    stale += [each for each in unfinished if each.work_id not in works or works[each.work_id].state in _OVER]
    for record in stale:
        await forget(record)
    kept = {str(name) for name in await Export.filter(stored__isnull=False).values_list("stored", flat=True)}
    for file, written in (await asyncio.to_thread(storing.files)).items():
        if file.name not in kept and not await _being_written(written, storing.owner(file)):
            file.unlink(missing_ok=True)
    return len(stale)


async def _being_written(written: float, export_id: UUID | None) -> bool:
    if export_id is None or clock.now().timestamp() - written > _WRITTEN_WITHIN.total_seconds():
        return False
    return await Export.exists(id=export_id, finished_at__isnull=True, ended_at__isnull=True)


@operation(Scope.JOBS_RUN)
async def clear(actor: Actor) -> int:
    """Remove every file that may hold a person who was erased; an erasure asks so, when the person's rows are gone. How many it were.

    Nobody can tell who is in a sealed file, so all of them go. One that is being written is begun anew: what was written of it so far lies
    under a key that is thrown away here.
    """
    left = await Export.filter(ended_at__isnull=True)
    for record in left:
        if record.finished_at is not None:
            await forget(record)
        else:
            await _renew(actor, record)
    return len(left)


@operation(Scope.JOBS_RUN, writes=True)
async def _renew(actor: Actor, record: Export) -> None:
    assert record.key is not None, "an export that has not ended has a key"
    fresh = sealedfile.made(record.id)
    old, new = sealedfile.key_of(record.id, bytes(record.key)), sealedfile.key_of(record.id, fresh)
    still = Export.filter(id=record.id, epoch=record.epoch, finished_at__isnull=True, ended_at__isnull=True)
    renewed = await still.update(key=fresh, filter_sealed=wishes.sealed_again(old, new, record.filter_sealed), epoch=record.epoch + 1)
    if not renewed:  # it was completed, or given up, at this very moment
        now = await Export.get(id=record.id)
        if now.finished_at is not None and now.ended_at is None:
            await forget(now)
        elif now.ended_at is None:
            await _renew(actor, now)
