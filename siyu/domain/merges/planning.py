"""What a merge would do, and what stands in its way. The merge does just this, in the transaction in which it was worked out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from siyu.domain import customers, requests
from siyu.domain.customers import Mergeable, Side
from siyu.domain.kernel import ids
from siyu.domain.merges.inputs import FieldFrom
from siyu.privacy import stricter, transfer
from siyu.privacy.actor import Actor
from siyu.privacy.refusal import Code, NotFound, Refusal
from siyu.privacy.stricter import Joining

#: Where a refusal points to.
KEEP, MERGE = ("input", "keep_id"), ("input", "merge_id")

#: What becomes of consents is counted under this name, as their rows are joined and not added up.
CONSENTS = "consents"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Two customers and what becomes of them."""

    kept: Mergeable
    merged: Mergeable
    sides: Mapping[str, Side]
    said: Joining
    #: Rows that go over, by table.
    rows: Mapping[str, Sequence[str]] = field(default_factory=dict)
    blocking: tuple[Refusal, ...] = ()

    @property
    def columns(self) -> list[str]:
        """The columns of the kept profile that the merged one's replace."""
        return [column for name, side in self.sides.items() if side is Side.MERGED for column in customers.MERGED[name]]

    @property
    def fields(self) -> tuple[FieldFrom, ...]:
        """Whose value each field of the profile shows."""
        return tuple(FieldFrom(name, self.kept.id if side is Side.KEPT else self.merged.id) for name, side in self.sides.items())

    @property
    def moved(self) -> dict[str, int]:
        """How many rows of each store change."""
        counts = {store: len(keys) for store, keys in self.rows.items()}
        words = sum(self.said.kept.get(purpose) != word for purpose, word in self.said.after.items())
        return {**counts, **({CONSENTS: words} if words else {})}


async def planned(actor: Actor, keep_id: UUID, merge_id: UUID, taken: Collection[str] = ()) -> Plan:
    """The plan, with both customers held until the transaction ends; raises `NotFound`."""
    found = await customers.mergeable(actor, [keep_id, merge_id])
    for key, path in ((keep_id, KEEP), (merge_id, MERGE)):
        if key not in found:
            raise NotFound("There is no such customer.", path=path)
    kept, merged = found[keep_id], found[merge_id]
    mine, theirs = await stricter.said_by(keep_id, merge_id)
    said = Joining(mine, theirs, stricter.joined(mine, theirs))
    return Plan(
        kept=kept,
        merged=merged,
        sides=customers.sides(kept.profile, merged.profile, taken),
        said=said,
        rows=await transfer.movable(merge_id, keep_id),
        blocking=tuple([each async for each in _blocking(actor, kept, merged)]),
    )


async def _blocking(actor: Actor, kept: Mergeable, merged: Mergeable) -> AsyncIterator[Refusal]:
    for each, path in ((kept, KEEP), (merged, MERGE)):
        if each.merged_into_id is not None:
            into = "the other one" if each.merged_into_id == kept.id else ids.spelled("Customer", each.merged_into_id)
            yield Refusal(f"This customer was merged already, into {into}.", path=path, code=Code.WRONG_STATE)
    numbers = await requests.under_way(actor, [kept.id, merged.id])
    for each, path in ((kept, KEEP), (merged, MERGE)):
        if each.id in numbers:
            yield Refusal(f"The data request {numbers[each.id]} of this customer is under way.", path=path, code=Code.WRONG_STATE)
    if merged.id in await stricter.restricted([merged.id]):
        yield Refusal("This customer's data is restricted: it may be kept, not used, and so not merged.", path=MERGE, code=Code.RESTRICTED)
    try:
        customers.few_enough([*kept.identities, *merged.identities])
    except Refusal as refusal:
        yield Refusal(f"Together: {refusal.message}", path=MERGE, code=refusal.code)
