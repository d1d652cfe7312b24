"""Which values a condition lets in, for finding conditions that nobody meets or everybody does. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeAlias

#: A place between numbers: just before one (0), or just after it (1).
Cut: TypeAlias = tuple[float | Decimal, int]

START: Final[Cut] = (float("-inf"), 0)
END: Final[Cut] = (float("inf"), 1)


@dataclass(frozen=True, slots=True)
class Spans:
    """Numbers, as spans between cuts, in order and apart."""

    spans: tuple[tuple[Cut, Cut], ...]

    @classmethod
    def of(cls, *spans: tuple[Cut, Cut]) -> Spans:
        """The numbers that are in one of these."""
        merged: list[tuple[Cut, Cut]] = []
        for first, last in sorted(span for span in spans if span[0] < span[1]):
            if merged and first <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
            else:
                merged.append((first, last))
        return cls(tuple(merged))

    def __and__(self, other: Spans) -> Spans:
        return Spans.of(*((max(a[0], b[0]), min(a[1], b[1])) for a in self.spans for b in other.spans))

    def __invert__(self) -> Spans:
        cuts = [START, *(cut for span in self.spans for cut in span), END]
        return Spans.of(*zip(cuts[::2], cuts[1::2], strict=True))

    def __bool__(self) -> bool:
        return bool(self.spans)


@dataclass(frozen=True, slots=True)
class Names:
    """These values, or all but these."""

    values: frozenset[object]
    others: bool = False

    def __and__(self, other: Names) -> Names:
        if self.others and other.others:
            return Names(self.values | other.values, others=True)
        if self.others:
            return Names(other.values - self.values)
        return Names(self.values - other.values if other.others else self.values & other.values)

    def __invert__(self) -> Names:
        return Names(self.values, others=not self.others)

    def __bool__(self) -> bool:
        return self.others or bool(self.values)


Region: TypeAlias = Spans | Names

EVERY_NAME: Final = Names(frozenset(), others=True)
EVERY_NUMBER: Final = Spans.of((START, END))


def whole(least: int | None, most: int | None) -> Spans:
    """Whole numbers from `least` to `most`, both included; None is no bound."""
    return Spans.of((START if least is None else (least, 0), END if most is None else (most + 1, 0)))


def some(values: Iterable[object]) -> Names:
    """Just these values."""
    return Names(frozenset(values))


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a condition lets in of one thing that a customer has one of: known values, and whether an unknown one."""

    known: Region
    unknown: bool = False

    def __and__(self, other: Allowed) -> Allowed:
        assert type(self.known) is type(other.known), "one thing has values of one kind"
        return Allowed(self.known & other.known, self.unknown and other.unknown)  # type: ignore[operator]  # as asserted

    def __bool__(self) -> bool:
        return bool(self.known) or self.unknown
