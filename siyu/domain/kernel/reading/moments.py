"""What happens to people, of whatever noun. A noun joins everybody's timeline by declaring a moment beside its source:

Moment(TimelineKind.ORDER, ORDER, at="placed_at", title="Order", properties={"status": "status"})
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from siyu.domain.kernel.reading.source import Column, Derived, Many, Order, Source
from siyu.privacy.actor import Actor


class TimelineKind(StrEnum):
    """What kind of thing happened. A kind whose noun is not built yet has no moments."""

    EVENT = "EVENT"
    ORDER = "ORDER"
    TAG = "TAG"
    SEGMENT = "SEGMENT"
    POINTS = "POINTS"
    COUPON = "COUPON"
    SURVEY = "SURVEY"
    FEEDBACK = "FEEDBACK"
    CONSENT = "CONSENT"
    NOTE = "NOTE"
    MESSAGE = "MESSAGE"
    PRIVACY = "PRIVACY"
    MERGE = "MERGE"


#: The order of a timeline, and of each kind in it. The rows' ids break ties, across kinds as well: no two rows of the house share one.
NEWEST: Final = "OCCURRED_AT_DESC"
#: The same, over a timeline's items.
ITEMS: Final = Order(NEWEST, "occurred_at")


@dataclass(frozen=True, slots=True)
class Moment:
    """One kind of thing that happens to a person: a row of `source`, at the moment that its column `at` tells.

    Whoever may read the source may see its moments; the source needs an index over (`by`, `at`, `id`). `title` is shown to whoever may:
    words, or a function of the columns `titled_by`, which have no scope of their own. `properties` are the columns that an item shows,
    by the names that it shows them under; those that a caller may not see are left out.
    """

    kind: TimelineKind
    source: Source
    at: str
    title: str | Callable[..., str]
    titled_by: tuple[str, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    #: The column that holds the customer's id.
    by: str = "customer_id"

    def __post_init__(self) -> None:
        columns = self.source.columns
        assert callable(self.title) is bool(self.titled_by), f"{self.kind}: a title is words, or made of columns"
        for name in (self.at, *self.titled_by):
            assert columns[name].scope in (None, self.source.scope), f"{self.kind}: {name} needs a scope that its noun doesn't"
            assert not columns[name].sealed, f"{self.kind}: {name} is sealed"
        self.source.orders[NEWEST] = Order(NEWEST, self.at)
        MOMENTS[self.kind] = self

    @property
    def relation(self) -> Many:
        """The moments of one person, as a list of their rows."""
        return Many(self.kind, self.source.name, by=self.by, sort=NEWEST)

    def property(self, name: str) -> Column | Derived:
        """What a property shows."""
        return self.source.value(self.properties[name])

    def shown(self, actor: Actor) -> list[str]:
        """The properties that this actor may see. What is worked out says itself what it makes of a column that may not be seen."""
        items = ((name, self.property(name)) for name in self.properties)
        return [name for name, item in items if isinstance(item, Derived) or actor.may(item.scope)]


#: Every kind that happens, by its name. Nouns register theirs by declaring it.
MOMENTS: Final[dict[TimelineKind, Moment]] = {}


def moments(kinds: Collection[str] | None) -> Sequence[Moment]:
    """The moments of these kinds, of all when nothing is said; in one order, whatever the order that they were asked or declared in."""
    return [MOMENTS[kind] for kind in TimelineKind if kind in MOMENTS and (kinds is None or kind in kinds)]
