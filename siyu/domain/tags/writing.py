"""Putting tags on and taking them off, many at once: a handful of statements, whatever the numbers. What changes is logged."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from siyu.domain import customers
from siyu.domain.kernel import clock, database, ids
from siyu.domain.kernel.dialect import Kind, Statement
from siyu.domain.kernel.operation import touch
from siyu.domain.kernel.touching import Change
from siyu.domain.rules import hold_things
from siyu.domain.tags.tables import Tag, TagAssignment, TagEnd, TagExclusion, TagGroup, TagKind, TagSource
from siyu.privacy import stricter
from siyu.privacy.actor import Actor

#: Rows of one statement that changes each in its own way.
_BATCH: Final = 500
#: A customer and a tag.
Pair = tuple[UUID, UUID]

_PAIRS: Final = {"id": Kind.ID, "customer_id": Kind.ID, "tag_id": Kind.ID}


@dataclass(slots=True)
class _Difference:
    new: list[Pair] = field(default_factory=list)
    #: Rows that stay and say something else from now on.
    changed: list[TagAssignment] = field(default_factory=list)
    #: Rows of other tags of an exclusive group.
    replaced: list[TagAssignment] = field(default_factory=list)


async def put(
    actor: Actor,
    wishes: Mapping[Pair, datetime | None],
    tags: Mapping[UUID, Tag],
    *,
    source: TagSource,
    by: str | None,
    renews: bool = False,
) -> int:
    """Put tags on customers, who are there and held, each until the moment that is given; how many assignments are new or say something
    new. By hand, whatever the source: an exception from the rule ends, and what the rule has put on becomes one by hand. Who has
    restricted processing is left out.

    In an exclusive group it takes the place of the other. `renews`: the given end replaces the one that an assignment has.
    """
    customer_ids = sorted({customer_id for customer_id, _ in wishes})
    restricted = await stricter.restricted(customer_ids) if customer_ids else {}
    wishes = {pair: until for pair, until in wishes.items() if pair[0] not in restricted}
    customer_ids = [each for each in customer_ids if each not in restricted]
    ruled = [tag.id for tag in tags.values() if tag.kind is TagKind.RULE]
    await _hold(actor, ruled, customer_ids)
    rivals = await _rivals(tags.values())
    tag_ids = {*tags, *rivals}
    found = await TagAssignment.filter(customer_id__in=customer_ids, tag_id__in=tag_ids) if customer_ids else []
    difference = _difference(wishes, found, rivals, source=source, by=by, renews=renews)
    await _take(difference.replaced, TagEnd.REPLACED, by)
    fresh = await _insert(difference.new, wishes, source, by)
    await _log(fresh, assigned=True, why=source, by=by)
    if difference.changed:
        await TagAssignment.bulk_update(difference.changed, ["source", "assigned_by", "rule_version", "expires_at"], _BATCH)
    if ruled:
        await TagExclusion.filter(customer_id__in=customer_ids, tag_id__in=ruled).delete()
    _touched([*fresh, *((row.customer_id, row.tag_id) for row in difference.replaced)])
    return len(fresh) + len(difference.changed)


async def _rivals(tags: Iterable[Tag]) -> dict[UUID, UUID]:
    """The tags of the exclusive groups of these, and the group of each. Nobody else works at these groups until the transaction ends."""
    groups = {tag.group_id for tag in tags if tag.group_id is not None}
    exclusive = sorted(await exclusives(groups)) if groups else []
    for group_id in exclusive:
        await database.alone(f"tags:{group_id}")
    rows = await Tag.filter(group_id__in=exclusive).values_list("id", "group_id") if exclusive else []
    return dict(rows)


async def exclusives(group_ids: Collection[UUID]) -> dict[UUID, str]:
    """Those of these groups that are exclusive, and their names."""
    return dict(await TagGroup.filter(id__in=list(group_ids), exclusive=True).values_list("id", "name"))


def _difference(
    wishes: Mapping[Pair, datetime | None],
    found: Sequence[TagAssignment],
    rivals: Mapping[UUID, UUID],
    *,
    source: TagSource,
    by: str | None,
    renews: bool,
) -> _Difference:
    held = {(row.customer_id, row.tag_id): row for row in found}
    chosen = {(customer_id, rivals[tag_id]): tag_id for customer_id, tag_id in wishes if tag_id in rivals}
    loses = {pair for pair in wishes if pair[1] in rivals and chosen[pair[0], rivals[pair[1]]] != pair[1]}
    difference = _Difference(new=sorted(wishes.keys() - held.keys() - loses))
    difference.replaced = [row for row in found if chosen.get((row.customer_id, rivals.get(row.tag_id, row.id)), row.tag_id) != row.tag_id]
    for pair, until in wishes.items():
        row = held.get(pair)
        if row is None or pair in loses:
            continue
        if row.source is TagSource.RULE:
            row.source, row.assigned_by, row.rule_version, row.expires_at = source, by, None, until
        elif renews and row.expires_at != until:
            row.expires_at = until
        else:
            continue
        difference.changed.append(row)
    return difference


async def _insert(pairs: Sequence[Pair], until: Mapping[Pair, datetime | None], source: TagSource, by: str | None) -> list[Pair]:
    """Those that are new: somebody else may have been faster."""
    if not pairs:
        return []
    statement = Statement(database.dialect())
    rows = [(ids.uuid7(), *pair, until[pair]) for pair in pairs]
    given = statement.table("n", {**_PAIRS, "expires_at": Kind.DATETIME}, rows)
    made = await database.rows(
        "insert into tag_assignments (id, customer_id, tag_id, expires_at, source, assigned_by, assigned_at)"  # noqa: S608  # our own words only
        f" select n.id, n.customer_id, n.tag_id, n.expires_at, {statement.typed(source, Kind.TEXT)}, {statement.typed(by, Kind.TEXT)},"
        f" {statement.typed(clock.now(), Kind.DATETIME)} from {given} where 1=1"
        " on conflict (customer_id, tag_id) do nothing returning customer_id, tag_id",
        statement.args,
    )
    return [_pair(row) for row in made]


async def take(actor: Actor, customer_ids: Collection[UUID], tags: Mapping[UUID, Tag], *, by: str) -> int:
    """Take tags off by hand, also what a rule has put on, which it then leaves off; how many assignments ended."""
    await _hold(actor, [tag.id for tag in tags.values() if tag.kind is TagKind.RULE], customer_ids)
    gone = Statement(database.dialect())
    holds = f"{gone.among('customer_id', list(customer_ids), Kind.ID)} and {gone.among('tag_id', list(tags), Kind.ID)}"
    ended = await _gone(gone, holds, TagEnd.REMOVED, by)
    ruled = [pair for pair in ended if tags[pair[1]].kind is TagKind.RULE]
    if ruled:
        statement = Statement(database.dialect())
        given = statement.table("n", _PAIRS, [(ids.uuid7(), *pair) for pair in ruled])
        await database.run(
            "insert into tag_exclusions (id, customer_id, tag_id, decided_by, created_at) select n.id, n.customer_id, n.tag_id,"  # noqa: S608  # as above
            f" {statement.typed(by, Kind.TEXT)}, {statement.typed(clock.now(), Kind.DATETIME)} from {given} where 1=1"
            " on conflict (customer_id, tag_id) do nothing",
            statement.args,
        )
    await _free(ended)
    _touched(ended)
    return len(ended)


async def end(rows: Sequence[TagAssignment], why: TagEnd) -> int:
    """End these assignments, by nobody; how many it were."""
    ended = await _take(rows, why, None)
    await _free(ended)
    _touched(ended)
    return len(ended)


async def _hold(actor: Actor, ruled: Sequence[UUID], customer_ids: Collection[UUID]) -> None:
    """Where rules put tags on as well: none of them is applied to these customers until the transaction ends."""
    if ruled:
        await hold_things(actor, ruled)
        await customers.reserve(actor, customer_ids)


async def _free(ended: Sequence[Pair]) -> None:
    """Where a tag of an exclusive group has gone, a rule may put another one on: it is applied anew by the next run."""
    gone = {tag_id for _, tag_id in ended}
    groups = {tag.group_id for tag in await Tag.filter(id__in=list(gone)) if tag.group_id is not None} if gone else set()
    if groups and (exclusive := await exclusives(groups)):
        await Tag.filter(group_id__in=list(exclusive), kind=TagKind.RULE, archived_at=None).exclude(id__in=list(gone)).update(due=True)


async def _take(rows: Sequence[TagAssignment], why: TagEnd, by: str | None) -> list[Pair]:
    """Those that were still there are gone, and logged."""
    if not rows:
        return []
    statement = Statement(database.dialect())
    return await _gone(statement, statement.among("id", [row.id for row in rows], Kind.ID), why, by)


async def _gone(statement: Statement, holds: str, why: TagEnd, by: str | None) -> list[Pair]:
    """The assignments for which this holds are gone, and logged."""
    sql = f"delete from tag_assignments where {holds} returning customer_id, tag_id"  # noqa: S608  # as above
    gone = [_pair(row) for row in await database.rows(sql, statement.args)]
    await _log(gone, assigned=False, why=why, by=by)
    return gone


async def _log(pairs: Sequence[Pair], *, assigned: bool, why: TagSource | TagEnd, by: str | None) -> None:
    if pairs:
        statement = Statement(database.dialect())
        given = statement.table("n", _PAIRS, [(ids.uuid7(), *pair) for pair in pairs])
        await database.run(
            "insert into tag_changes (id, customer_id, tag_id, assigned, why, changed_by, at)"  # noqa: S608  # as above
            f" select n.id, n.customer_id, n.tag_id, {statement.typed(assigned, Kind.BOOL)}, {statement.typed(why, Kind.TEXT)},"
            f" {statement.typed(by, Kind.TEXT)}, {statement.typed(clock.now(), Kind.DATETIME)} from {given}",
            statement.args,
        )


def _pair(row: database.DriverRow) -> Pair:
    customer_id, tag_id = row
    return customer_id if isinstance(customer_id, UUID) else UUID(customer_id), tag_id if isinstance(tag_id, UUID) else UUID(tag_id)


def _touched(pairs: Iterable[Pair]) -> None:
    people: dict[UUID, None] = {}
    names: dict[str, None] = {}
    for customer_id, tag_id in pairs:
        people[customer_id] = names[str(tag_id)] = None
    if people:
        touch(Change.TAG, people, *names)
