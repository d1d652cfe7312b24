"""Running an erasure, step by step. Killed at any point and run again, it ends complete, and once.

A person is the customer and all who were merged into them. Uploads first, then the person's rows in one transaction, then the keys, each
with its tombstone; every process drops what it keeps of them;
exports go, since no new one can hold the person any more; the database's log is emptied; then it is looked whether anything is left.
Only then does the request forget whose it was.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Final, get_args
from uuid import UUID

from siyu.domain import customers, exports, imports, tags, work
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
    """Erase the request's person, and complete it. Twice is the same as once."""
    if not await imports.clear(actor):
        await _postpone(actor, request)
        return
    people = await _delete_rows(actor, request)
    for customer_id in people:
        await keyring.current().shred(customer_id)
    await publish([Announcement(boot.FORGET, tuple(map(str, people)))])
    await _delete_archives(people)
    await exports.clear(actor)
    await _begin_verifying(actor, request, keys=len(people))
    await _verify(people)
    await _complete(actor, request, people)
    await scrub()


@operation(Scope.DATA_REQUESTS_RUN, writes=True)
async def _postpone(actor: Actor, request: DataRequest) -> None:
    work_id = await work.start(actor, JOB, str(request.id), at=clock.now() + AGAIN)
    await DataRequest.filter(id=request.id).update(work_id=work_id)


@operation(Scope.DATA_REQUESTS_RUN, writes=True)
async def _delete_rows(actor: Actor, request: DataRequest) -> list[UUID]:
    """All rows of the person and every job that names them; the plan learns how many it were. Which customers the person was."""
    assert request.customer_id is not None, "an erasure that runs has its customer"
    await moving.move(actor, request, DataRequestState.RUNNING)
    known = [UUID(each) for each in request.people or ()]
    people = list(dict.fromkeys([*known, *await customers.group(actor, request.customer_id)]))
    counts: Counter[str] = Counter()
    await tags.forget(actor, people)  # while it is known by what they are known
    for customer_id in people:
        counts.update(await registry.rows(customer_id))
        await outbox.forget(str(customer_id))
    await DataRequest.filter(id=request.id).update(people=[str(each) for each in people])
    await moving.did(request.id, StepAction.DELETE, counts)
    return people


async def _delete_archives(people: Sequence[UUID]) -> None:
    """The archives of the person's exports. Nobody could open them any more, but nobody shall keep them either."""
    for request_id in await DataRequest.filter(customer_id__in=people, kind=DataRequestKind.EXPORT).values_list("id", flat=True):
        archive_path(UUID(str(request_id))).unlink(missing_ok=True)


@operation(Scope.DATA_REQUESTS_RUN, writes=True)
async def _begin_verifying(actor: Actor, request: DataRequest, *, keys: int) -> None:
    await moving.did(request.id, StepAction.DELETE, {FILES: 0})
    if not await DataRequestStep.exists(request_id=request.id, store=KEYS, done=True):
        await moving.did(request.id, StepAction.SHRED_KEY, {KEYS: keys})
    await moving.move(actor, request, DataRequestState.VERIFYING)


async def _verify(people: Sequence[UUID]) -> None:
    """Raises `StillThere` when rows or a key of the person are left, or the log of a database still holds deleted pages."""
    left = await registry.left(*people)
    if left or await keyring.current().keys(people):
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
async def _complete(actor: Actor, request: DataRequest, people: Sequence[UUID]) -> None:
    """End it, and have all requests of the person forget whose they were; those that were under way have nothing left to do."""
    for other in await DataRequest.filter(customer_id__in=people, state__not_in=list(rules.ENDED)).exclude(id=request.id):
        await moving.move(actor, other, DataRequestState.WITHDRAWN)
    await moving.move(actor, request, DataRequestState.COMPLETED)
    theirs = [UUID(str(each)) for each in await DataRequest.filter(customer_id__in=people).values_list("id", flat=True)]
    for table in (DataRequestApproval, DataRequestEvent):
        await table.filter(request_id__in=theirs).update(note=None)
    await DataRequest.filter(id__in=theirs).update(customer_id=None, open_key=None, people=None)
