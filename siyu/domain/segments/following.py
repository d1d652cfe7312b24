"""Following what changes about people: the rules that a change concerns are applied to just these people, by a job right after it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from siyu.domain import consents as consents  # has no tables, so that nobody else need import it; what it hears is followed here
from siyu.domain import rules
from siyu.domain.kernel import outbox, touching
from siyu.domain.kernel.outbox import Due
from siyu.domain.kernel.touching import Change, Touched
from siyu.domain.rules import NAMED_MAX, HolderKind, Owner, Watched
from siyu.privacy.actor import Actor

JOB: Final = outbox.of_many("follow_changes")
MARK_JOB: Final = "mark_due"
#: People of one job.
PEOPLE_MAX: Final = 500


@touching.follows
async def followed(touched: Sequence[Touched]) -> list[Due]:
    """The jobs for what was touched: none, and no statement, where no rule speaks of it."""
    watched = await rules.watched(Actor.worker("rules"))
    jobs: list[Due] = []
    by_people: dict[tuple[UUID, ...], list[Touched]] = {}
    for each in touched:
        if not _concerns(watched, each):
            continue
        if len(each.customer_ids) > NAMED_MAX:
            jobs.append(outbox.due(MARK_JOB, *_owners_spelled(watched.owners(each))))
        else:
            by_people.setdefault(tuple(sorted(each.customer_ids)), []).append(each)
    for people, changes in by_people.items():
        for start in range(0, len(people), PEOPLE_MAX):
            jobs.append(outbox.due(JOB, *spelled(changes, people[start : start + PEOPLE_MAX])))
    return jobs


def _concerns(watched: Watched, touched: Touched) -> bool:
    """Somebody's standing, when it is named, also concerns what is kept by hand."""
    return bool(watched.owners(touched)) or (touched.change is Change.STANDING and bool(touched.names))


def spelled(changes: Sequence[Touched], people: Sequence[UUID]) -> list[str]:
    """The arguments of a job: the kinds of change with their names, then the people."""
    if any(each.change is Change.STANDING for each in changes):
        changes = [each for each in changes if each.change is Change.STANDING]
    head = [text for each in changes for text in (each.change.value, str(len(each.names)), *each.names)]
    return [str(len(changes)), *head, *map(str, people)]


def read(args: Sequence[str]) -> list[Touched]:
    """What `spelled` wrote."""
    rest = list(args)
    said: list[tuple[Change, tuple[str, ...]]] = []
    for _ in range(int(rest.pop(0))):
        change, count = Change(rest.pop(0)), int(rest.pop(0))
        said.append((change, tuple(rest[:count])))
        rest = rest[count:]
    people = tuple(UUID(each) for each in rest)
    return [Touched(change, people, names) for change, names in said]


def _owners_spelled(owners: frozenset[Owner]) -> list[str]:
    return [text for kind, owner_id in sorted(owners) for text in (kind.value, str(owner_id))]


def owners_read(args: Sequence[str]) -> list[Owner]:
    """The segments and tags that a job names."""
    return [(HolderKind(kind), UUID(key)) for kind, key in zip(args[::2], args[1::2], strict=True)]
