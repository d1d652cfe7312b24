"""The model of scores: bins, groups, and which group each cell belongs to. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

#: The group of cells that no group of the model takes.
OTHER: Final = "Other"
BINS_DEFAULT: Final = 5
WINDOW_DAYS_DEFAULT: Final = 365
NAME_MAX: Final = 80

#: Scores of recency, frequency and money.
Cell = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Span:
    """Scores from `min` to `max`, both included."""

    min: int
    max: int

    def __contains__(self, score: int) -> bool:
        return self.min <= score <= self.max


@dataclass(frozen=True, slots=True)
class Group:
    """A named group: the cells whose three scores are in its spans, as far as no earlier group takes them."""

    name: str
    recency: Span
    frequency: Span
    monetary: Span

    def __contains__(self, cell: Cell) -> bool:
        return cell[0] in self.recency and cell[1] in self.frequency and cell[2] in self.monetary


@dataclass(frozen=True, slots=True)
class Model:
    """By what customers are scored: orders of the last `window_days` days, scores 1 to `bins`, groups in the order they are tried."""

    window_days: int
    bins: int
    groups: tuple[Group, ...]
    version: int = 0

    def group_of(self, cell: Cell) -> str:
        """The first group that takes the cell, or `OTHER`."""
        return next((group.name for group in self.groups if cell in group), OTHER)

    def cells(self) -> dict[Cell, str]:
        """Every cell of the model with its group."""
        scores = range(1, self.bins + 1)
        return {cell: self.group_of(cell) for cell in itertools.product(scores, scores, scores)}

    def stored_groups(self) -> list[dict[str, Any]]:
        """The groups as the table keeps them."""
        return [
            {
                "name": each.name,
                "recency": [each.recency.min, each.recency.max],
                "frequency": [each.frequency.min, each.frequency.max],
                "monetary": [each.monetary.min, each.monetary.max],
            }
            for each in self.groups
        ]


def groups_of(stored: Sequence[Mapping[str, Any]]) -> tuple[Group, ...]:
    """The groups that a table keeps."""
    return tuple(Group(each["name"], Span(*each["recency"]), Span(*each["frequency"]), Span(*each["monetary"])) for each in stored)


_ANY: Final = (1, 5)
#: After the usual eleven groups, for quintiles: the grid of recency by frequency, money telling the best of the frequent ones apart.
_QUINTILES: Final = (
    ("Champions", (5, 5), (4, 5), (4, 5)),
    ("Loyal customers", (3, 5), (4, 5), _ANY),
    ("Can't lose them", (1, 2), (4, 5), (4, 5)),
    ("At risk", (1, 2), (3, 5), _ANY),
    ("New customers", (5, 5), (1, 1), _ANY),
    ("Promising", (4, 4), (1, 1), _ANY),
    ("Potential loyalists", (4, 5), (1, 3), _ANY),
    ("Needing attention", (3, 3), (3, 3), _ANY),
    ("About to sleep", (3, 3), (1, 2), _ANY),
    ("Hibernating", (1, 2), (2, 2), _ANY),
    ("Lost", (1, 2), (1, 1), _ANY),
)


@cache
def default_groups(bins: int) -> tuple[Group, ...]:
    """The groups of the default model for so many bins: the eleven of quintiles, each fifth of the scores stretched over the bins that it
    touches, without those that no cell reaches then."""

    def span(first: int, last: int) -> Span:
        return Span((first - 1) * bins // 5 + 1, -(-last * bins // 5))

    stretched = tuple(Group(name, span(*recency), span(*frequency), span(*money)) for name, recency, frequency, money in _QUINTILES)
    reached = set(Model(0, bins, stretched).cells().values())
    return tuple(group for group in stretched if group.name in reached)


DEFAULT: Final = Model(WINDOW_DAYS_DEFAULT, BINS_DEFAULT, default_groups(BINS_DEFAULT))


def warnings(model: Model) -> list[str]:
    """What is odd about the groups: those that no cell reaches, and cells that none takes. Empty when all is well."""
    taken = model.cells()
    reached = set(taken.values())
    found = [
        f"No cell reaches the group “{group.name}”: earlier groups take all that it would."
        for group in model.groups
        if group.name not in reached
    ]
    left = [cell for cell, name in taken.items() if name == OTHER]
    if left:
        first = ", ".join(map(str, left[0]))
        found.append(f"{len(left)} of {len(taken)} cells fit no group and are “{OTHER}”, the first of them ({first}).")
    return found
