"""What SDKs of Segment's published specification send, and what becomes of it."""

from siyu.domain.tracking.commands import Taken, take
from siyu.domain.tracking.context import Kept
from siyu.domain.tracking.messages import Clock, Message, Type, parse, said_id
from siyu.domain.tracking.moments import parsed, skew

__all__ = ["Clock", "Kept", "Message", "Taken", "Type", "parse", "parsed", "said_id", "skew", "take"]
