"""Running an erasure, step by step. Killed at any point and run again, it ends complete, and once.

Uploads first, then the person's rows in one transaction, then the key with its tombstone; every process drops what it keeps of them;
exports go, since no new one can hold the person any more; the database's log is emptied; then it is looked whether anything is left.
Only then does the request forget whose it was.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Final, get_args
from uuid import UUID

from siyu.domain import exports, imports, work
from siyu.domain.kernel import boot, clock, database, outbox
from siyu.domain.kernel.announcements import Announcement, publish
from siyu.domain.kernel.database import Connection
from siyu.domain.kernel.operation import operation
from siyu.domain.requests import moving, rules
from siyu.domain.requests.commands import FILES, JOB, KEYS
from siyu.domain.requests.exporting import archive_path
from siyu.domain.requests.tables import (
    DataRequest,
    DataRequestApproval,
    DataRequestEvent,
    DataRequestKind,
    DataRequestState,
    DataRequestStep,
    StepAction,
)
from siyu.privacy import keyring
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.requests import erase as registry

#: When an erasure that had to wait for an import looks again.
AGAIN: Final = timedelta(seconds=30)
_SCRUBS: Final = 50
_SCRUB_SECONDS: Final = 0.1


class StillThere(RuntimeError):
    """Something of the person is left, or a database's log could not be emptied: the erasure is tried again."""


async def erase(actor: Actor, request: DataRequest) -> None:
    """Erase the request's customer, and complete it. Twice is the same as once."""
    customer_id = request.customer_id
    assert customer_id is not None, "an erasure that runs has its customer"
    if not await imports.clear(actor):
        await _postpone(actor, request)
        return
    await _delete_rows(actor, request, customer_id)
    await keyring.current().shred(customer_id)
    await publish([Announcement(boot.FORGET, (str(customer_id),))])
    await _delete_archives(customer_id)
    await exports.clear(actor)
    await _begin_verifying(actor, request)
    await _verify(customer_id)
    await _complete(actor, request, customer_id)
    await scrub()


@operation(Scope.DATA_REQUESTS_RUN, writes=True)
async def _postpone(actor: Actor, request: DataRequest) -> None:
    work_id = await work.start(actor, JOB, str(request.id), at=clock.now() + AGAIN)
    await DataRequest.filter(id=request.id).update(work_id=work_id)


@operation(Scope.DATA_REQUESTS_RUN, writes=True)
async def _delete_rows(actor: Actor, request: DataRequest, customer_id: UUID) -> None:
    """All rows of the person and every job that names them; the plan learns how many it were."""
    await moving.move(actor, request, DataRequestState.RUNNING)
    counts = await registry.rows(customer_id)
    await outbox.forget(str(customer_id))
    await moving.did(request.id, StepAction.DELETE, counts)


async def _delete_archives(customer_id: UUID) -> None:
    """The archives of the person's exports. Nobody could open them any more, but nobody shall keep them either."""
    for request_id in await DataRequest.filter(customer_id=customer_id, kind=DataRequestKind.EXPORT).values_list("id", flat=True):
        archive_path(UUID(str(request_id))).unlink(missing_ok=True)


@operation(Scope.DATA_REQUESTS_RUN, writes=True)
async def _begin_verifying(actor: Actor, request: DataRequest) -> None:
    await moving.did(request.id, StepAction.DELETE, {FILES: 0})
    if not await DataRequestStep.exists(request_id=request.id, store=KEYS, done=True):
        await moving.did(request.id, StepAction.SHRED_KEY, {KEYS: 1})
    await moving.move(actor, request, DataRequestState.VERIFYING)


async def _verify(customer_id: UUID) -> None:
    """Raises `StillThere` when rows or the key of the person are left, or the log of a database still holds deleted pages."""
    left = await registry.left(customer_id)
    if left or await keyring.current().keys([customer_id]):
        raise StillThere(f"Rows are left in {', '.join(left) or 'the key store'}.")
    await scrub()


async def scrub() -> None:
    """Empty the logs of both databases, where they are SQLite's; raises `StillThere` when readers are in the way for long."""
    for on in get_args(Connection):
        for _ in range(_SCRUBS):
            if await database.scrub(on):
                break
            await asyncio.sleep(_SCRUB_SECONDS)
        else:
            raise StillThere("A database's log could not be emptied.")


@operation(Scope.DATA_REQUESTS_RUN, writes=True)
async def _complete(actor: Actor, request: DataRequest, customer_id: UUID) -> None:
    """End it, and have all requests of the person forget whose they were; those that were under way have nothing left to do."""
    for other in await DataRequest.filter(customer_id=customer_id, state__not_in=list(rules.ENDED)).exclude(id=request.id):
        await moving.move(actor, other, DataRequestState.WITHDRAWN)
    await moving.move(actor, request, DataRequestState.COMPLETED)
    theirs = [UUID(str(each)) for each in await DataRequest.filter(customer_id=customer_id).values_list("id", flat=True)]
    for table in (DataRequestApproval, DataRequestEvent):
        await table.filter(request_id__in=theirs).update(note=None)
    await DataRequest.filter(id__in=theirs).update(customer_id=None, open_key=None)
