"""What holds of tags, whoever asks. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol
from uuid import UUID

from siyu.domain.tags.tables import TagKind, TagSource
from siyu.privacy.actor import Actor, ActorKind
from siyu.privacy.refusal import Code, Refusal, Refusals

DESCRIPTION_MAX: Final = 500
EXPIRES_DAYS_MAX: Final = 3_650
#: Tags, customers and identities of one call.
TAGS_MAX: Final = 50
CUSTOMERS_MAX: Final = 10_000
IDENTITIES_MAX: Final = 1_000
#: More customers than this are done by a job.
AT_ONCE_MAX: Final = 1_000


def source_of(actor: Actor) -> TagSource:
    """How what this actor puts on has come: people do it by hand, partners by the API."""
    return TagSource.API if actor.kind is ActorKind.TOKEN else TagSource.MANUAL


def lasting(expires_after_days: int | None, kind: TagKind, path: Sequence[str]) -> int | None:
    """After how many days an assignment ends; refused where it makes no sense."""
    if expires_after_days is None:
        return None
    if kind is TagKind.RULE:
        raise Refusal("A rule's tag ends when the rule no longer holds; leave this out.", path=path)
    if not 1 <= expires_after_days <= EXPIRES_DAYS_MAX:
        raise Refusal(f"From 1 to {EXPIRES_DAYS_MAX:,} days.", path=path)
    return expires_after_days


def until(expires_after_days: int | None, expires_at: datetime | None, now: datetime) -> datetime | None:
    """When a new assignment ends: as was said, else as the tag says."""
    if expires_at is not None or expires_after_days is None:
        return expires_at
    return now + timedelta(days=expires_after_days)


def apart(tags: Iterable[tuple[int, str, UUID | None]], exclusive: Mapping[UUID, str], path: Sequence[str]) -> None:
    """Refuse two tags of one exclusive group for the same customers; `tags` are place, name and group of each."""
    first: dict[UUID, str] = {}
    refusals = []
    for place, name, group in tags:
        if group is not None and group in exclusive and first.setdefault(group, name) != name:
            message = f"A customer has at most one tag of the group {exclusive[group]}: this one, or {first[group]}."
            refusals.append(Refusal(message, path=(*path, str(place)), code=Code.CONFLICT))
    if refusals:
        raise Refusals(refusals)


class Assigned(Protocol):
    """What decides between two assignments."""

    source: TagSource
    assigned_at: datetime


def better(one: Assigned, other: Assigned) -> bool:
    """Whether the first goes before the second: by hand before by rule, then the later one."""
    hands = (one.source is not TagSource.RULE, other.source is not TagSource.RULE)
    return hands[0] if hands[0] is not hands[1] else one.assigned_at > other.assigned_at
