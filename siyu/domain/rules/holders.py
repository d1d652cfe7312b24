"""What has rules: segments and tags say here how theirs are kept, so that one machine keeps them all, in order of dependence.

@rules.holds(HolderKind.TAG)
class RuleTags: ...
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from siyu.domain.rules.keeping import Keeping, Kept
from siyu.domain.rules.tables import HolderKind
from siyu.privacy.actor import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One thing that has a rule in use, as it stands."""

    id: UUID
    version: int
    #: The rule's stored tree; None is a thing kept by hand only, which no rule moves.
    tree: dict[str, object] | None
    keeping: Keeping
    due: bool
    failure: str | None
    evaluated_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """How applying a rule to everybody went: `failure` says, in words for people, why it could not be; the last good state stands."""

    at: datetime
    milliseconds: int
    failure: str | None = None


class Holder(Protocol):
    """What a noun whose things have rules does for the machine that keeps them. All are called as a worker, the last three inside a
    transaction."""

    async def held(self, actor: Actor, ids: Collection[UUID] | None) -> list[Held]:
        """Those of these that have a rule in use, or all of the noun; archived ones are left out."""
        ...

    async def kept(self, actor: Actor, held: Held, kept: Kept, *, whole: bool) -> None:
        """Somebody got it or lost it: what the noun adds to that, such as sizes, announcements and `touch` for what follows it.

        `whole`: everybody was looked at, also when nobody changed.
        """
        ...

    async def evaluated(self, actor: Actor, owner_id: UUID, evaluation: Evaluation) -> None:
        """The rule was applied to everybody, or could not be. A success ends being due; a failure is written down."""
        ...

    async def mark(self, actor: Actor, ids: Collection[UUID]) -> None:
        """Have these be due: the next run applies their rules to everybody."""
        ...


HOLDERS: Final[dict[HolderKind, Holder]] = {}


def holds(kind: HolderKind, holder: Holder) -> None:
    """Have the things of this kind kept; a noun says so once, as it is imported."""
    HOLDERS[kind] = holder
