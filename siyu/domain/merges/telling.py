"""What its caller may be told of a merge: whose value a field shows, or how many rows there are, tells that there are any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from siyu.domain import customers
from siyu.domain.customers import CUSTOMER
from siyu.domain.kernel.reading import SOURCES
from siyu.domain.merges.inputs import FieldFrom
from siyu.privacy.actor import Actor


def fields(actor: Actor, found: Sequence[FieldFrom]) -> tuple[FieldFrom, ...]:
    """The fields that the caller may read."""
    read = CUSTOMER.columns
    return tuple(each for each in found if all(actor.may(read[name].scope) for name in customers.MERGED[each.field] if name in read))


def stores(actor: Actor, moved: Mapping[str, int]) -> dict[str, int]:
    """The counts of stores that the caller may read, and of those that nobody reads."""
    closed = {source.table for source in SOURCES.values() if not actor.may(source.scope)}
    return {store: count for store, count in moved.items() if store not in closed}
