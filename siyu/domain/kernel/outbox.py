"""Jobs that are due after a commit: rows first, then a doorbell.

The row is written in the operation's own transaction, so that a rollback forgets the job. After the commit the doorbell
(installed by `jobs.queue`) is rung; where nobody heard it, a sweeper rings again for what is due. A row goes when its job has run.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from siyu.domain.kernel import clock, database, ids
from siyu.domain.kernel.tables import Outbox

#: Seconds before a failed job is tried again, by the number of times that it was tried.
BACKOFF_SECONDS = (2, 10, 60, 300, 1800)


#: Jobs whose arguments name people one by one.
_OF_MANY: Final[set[str]] = set()


def of_many(job: str) -> str:
    """Say of a job that its arguments name people one by one, so that it runs for the others when one of them is erased. Its name."""
    _OF_MANY.add(job)
    return job


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One job that is due: a name and ids, nothing else."""

    id: UUID
    job: str
    args: tuple[str, ...]
    due_at: datetime
    attempts: int = 0


#: Tells the queue of jobs. It swallows and logs its own failures: the row is there, the sweeper will ring again.
Doorbell = Callable[[Sequence[Due]], Awaitable[None]]


async def _nobody(_: Sequence[Due]) -> None:
    return None


_doorbell: Doorbell = _nobody


def set_doorbell(doorbell: Doorbell | None) -> None:
    """Install what rings after a commit; None leaves all jobs to the sweeper."""
    global _doorbell  # noqa: PLW0603  # one queue a process
    _doorbell = doorbell or _nobody


def due(job: str, *args: str, at: datetime | None = None) -> Due:
    """A job to be written down, due now or `at` a later moment."""
    return Due(id=ids.uuid7(), job=job, args=args, due_at=at or clock.now())


def _due(row: Outbox) -> Due:
    return Due(id=row.id, job=row.job, args=tuple(row.args), due_at=row.due_at, attempts=row.attempts)


async def write(jobs: Sequence[Due]) -> None:
    """Write the jobs down in the current transaction, in one statement."""
    await Outbox.bulk_create([Outbox(id=each.id, job=each.job, args=list(each.args), due_at=each.due_at) for each in jobs])


async def write_once(job: str, *, at: datetime) -> None:
    """Write a scheduled job down, outside of any operation; once for each moment, however many workers say it."""
    sql = (
        f"insert into scheduled (job, due_at) values ({database.marks(1, 2)}) on conflict (job) "  # noqa: S608  # marks only
        "do update set due_at = excluded.due_at where scheduled.due_at < excluded.due_at returning job"
    )
    jobs = [due(job)]
    async with database.transaction():
        if not await database.rows(sql, [job, at]):
            return
        await write(jobs)
    await ring(jobs)


async def ring(jobs: Sequence[Due]) -> None:
    """Tell the queue; never fails."""
    if jobs:
        await _doorbell(jobs)


async def waiting(*, late_by: timedelta = timedelta(0), limit: int = 500) -> Sequence[Due]:
    """Jobs whose time came at least `late_by` ago and that have not ended, the oldest first."""
    found = await Outbox.filter(due_at__lte=clock.now() - late_by, failed_at__isnull=True).order_by("due_at").limit(limit)
    return [_due(row) for row in found]


async def counts() -> tuple[int, int]:
    """How many jobs wait, running ones among them, and how many have failed for good."""
    return await Outbox.filter(failed_at__isnull=True).count(), await Outbox.filter(failed_at__isnull=False).count()


async def take(due_id: UUID, *, lease: timedelta) -> Due | None:
    """Claim a job for `lease`: nobody else gets it meanwhile. None when it has run, has failed for good or is not due.

    The claim moves `due_at`, so that a worker that dies leaves a job that comes due again by itself.
    """
    now = clock.now()
    taken = await Outbox.filter(id=due_id, due_at__lte=now, failed_at__isnull=True).update(due_at=now + lease)
    row = await Outbox.get_or_none(id=due_id) if taken else None
    return _due(row) if row else None


async def hold(due_id: UUID, *, lease: timedelta) -> None:
    """Prolong a claim while the job is still running."""
    await Outbox.filter(id=due_id).update(due_at=clock.now() + lease)


async def release(due_id: UUID) -> None:
    """Give a claim back, because its worker stops: another may take it now."""
    await Outbox.filter(id=due_id, failed_at__isnull=True).update(due_at=clock.now())


async def done(due_id: UUID) -> None:
    """Forget a job that has run."""
    await Outbox.filter(id=due_id).delete()


async def forget(subject: str) -> None:
    """Delete the jobs that name this id, in the current transaction: an erasure asks so. Jobs of several people keep the others."""
    named = f"cast(args as text) like {database.mark(1)}"
    found = await database.rows(f"select id from outbox where {named}", [f'%"{subject}"%'])  # noqa: S608  # a mark only
    for row in await Outbox.filter(id__in=[UUID(str(each[0])) for each in found], job__in=list(_OF_MANY)) if found else ():
        row.args = [each for each in row.args if each != subject]
        await row.save(update_fields=["args"])
    await database.run(f"delete from outbox where {named}", [f'%"{subject}"%'])  # noqa: S608  # as above


async def failed(due_id: UUID, *, error: str, attempts_max: int) -> Due | None:
    """Note a failure by the type of its error. The job with the moment of its next try, or None when this was the last one.

    One that failed for good stays, for `siyu doctor` to show.
    """
    row = await Outbox.get_or_none(id=due_id)
    if row is None:
        return None
    row.attempts += 1
    row.error = error[:200]
    if row.attempts >= attempts_max:
        row.failed_at = clock.now()
    else:
        row.due_at = clock.now() + timedelta(seconds=BACKOFF_SECONDS[min(row.attempts, len(BACKOFF_SECONDS)) - 1])
    await row.save()
    return None if row.failed_at else _due(row)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """How many jobs wait, how many failed for good, and the age of the oldest that is due."""

    waiting: int
    failed: int
    oldest_seconds: float


async def backlog() -> Backlog:
    """For `siyu doctor` and `/metrics`."""
    now = clock.now()
    oldest = await Outbox.filter(failed_at__isnull=True, due_at__lte=now).order_by("due_at").first()
    return Backlog(
        waiting=await Outbox.filter(failed_at__isnull=True).count(),
        failed=await Outbox.filter(failed_at__isnull=False).count(),
        oldest_seconds=(now - oldest.due_at).total_seconds() if oldest else 0.0,
    )
