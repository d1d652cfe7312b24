"""What workers do with data requests: run them, look after them, clear up."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from siyu.domain import work
from siyu.domain.kernel import clock
from siyu.domain.kernel.operation import operation
from siyu.domain.requests import erasing, exporting, moving, rules
from siyu.domain.requests.commands import JOB
from siyu.domain.requests.tables import DataRequest, DataRequestKind, DataRequestState
from siyu.domain.work import WorkState
from siyu.privacy.actor import Actor, Scope

_OVER: Final = frozenset({WorkState.SUCCEEDED, WorkState.FAILED, WorkState.CANCELLED})
#: A file of a request that is being written is left alone for so long.
_WRITTEN_WITHIN: Final = timedelta(days=1)


@operation(Scope.DATA_REQUESTS_RUN)
async def run(actor: Actor, request_id: UUID) -> None:
    """Do what was asked. A request that has ended, or waits for a person, is left alone; broken off, it goes on.

    The actor's purpose is compliance; its job holds the lease.
    """
    request = await DataRequest.get_or_none(id=request_id)
    if request is None:
        return
    if request.state in rules.WORKING:
        await (exporting.export if request.kind is DataRequestKind.EXPORT else erasing.erase)(actor, request)
    elif request.kind is DataRequestKind.ERASURE and request.state is DataRequestState.COMPLETED:
        await erasing.scrub()


@operation(Scope.DATA_REQUESTS_RUN)
async def tend(actor: Actor) -> int:
    """Start requests again whose job has failed for good or was lost, and mark those as FAILED that had failed; how many."""
    stuck = await DataRequest.filter(state__in=list(rules.WORKING))
    works = await work.found(actor, [request.work_id for request in stuck if request.work_id])
    again = 0
    for request in stuck:
        found = works.get(request.work_id) if request.work_id else None
        if found is None or found.state in _OVER:
            again += await _start_again(actor, request, failed=found is not None and found.state is WorkState.FAILED)
    return again


@operation(Scope.DATA_REQUESTS_RUN, writes=True)
async def _start_again(actor: Actor, request: DataRequest, *, failed: bool) -> bool:
    before = request.work_id
    work_id = await work.start(actor, JOB, str(request.id))
    if failed:
        await moving.move(actor, request, DataRequestState.FAILED)
    still = DataRequest.filter(id=request.id, work_id=before, state__in=list(rules.WORKING))
    return bool(await still.update(work_id=work_id))


@operation(Scope.DATA_REQUESTS_RUN)
async def purge(actor: Actor) -> int:
    """Delete archives that have expired, and what was left of exports that were broken off; how many files."""
    files = await asyncio.to_thread(lambda: list(exporting.folder().iterdir()))
    wanted = await DataRequest.filter(
        state=DataRequestState.COMPLETED, kind=DataRequestKind.EXPORT, export_expires_at__gt=clock.now()
    ).values_list("id", flat=True)
    keep = {f"{request_id}.zip" for request_id in wanted}
    gone = [file for file in files if file.name not in keep and not await _being_written(file)]
    for file in gone:
        file.unlink(missing_ok=True)
    return len(gone)


async def _being_written(file: Path) -> bool:
    written = await asyncio.to_thread(lambda: file.stat().st_mtime)
    if clock.now().timestamp() - written > _WRITTEN_WITHIN.total_seconds():
        return False
    return await DataRequest.exists(id=UUID(file.name.split(".")[0]), state=DataRequestState.RUNNING)
