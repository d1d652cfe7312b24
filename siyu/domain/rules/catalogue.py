"""What the names in rules stand for: nouns that come after this one say so by registering."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from siyu.domain.kernel.touching import Change
from siyu.privacy.actor import Actor


@dataclass(frozen=True, slots=True)
class Named:
    """What a name stands for."""

    id: UUID
    #: As rules spell it: a tag's name, a segment's code.
    name: str
    #: In a sentence for people, why nobody can be found by it (archived, without a rule); a rule may still speak of it.
    warning: str | None = None


#: Given names, it answers with those that there are, by the name as it was given.
Catalogue = Callable[[Actor, Collection[str]], Awaitable[Mapping[str, Named]]]

_CATALOGUES: Final[dict[Change, Catalogue]] = {}


def known(change: Change) -> Callable[[Catalogue], Catalogue]:
    """Have a function asked what names in rules stand for.

    `@known(Change.TAG)`: it gets names of tags. `@known(Change.SEGMENT)`: it gets codes of segments, and ids of segments as text.
    The caller's scopes were checked; one statement is enough.
    """

    def register(function: Catalogue) -> Catalogue:
        _CATALOGUES[change] = function
        return function

    return register


async def named(actor: Actor, change: Change, names: Collection[str]) -> Mapping[str, Named]:
    """What these names stand for; those that stand for nothing are missing. No statement without names."""
    catalogue = _CATALOGUES.get(change)
    return await catalogue(actor, names) if names and catalogue else {}
