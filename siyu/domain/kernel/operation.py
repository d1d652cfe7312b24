"""The door into the domain: scope first, then one transaction, then whatever is due after its commit."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

from siyu.domain.kernel import announcements, database, outbox, touching
from siyu.domain.kernel.announcements import Announcement
from siyu.domain.kernel.outbox import Due
from siyu.domain.kernel.touching import Change, Touched
from siyu.privacy.actor import Actor, Scope

P = ParamSpec("P")
R = TypeVar("R")

#: Every operation of the house by its qualified name.
OPERATIONS: dict[str, Callable[..., Coroutine[Any, Any, Any]]] = {}


@dataclass(slots=True)
class _Afterwards:
    jobs: list[Due] = field(default_factory=list)
    announcements: list[Announcement] = field(default_factory=list)
    touched: list[Touched] = field(default_factory=list)


_afterwards: ContextVar[_Afterwards | None] = ContextVar("siyu_afterwards", default=None)


def operation(
    *scopes: Scope, writes: bool = False
) -> Callable[[Callable[Concatenate[Actor, P], Coroutine[Any, Any, R]]], Callable[Concatenate[Actor, P], Coroutine[Any, Any, R]]]:
    """Make a coroutine function public: its caller must hold all `scopes`, or gets `Forbidden`.

    With `writes` it runs in one transaction, or joins its caller's. What it passed to `after_commit` is written down
    in that transaction and rung for after the commit; what it passed to `announce` is told after the commit. Whom it passed to
    `touch` those are told of who follow such changes.
    """

    def door(function: Callable[Concatenate[Actor, P], Coroutine[Any, Any, R]]) -> Callable[Concatenate[Actor, P], Coroutine[Any, Any, R]]:
        @wraps(function)
        async def opened(actor: Actor, /, *args: P.args, **kwargs: P.kwargs) -> R:
            actor.require(scopes)
            if not writes or _afterwards.get() is not None:
                return await function(actor, *args, **kwargs)
            afterwards = _Afterwards()
            token = _afterwards.set(afterwards)
            try:
                async with database.transaction():
                    result = await function(actor, *args, **kwargs)
                    if afterwards.touched:
                        afterwards.jobs.extend(await touching.followed(afterwards.touched))
                    if afterwards.jobs:
                        await outbox.write(afterwards.jobs)
            finally:
                _afterwards.reset(token)
            await announcements.publish(afterwards.announcements)
            await outbox.ring(afterwards.jobs)
            return result

        OPERATIONS[f"{function.__module__}.{function.__qualname__}"] = opened
        return opened

    return door


def _current() -> _Afterwards:
    afterwards = _afterwards.get()
    assert afterwards is not None, "Only an operation that writes has an afterwards: put the call inside one."
    return afterwards


def after_commit(job: str, *ids: str, at: datetime | None = None, visible: bool = False) -> Due:
    """Have `job` run with these ids once the current operation has committed, or `at` a later moment. A rollback forgets it.

    A `visible` job gets its own id as its first argument, before `ids`: `work.start` says so.
    """
    due = outbox.due(job, *ids, at=at)
    if visible:
        due = replace(due, args=(str(due.id), *ids))
    _current().jobs.append(due)
    return due


def announce(topic: str, *ids: str) -> None:
    """Tell every process once the current operation has committed."""
    _current().announcements.append(Announcement(topic, ids))


def touch(change: Change, customer_ids: Iterable[UUID], *names: str) -> None:
    """Say whom the current operation has changed, and in what respect; `names` as in `Touched`. Followers hear of it after the commit."""
    _current().touched.append(Touched(change, tuple(customer_ids), names))
