"""Events: what customers do, on whatever channel, and the register of what may be told of it."""

from siyu.domain.events.inputs import EventDefine, EventGiven, EventPropertyGiven, EventRow, EventsTrack, Tracked
from siyu.domain.events.recording import record, track
from siyu.domain.events.source import EVENT, EVENT_DEFINITION, EVENT_PROPERTY

__all__ = [
    "EVENT", "EVENT_DEFINITION", "EVENT_PROPERTY", "EventDefine", "EventGiven", "EventPropertyGiven", "EventRow", "EventsTrack", "Tracked",
    "record", "track",
]  # fmt: skip
