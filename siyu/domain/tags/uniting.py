"""Two customers who turn out to be one, and back: the better assignment stays with who is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from siyu.domain import customers
from siyu.domain.kernel import database
from siyu.domain.kernel.dialect import Kind, Statement
from siyu.domain.kernel.joining import refreshes
from siyu.domain.kernel.operation import operation
from siyu.domain.tags.rules import better
from siyu.domain.tags.tables import Tag, TagAssignment
from siyu.domain.tags.writing import exclusives
from siyu.privacy.actor import Actor


@refreshes
@operation(writes=True)
async def refresh(actor: Actor, customer_ids: Sequence[UUID]) -> None:
    """After a merge the kept one has the better of two assignments, of the same tag or in an exclusive group; the other is put aside with
    the merged one. After a parting each has their own again, as far as it is still there."""
    rows = await TagAssignment.filter(customer_id__in=list(customer_ids)).order_by("id")
    stands = await customers.hold(actor, customer_ids) if rows else {}
    merged = [each for each in customer_ids if stands.get(each, each) != each]
    if merged:
        kept = stands[merged[0]]
        await _put_aside(rows, kept, merged[0], await _groups(rows))
    else:
        await _put_back(rows, set(customer_ids))


async def _groups(rows: Sequence[TagAssignment]) -> Mapping[UUID, UUID]:
    """The exclusive group of each tag that is in one."""
    groups = dict(await Tag.filter(id__in=list({row.tag_id for row in rows})).exclude(group_id=None).values_list("id", "group_id"))
    exclusive = await exclusives(set(groups.values())) if groups else {}
    return {tag_id: group_id for tag_id, group_id in groups.items() if group_id in exclusive}


async def _put_aside(rows: Sequence[TagAssignment], kept: UUID, merged: UUID, groups: Mapping[UUID, UUID]) -> None:
    """Rows that could move have moved already: of the same tag the merged one has what the kept one has, too."""
    aside = {row.tag_id: row for row in rows if row.customer_id == merged}
    moves: list[tuple[TagAssignment, UUID]] = []
    best: dict[UUID, TagAssignment] = {}
    for row in (row for row in rows if row.customer_id == kept):
        other = aside.get(row.tag_id)
        if other is not None and better(other, row):
            moves += [(row, merged), (other, kept)]
            row = other  # noqa: PLW2901  # the one that is the kept customer's from here on
        group = groups.get(row.tag_id)
        rival = best.get(group) if group is not None else None
        if group is None or rival is None:
            best.update({group: row} if group is not None else {})
            continue
        loser = rival if better(row, rival) else row
        best[group] = row if loser is rival else rival
        if aside.get(loser.tag_id) is None:
            moves.append((loser, merged))
    await _exchange([(row, to, row.customer_id) for row, to in moves])


async def _put_back(rows: Sequence[TagAssignment], both: set[UUID]) -> None:
    """What was put aside, or put in another's place, goes home."""
    guests = [row for row in rows if row.home_id in both and row.home_id != row.customer_id]
    moved = {row.id for row in guests}
    staying = {(row.customer_id, row.tag_id) for row in rows if row.id not in moved}
    lost = [row for row in guests if (row.home_id, row.tag_id) in staying]
    if lost:
        await TagAssignment.filter(id__in=[row.id for row in lost]).delete()
    await _exchange([(row, row.home_id, None) for row in guests if row not in lost and row.home_id is not None])


async def _exchange(moves: Sequence[tuple[TagAssignment, UUID, UUID | None]]) -> None:
    """Give each row to the customer who is named, and remember whose it was; all at once, as two may change places."""
    if not moves:
        return
    away = Statement(database.dialect())
    keys = [row.id for row, _, _ in moves]
    await database.run(f"update tag_assignments set customer_id = id where {away.among('id', keys, Kind.ID)}", away.args)  # noqa: S608  # our own words only
    statement = Statement(database.dialect())
    given = statement.table("g", {"id": Kind.ID, "owner": Kind.ID, "home": Kind.ID}, [(row.id, to, home) for row, to, home in moves])
    await database.run(
        "update tag_assignments set customer_id = g.owner, home_id = g.home"  # noqa: S608  # as above
        f" from {given} where tag_assignments.id = g.id",
        statement.args,
    )
