"""A timeline's kinds as one page: the newest rows of all are kept, the others dropped before anything of them is opened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Protocol, cast

from siyu.domain.kernel.paging import Slice
from siyu.schema.plans.assembly import DriverRow
from siyu.schema.plans.layout import Place, PlacedEdges, Timeline, TypeName
from siyu.schema.plans.plan import Shown

#: An item as its kind's level shows it: its cursor, and the item for each place of the page.
Item = tuple[str | None, Sequence[object]]


class Kind(Protocol):
    """The rows of one kind, by parent; merging leaves those that are on a page."""

    shown: Shown
    rows: Sequence[DriverRow]
    by_parent: Mapping[Any, list[DriverRow]]


@dataclass(slots=True)
class Merged:
    """The pages of a timeline: of each parent, of which kind each item is, and whether more follow. `numbers` are the kinds' relations."""

    timeline: Timeline
    numbers: Sequence[int]
    piece: Slice
    sequence: dict[Any, list[int]] = field(default_factory=dict)
    more: set[Any] = field(default_factory=set)

    def pages(self, brought: Sequence[Mapping[Any, object]]) -> dict[Any, object]:
        """Each parent's page as it is shown, from what its kinds brought."""
        preceding = self.piece.after is not None
        return {parent: self._page(parent, self._items(parent, brought), preceding) for parent in self.sequence}

    def _items(self, parent: object, brought: Sequence[Mapping[Any, object]]) -> list[Item]:
        kinds = [iter(cast("Sequence[Item]", brought[number].get(parent, ()))) for number in self.numbers]
        return [next(kinds[each]) for each in self.sequence[parent]]

    def _page(self, parent: object, items: list[Item], preceding: bool) -> dict[str, object]:
        facts = {
            "hasNextPage": parent in self.more,
            "hasPreviousPage": preceding,
            "startCursor": items[0][0] if items else None,
            "endCursor": items[-1][0] if items else None,
        }
        return dict(self._entries(items, facts))

    def _entries(self, items: list[Item], facts: Mapping[str, object]) -> Iterator[tuple[str, object]]:
        for key, entry in self.timeline.entries:
            if isinstance(entry, Place):
                yield key, [shown[entry.number] for _, shown in items]
            elif isinstance(entry, PlacedEdges):
                yield key, [{inner: _placed(each, item) for inner, each in entry.entries} for item in items]
            elif isinstance(entry, TypeName):
                yield key, entry.name
            else:
                yield key, {inner: each.name if isinstance(each, TypeName) else facts[each] for inner, each in entry}


def _placed(entry: Place | TypeName | str, item: Item) -> object:
    if isinstance(entry, Place):
        return item[1][entry.number]
    return entry.name if isinstance(entry, TypeName) else item[0]


def merge(timeline: Timeline, numbers: Sequence[int], kinds: Sequence[Kind], parents: Sequence[Any], piece: Slice) -> Merged:
    """Merge the kinds' rows of each parent, newest first, and leave of each kind those that are on its parent's page."""
    merged = Merged(timeline, numbers, piece)
    marks = [_marks(kind.shown) for kind in kinds]
    kept: list[dict[Any, list[DriverRow]]] = [{} for _ in kinds]
    for parent in dict.fromkeys(parents):
        rows = [
            (row[at], row[own], number, row)
            for number, (kind, (at, own)) in enumerate(zip(kinds, marks, strict=True))
            for row in kind.by_parent.get(parent, ())
        ]
        rows.sort(key=itemgetter(0, 1), reverse=True)
        if len(rows) > piece.size:
            merged.more.add(parent)
        merged.sequence[parent] = [number for _, _, number, _ in rows[: piece.size]]
        for _, _, number, row in rows[: piece.size]:
            kept[number].setdefault(parent, []).append(row)
    for kind, left in zip(kinds, kept, strict=True):
        kind.by_parent = left
        if kind.rows:
            kind.rows = [row for rows in left.values() for row in rows]
    return merged


def _marks(shown: Shown) -> tuple[int, int]:
    """Where in a row the moment and the id are, which the driver gives as the database sorts them."""
    assert shown.order is not None, "a kind is read in the order of its moments"
    return shown.at(shown.order.column), shown.own
