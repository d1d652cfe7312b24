"""What one request carries through its resolvers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias
from uuid import UUID

import strawberry
from strawberry.dataloader import DataLoader

from siyu.domain.kernel.reading import Denial
from siyu.privacy.actor import Actor
from siyu.privacy.refusal import Unauthenticated


class Finisher(Protocol):
    """What the planner is to a resolver."""

    async def finish(self, info: Any, wish: Any) -> Any:  # the engine's info and a wish, which this room's lower floor doesn't know
        """The finished object; None when the engine has to read it."""


@dataclass(slots=True, kw_only=True)
class Context:
    """One request: who asks, what was denied so far, and the id that its log lines share.

    `caller` is None for a stranger; resolvers use `actor`, which refuses one.
    """

    caller: Actor | None
    correlation: str = ""
    #: Where the API is reached from outside, without a trailing slash: links start with it.
    base_url: str = ""
    #: The row of the login or token that the caller came with.
    credential: UUID | None = None
    #: Answers by plan what it can inside an operation that the engine runs; None: the engine reads all of it.
    finisher: Finisher | None = None
    #: Fields of the answer that are null because this caller may not see them.
    denied: list[Denial] = field(default_factory=list)
    #: What resolvers of a list's rows do together, by the field's response keys.
    together: dict[tuple[str, ...], DataLoader[Any, Any]] = field(default_factory=dict)

    @property
    def actor(self) -> Actor:
        """Who asks; raises `Unauthenticated` when nobody is signed in."""
        if self.caller is None:
            raise Unauthenticated("Sign in, or send an access token.")
        return self.caller

    @property
    def visitor(self) -> Actor:
        """Whoever asks, signed in or not: only for the operations that sign somebody in."""
        return self.caller or Actor.worker("visitor", request=self.correlation)


Info: TypeAlias = strawberry.Info[Context, None]
