"""Small groups: a number of people that would tell of one of them is not told to a partner."""

from __future__ import annotations

from typing import Final

from siyu.privacy.actor import Actor, ActorKind

#: The least group that an access token learns the size of.
LEAST: Final = 10


def hides(actor: Actor, count: int) -> bool:
    """Whether a group of so many is too small for this actor; then nobody of it is shown either."""
    return actor.kind is ActorKind.TOKEN and 0 < count < LEAST


def shown(actor: Actor, count: int) -> int:
    """The number of people of a group as this actor may know it: 0 where it is too small."""
    return 0 if hides(actor, count) else count
