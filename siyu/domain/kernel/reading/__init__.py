"""Reading: sources say what can be read, asks say what is wanted, a reader fetches it with few statements and one grant."""

from siyu.domain.kernel.reading.ask import Ask, Denial, Nested, Path, Reason, below, slot
from siyu.domain.kernel.reading.conditions import Blind, OneOf, Same, Within
from siyu.domain.kernel.reading.fetch import Page, Reader, Row
from siyu.domain.kernel.reading.source import SOURCES, Column, Derived, Many, One, Order, Part, Readable, Source, source_of

__all__ = [
    "SOURCES", "Ask", "Blind", "Column", "Denial", "Derived", "Many", "Nested", "One", "OneOf", "Order", "Page", "Part", "Path", "Readable",
    "Reader", "Reason", "Row", "Same", "Source", "Within", "below", "slot", "source_of",
]  # fmt: skip
