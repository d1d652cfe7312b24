"""Reading: sources say what can be read, asks say what is wanted, a reader fetches it with few statements and one grant."""

from siyu.domain.kernel.reading.ask import Ask, Denial, Nested, Path, Reason, Recounted, Telling, below, slot
from siyu.domain.kernel.reading.assemble import REFUSED
from siyu.domain.kernel.reading.conditions import Beginning, Blind, Containing, OneOf, Same, Since, Until, Within
from siyu.domain.kernel.reading.fetch import Page, Reader, Row
from siyu.domain.kernel.reading.moments import MOMENTS, Moment, TimelineKind, moments
from siyu.domain.kernel.reading.source import (
    SOURCES,
    Across,
    Column,
    Derived,
    Many,
    One,
    Order,
    Part,
    Readable,
    Source,
    Timeline,
    Told,
    source_of,
)

__all__ = [
    "MOMENTS", "REFUSED", "SOURCES", "Across", "Ask", "Beginning", "Blind", "Column", "Containing", "Denial", "Derived", "Many", "Moment",
    "Nested", "One", "OneOf", "Order", "Page", "Part", "Path", "Readable", "Reader", "Reason", "Recounted", "Row", "Same", "Since",
    "Source", "Telling", "Timeline", "TimelineKind", "Told", "Until", "Within", "below", "moments", "slot", "source_of",
]  # fmt: skip
