"""Opening long work, and what its worker says of it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from siyu.domain.kernel import clock
from siyu.domain.kernel.operation import after_commit, operation
from siyu.domain.work.tables import Work, WorkState
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, NotFound, Refusal

_OVER = (WorkState.SUCCEEDED, WorkState.FAILED, WorkState.CANCELLED)


class WorkStopped(Refusal):
    """Somebody cancelled this work: its worker stops at the next step."""

    code = Code.WRONG_STATE


@operation(writes=True)
async def start(actor: Actor, job: str, *ids: str, total: int | None = None, at: datetime | None = None) -> UUID:
    """Have the job run with the work's id and then `ids`, after the current operation's commit, or `at` a later moment; the work's id."""
    due = after_commit(job, *ids, at=at, visible=True)
    await Work.create(id=due.id, kind=job, total=total, opened_by=actor.name)
    return due.id


@operation(Scope.JOBS_RUN, writes=True)
async def begin(actor: Actor, work_id: UUID) -> bool:
    """A worker has it now. False when it was cancelled before or has ended: then there is nothing to do."""
    row = await Work.get_or_none(id=work_id)
    if row is None:
        return True  # a job that nobody watches
    if row.state in _OVER:
        return False
    await Work.filter(id=work_id).update(state=WorkState.RUNNING, started_at=row.started_at or clock.now())
    return True


@operation(Scope.JOBS_RUN, writes=True)
async def advance(actor: Actor, work_id: UUID, *, done: int, total: int | None = None, message: str | None = None) -> None:
    """Say how far it is. Raises `WorkStopped` when somebody cancelled it."""
    row = await Work.get_or_none(id=work_id)
    if row is None:
        return
    if row.state is WorkState.CANCELLED:
        raise WorkStopped("This work was cancelled.")
    row.done, row.total, row.message = done, row.total if total is None else total, message or row.message
    await row.save(update_fields=["done", "total", "message"])


@operation(Scope.JOBS_RUN, writes=True)
async def finish(actor: Actor, work_id: UUID) -> None:
    """It has run to its end."""
    await Work.filter(id=work_id, state__not=WorkState.CANCELLED).update(state=WorkState.SUCCEEDED, finished_at=clock.now())


@operation(Scope.JOBS_RUN, writes=True)
async def fail(actor: Actor, work_id: UUID, *, message: str) -> None:
    """It will not be tried again. `message` is shown to people and holds no value of a customer."""
    await Work.filter(id=work_id, state__not=WorkState.CANCELLED).update(
        state=WorkState.FAILED, message=message[:500], finished_at=clock.now()
    )


@operation(Scope.CUSTOMERS_IMPORT, writes=True)
async def cancel(actor: Actor, work_id: UUID) -> None:
    """Stop it at its next step; what it has done stays done."""
    row = await Work.get_or_none(id=work_id)
    if row is None:
        raise NotFound("There is no such job.", path=("id",))
    if row.state in _OVER:
        raise Refusal("This job has ended.", path=("id",), code=Code.WRONG_STATE)
    await Work.filter(id=work_id).update(state=WorkState.CANCELLED, finished_at=clock.now())
