"""Taking events in the SDL."""

from __future__ import annotations

import strawberry

from siyu.domain import events
from siyu.schema import customers
from siyu.schema.context import Info
from siyu.schema.errors import Payload, mutation, refused
from siyu.schema.taking import Input, takes

__all__ = ["EventInput", "EventsTrackInput", "EventsTrackPayload", "Mutation", "customers"]  # whose `IdentityInput` an event takes


@takes
class EventInput(Input[events.EventGiven]):
    """Something that a customer did."""


@takes
class EventsTrackInput(Input[events.EventsTrack]):
    """Events, in any order."""


@strawberry.type(description="What became of the events. Those in `userErrors` were refused, all others were taken.")
class EventsTrackPayload(Payload):
    accepted: int = strawberry.field(default=0, description="How many were written.")
    duplicates: int = strawberry.field(default=0, description="How many were there already, under the same key: nothing was changed.")
    late: int = strawberry.field(default=0, description="How many of the accepted ones came long after they had happened.")
    future: int = strawberry.field(default=0, description="How many of the accepted ones are ahead of our clock, by five minutes at most.")


@strawberry.type
class Mutation:
    @mutation
    async def events_track(self, info: Info, input: EventsTrackInput) -> EventsTrackPayload:  # the SDL's name
        """Write up to 1,000 events, each once by its key; a bad one never loses the others. Scope `events:track`."""
        return _tracked(await events.track(info.context.actor, input.to_domain()))


def _tracked(done: events.Tracked) -> EventsTrackPayload:
    return EventsTrackPayload(
        accepted=done.accepted, duplicates=done.duplicates, late=done.late, future=done.future, user_errors=refused(done.refusals)
    )
