"""What an operation has changed of whom, for nouns that follow such changes: segments, tags by rule, scores.

An operation says `touch(Change.ORDER, ids)` inside its transaction. Just before the commit each follower is asked what that
concerns; the jobs that it names are written down with the commit, so that nothing is forgotten and a rollback forgets it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from siyu.domain.kernel.outbox import Due


class Change(StrEnum):
    """What kind of thing has changed about a person."""

    PROFILE = "PROFILE"
    IDENTITY = "IDENTITY"
    ATTRIBUTE = "ATTRIBUTE"
    ORDER = "ORDER"
    EVENT = "EVENT"
    CONSENT = "CONSENT"
    TAG = "TAG"
    SEGMENT = "SEGMENT"
    LIFECYCLE = "LIFECYCLE"
    RFM = "RFM"
    POINTS = "POINTS"
    TIER = "TIER"
    #: Restricted, merged, or no longer so: it concerns whatever people may be in at all.
    STANDING = "STANDING"


@dataclass(frozen=True, slots=True)
class Touched:
    """These people, in this respect. `names` say of what exactly: names of events, keys of attributes, ids of tags or segments, codes of
    purposes; empty: of anything of the kind."""

    change: Change
    customer_ids: tuple[UUID, ...]
    names: tuple[str, ...] = ()


#: Asked once an operation, inside its transaction, and so quick where nobody is concerned: it keeps what it knows in the process.
Follower = Callable[[Sequence[Touched]], Awaitable[Sequence[Due]]]

_FOLLOWERS: Final[list[Follower]] = []


def follows(function: Follower) -> Follower:
    """Have `function` asked about whatever operations touch; a noun says so once, as it is imported."""
    if function not in _FOLLOWERS:
        _FOLLOWERS.append(function)
    return function


async def followed(touched: Collection[Touched]) -> list[Due]:
    """The jobs that followers want for what was touched."""
    merged = _merged(touched)
    return [due for follower in _FOLLOWERS for due in await follower(merged)] if merged else []


def _merged(touched: Collection[Touched]) -> list[Touched]:
    """The same with people and names said once: one for each kind of change and names."""
    people: dict[tuple[Change, tuple[str, ...]], dict[UUID, None]] = {}
    for each in touched:
        people.setdefault((each.change, each.names), {}).update(dict.fromkeys(each.customer_ids))
    return [Touched(change, tuple(ids), names) for (change, names), ids in people.items() if ids]
