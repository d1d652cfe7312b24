"""What one field of an operation is charged, for whatever its variables say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

from siyu.domain.kernel.paging import PAGE_DEFAULT, PAGE_MAX

#: Counting a list, and doing what a mutation does.
COUNT: Final = 10
MUTATION: Final = 10

Given = Mapping[str, object]
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Size:
    """The size of a page: the largest that literals and variables ask for, the usual one where they say nothing."""

    literals: tuple[int, ...] = ()
    variables: tuple[str, ...] = ()

    def of(self, given: Given) -> int:
        """Rows at the most."""
        size = max(self.literals, default=-1)
        for name in self.variables:
            sent = given.get(name)
            if type(sent) in (int, float):
                size = max(size, int(cast(float, sent)), 0)
        return PAGE_DEFAULT if size < 0 else min(size, PAGE_MAX)


@dataclass(frozen=True, slots=True)
class Length:
    """As many as a list in a variable holds; one value stands for a list of it."""

    variable: str

    def of(self, given: Given) -> int:
        """Rows at the most."""
        sent = given.get(self.variable)
        return len(sent) if isinstance(sent, list) else 1


@dataclass(frozen=True, slots=True)
class Charge:
    """One field: `fixed`, and for each of its `times` objects `own` and what is below.

    `below` holds alternatives, of which the dearest counts: an object behind an interface is of one type only.
    """

    path: Path
    times: int | Size | Length
    own: int = 1
    fixed: int = 0
    below: tuple[tuple[Charge, ...], ...] = ()

    def objects(self, given: Given) -> int:
        """How many there may be below one parent."""
        return self.times if isinstance(self.times, int) else self.times.of(given)

    def total(self, given: Given) -> int:
        """What the field costs below one parent."""
        each = self.own
        for below in self.dearest(given):
            each += below.total(given)
        return self.fixed + self.objects(given) * each

    def dearest(self, given: Given) -> tuple[Charge, ...]:
        """The charges below, where they are highest."""
        if len(self.below) < 2:
            return self.below[0] if self.below else ()
        return max(self.below, key=lambda charges: sum(each.total(given) for each in charges))

    @property
    def constant(self) -> bool:
        """Whether no variable decides it."""
        return isinstance(self.times, int) and all(each.constant for charges in self.below for each in charges)
