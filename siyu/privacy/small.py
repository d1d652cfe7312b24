"""Small groups: a number of people that would tell of one of them is not told to a partner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeVar

from siyu.privacy.actor import Actor, ActorKind

K = TypeVar("K")

#: The least group that an access token learns the size of.
LEAST: Final = 10


def hides(actor: Actor, count: int) -> bool:
    """Whether a group of so many is too small for this actor; then nobody of it is shown either."""
    return actor.kind is ActorKind.TOKEN and 0 < count < LEAST


def shown(actor: Actor, count: int) -> int:
    """The number of people of a group as this actor may know it: 0 where it is too small."""
    return 0 if hides(actor, count) else count


def parts(actor: Actor, counts: Mapping[K, int]) -> dict[K, int]:
    """The parts of a whole that may be known, such that nobody learns by subtraction what is hidden in one of them."""
    hidden, told = 0, dict[K, int]()
    for part, count in sorted(counts.items(), key=lambda each: each[1]):
        # Where what is hidden so far would be too few, the next smallest is hidden with it.
        few = hides(actor, count) or hides(actor, hidden)
        hidden += count if few else 0
        told[part] = 0 if few else count
    return {part: told[part] for part in counts}
