"""What has rules: segments and tags say here how theirs are kept, so that one machine keeps them all, in order of dependence."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from siyu.domain.rules.inputs import Rule
from siyu.domain.rules.keeping import Keeping, Kept
from siyu.domain.rules.tables import HolderKind
from siyu.domain.rules.tree import loaded
from siyu.privacy.actor import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One thing that has a rule in use, or that is kept by hand, as it stands."""

    id: UUID
    version: int
    #: The rule's stored tree; None is a thing kept by hand only, which no rule moves.
    tree: dict[str, object] | None
    keeping: Keeping
    due: bool
    failure: str | None
    #: When the rule was last applied to everybody; None: never.
    evaluated_at: datetime | None

    @property
    def rule(self) -> Rule | None:
        """The rule itself."""
        return None if self.tree is None else loaded(self.tree)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """How applying a rule to everybody went: `failure` says, in words for people, why it could not be; the last good state stands."""

    at: datetime
    milliseconds: int
    failure: str | None = None


class Holder(Protocol):
    """What a noun whose things have rules does for the machine that keeps them.

    All are called as a worker with `jobs:run`, all but `named` inside a transaction.
    """

    async def held(self, actor: Actor, ids: Collection[UUID] | None) -> list[Held]:
        """Those of these that have a rule in use or are kept by hand; None: all of the noun. Archived ones are left out."""
        ...

    async def begin(self, actor: Actor, owner_id: UUID) -> None:
        """Its rule is about to be applied to everybody: it is due no longer. Whoever marks it meanwhile waits, and so is heard."""
        ...

    async def kept(self, actor: Actor, held: Held, kept: Kept, *, whole: bool) -> None:
        """Somebody got it or lost it: what the noun adds to that, such as sizes and announcements. Who follows it is told by the machine.

        `whole`: everybody was looked at; then it is called also when nobody changed.
        """
        ...

    async def evaluated(self, actor: Actor, owner_id: UUID, evaluation: Evaluation) -> None:
        """The rule was applied, which ends a failure, or could not be: then the failure is written down."""
        ...

    async def mark(self, actor: Actor, ids: Collection[UUID]) -> None:
        """Have these be due: the next run applies their rules to everybody."""
        ...

    async def named(self, actor: Actor, ids: Collection[UUID]) -> Mapping[UUID, str]:
        """What people call them: `segment VIP`, `tag 老客户`."""
        ...


HOLDERS: Final[dict[HolderKind, Holder]] = {}


def holds(kind: HolderKind, holder: Holder) -> None:
    """Have the things of this kind kept; a noun says so once, as it is imported."""
    HOLDERS[kind] = holder
