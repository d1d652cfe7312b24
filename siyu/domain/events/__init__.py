"""Events: what customers do, on whatever channel, and the register of what may be told of it."""

from siyu.domain.events.counting import count
from siyu.domain.events.defining import Defined, define, definition, seal_stored
from siyu.domain.events.describing import Described, described
from siyu.domain.events.inputs import (
    EventDefine,
    EventDefinitionFilter,
    EventGiven,
    EventPropertyGiven,
    EventRow,
    EventsTrack,
    Tracked,
)
from siyu.domain.events.looking import Happening, acting_since, happenings, looks
from siyu.domain.events.recording import record, track
from siyu.domain.events.source import EVENT, EVENT_DEFINITION, EVENT_PROPERTY

__all__ = [
    "EVENT", "EVENT_DEFINITION", "EVENT_PROPERTY", "Defined", "Described", "EventDefine", "EventDefinitionFilter", "EventGiven",
    "EventPropertyGiven", "EventRow", "EventsTrack", "Happening", "Tracked", "acting_since", "count", "define", "definition",
    "described", "happenings", "looks", "record", "seal_stored", "track",
]  # fmt: skip
