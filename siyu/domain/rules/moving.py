"""Bringing a few people in line with many rules at once: a handful of statements, however many rules and customers there are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from siyu.domain import customers
from siyu.domain.kernel import clock, database, ids
from siyu.domain.kernel.dialect import Kind, Statement
from siyu.domain.kernel.operation import operation
from siyu.domain.rules.compiling import matches
from siyu.domain.rules.inputs import Rule
from siyu.domain.rules.keeping import Decided, Keeping, Kept, lock
from siyu.privacy import stricter
from siyu.privacy.actor import Actor


@dataclass(frozen=True, slots=True)
class Wish:
    """How one thing is kept, and by which rule; None is a rule that nobody meets."""

    keeping: Keeping
    rule: Rule | None


@dataclass(slots=True)
class _Noun:
    """The things of one noun, and how these people stand to them."""

    keeping: Keeping
    wishes: dict[UUID, Wish] = field(default_factory=dict)
    #: Pairs of thing and customer.
    wanted: set[tuple[UUID, UUID]] = field(default_factory=set)
    had: set[tuple[UUID, UUID]] = field(default_factory=set)
    #: Those that a rule may take away.
    mine: set[tuple[UUID, UUID]] = field(default_factory=set)


@operation(writes=True)
async def keep_people(actor: Actor, wishes: Mapping[UUID, Wish], people: Collection[UUID]) -> dict[UUID, Kept]:
    """Bring these people in line with the rules of these things, each by its id; what has changed of each.

    One statement for all rules, and at most ten more whatever their number. Until the transaction ends nobody else works at one of the
    people, or at one of the things for everybody. The caller has checked a scope of its own, and read the things after `hold_things`.
    """
    await hold_things(actor, wishes, *{wish.keeping.changes for wish in wishes.values()})
    here = await customers.reserve(actor, people)
    holding = {owner_id: wish.rule for owner_id, wish in wishes.items() if wish.rule is not None}
    matched = await matches(actor, holding, sorted(here)) if holding and here else {}
    nouns: dict[str, _Noun] = {}
    for owner_id, wish in wishes.items():
        nouns.setdefault(wish.keeping.table, _Noun(wish.keeping)).wishes[owner_id] = wish
    now = clock.now()
    kept = {owner_id: Kept(0, 0, now) for owner_id in wishes}
    for noun in nouns.values():
        noun.wanted = {(owner_id, each) for owner_id in noun.wishes for each in matched.get(owner_id, ())}
        await _decide(noun, here)
        await _look(noun, people)
        kept.update(await _write(noun, now))
    return kept


@operation(writes=True)
async def hold_things(actor: Actor, owner_ids: Iterable[UUID], *logs: str) -> None:
    """Until the transaction ends, nobody brings one of these things in line for everybody. Logs that are written are named."""
    await database.alone(*(lock(each) for each in owner_ids), *logs, shared=True)


@operation(writes=True)
async def hold_alone(actor: Actor, owner_id: UUID) -> None:
    """Until the transaction ends, nobody brings anybody in line with this thing."""
    await database.alone(lock(owner_id))


@operation(writes=True)
async def tidy(actor: Actor, keeping: Keeping, owner_id: UUID, kept: Kept) -> None:
    """Take those out again who were erased while they were put in. In a transaction after the one that did it."""
    for table, moment in ((keeping.table, keeping.since), (keeping.changes, "at")):
        statement = Statement(database.dialect())
        held = f"{keeping.owner} = {statement.bind(owner_id, Kind.ID)} and {moment} = {statement.bind(kept.at, Kind.DATETIME)}"
        if kept.entered_ids is not None:
            held += f" and {statement.among('customer_id', list(kept.entered_ids), Kind.ID)}"
        await database.run(
            f"delete from {table} where {held} and not exists (select 1 from customers c where c.id = {table}.customer_id)",  # noqa: S608  # bound values only
            statement.args,
        )


async def _decide(noun: _Noun, here: Collection[UUID]) -> None:
    """What was decided by hand beats the rules."""
    always = [owner_id for owner_id, wish in noun.wishes.items() if wish.keeping.always is not None]
    never = [owner_id for owner_id, wish in noun.wishes.items() if wish.keeping.never is not None]
    if always and here:
        decided = next(wish.keeping.always for wish in noun.wishes.values() if wish.keeping.always is not None)
        included = await _decided(noun.keeping, decided, always, here)
        restricted = await stricter.restricted([*{each for _, each in included}]) if included else {}
        noun.wanted |= {pair for pair in included if pair[1] not in restricted}
    if never and noun.wanted:
        decided = next(wish.keeping.never for wish in noun.wishes.values() if wish.keeping.never is not None)
        noun.wanted -= await _decided(noun.keeping, decided, never, here)


async def _decided(keeping: Keeping, decided: Decided, owner_ids: Sequence[UUID], people: Collection[UUID]) -> set[tuple[UUID, UUID]]:
    statement = Statement(database.dialect())
    sql = (
        f"select o.{keeping.owner}, o.customer_id from {decided.table} o"  # noqa: S608  # bound values only
        f" where {statement.among('o.customer_id', list(people), Kind.ID)} and {statement.among(f'o.{keeping.owner}', owner_ids, Kind.ID)}"
        f" and {decided.where}"
    )
    return {_pair(row) for row in await database.rows(sql, statement.args)}


async def _look(noun: _Noun, people: Collection[UUID]) -> None:
    """Who of them has what now."""
    statement, owner = Statement(database.dialect()), noun.keeping.owner
    sql = (
        f"select m.{owner}, m.customer_id, case when {noun.keeping.mine} then 1 else 0 end from {noun.keeping.table} m"  # noqa: S608  # as above
        f" where {statement.among('m.customer_id', list(people), Kind.ID)} and {statement.among(f'm.{owner}', list(noun.wishes), Kind.ID)}"
    )
    for row in await database.rows(sql, statement.args):
        noun.had.add(_pair(row))
        if row[2]:
            noun.mine.add(_pair(row))


async def _write(noun: _Noun, at: datetime) -> dict[UUID, Kept]:
    """Write the difference, in the order of keys; what has changed of each thing."""
    entering, leaving = sorted(noun.wanted - noun.had), sorted(noun.mine - noun.wanted)
    if not entering and not leaving:
        return {}
    keys = [ids.uuid7() for _ in (*entering, *leaving)]
    await _log(noun, entering, leaving, keys, at)
    if entering:
        await _put_in(noun, entering, keys, at)
    if leaving:
        await _take_out(noun, leaving)
    kept = {}
    for owner_id in {owner_id for owner_id, _ in (*entering, *leaving)}:
        got = tuple(each for owner, each in entering if owner == owner_id)
        lost = tuple(each for owner, each in leaving if owner == owner_id)
        kept[owner_id] = Kept(len(got), len(lost), at, got, lost)
    return kept


async def _log(
    noun: _Noun, entering: Sequence[tuple[UUID, UUID]], leaving: Sequence[tuple[UUID, UUID]], keys: Sequence[UUID], at: datetime
) -> None:
    keeping = noun.keeping
    columns = {"id": Kind.ID, keeping.owner: Kind.ID, "customer_id": Kind.ID, keeping.entered: Kind.BOOL, "at": Kind.DATETIME}
    columns |= {name: got[1] for name, (got, _) in keeping.log.items()}
    rows = [
        (key, owner_id, customer_id, number < len(entering), at, *_logged(noun.wishes[owner_id].keeping, got=number < len(entering)))
        for number, (key, (owner_id, customer_id)) in enumerate(zip(keys, (*entering, *leaving), strict=True))
    ]
    await _insert(keeping.changes, columns, rows)


def _logged(keeping: Keeping, *, got: bool) -> list[object]:
    return [(gets if got else loses)[0] for gets, loses in keeping.log.values()]


async def _put_in(noun: _Noun, entering: Sequence[tuple[UUID, UUID]], keys: Sequence[UUID], at: datetime) -> None:
    keeping = noun.keeping
    columns = {"id": Kind.ID, keeping.owner: Kind.ID, "customer_id": Kind.ID, keeping.since: Kind.DATETIME}
    columns |= {name: kind for name, (_, kind) in keeping.row.items()}
    rows = [
        (key, owner_id, customer_id, at, *(value for value, _ in noun.wishes[owner_id].keeping.row.values()))
        for key, (owner_id, customer_id) in zip(keys[: len(entering)], entering, strict=True)
    ]
    await _insert(keeping.table, columns, rows)


async def _take_out(noun: _Noun, leaving: Sequence[tuple[UUID, UUID]]) -> None:
    statement, owner = Statement(database.dialect()), noun.keeping.owner
    gone = statement.table("g", {"owner_id": Kind.ID, "customer_id": Kind.ID}, leaving)
    await database.run(
        f"delete from {noun.keeping.table} where ({owner}, customer_id) in (select g.owner_id, g.customer_id from {gone})",  # noqa: S608  # as above
        statement.args,
    )


async def _insert(table: str, columns: Mapping[str, Kind], rows: Sequence[Sequence[object]]) -> None:
    statement = Statement(database.dialect())
    given, names = statement.table("g", columns, rows), ", ".join(columns)
    await database.run(f"insert into {table} ({names}) select {names} from {given}", statement.args)  # noqa: S608  # bound values only


def _pair(row: database.DriverRow) -> tuple[UUID, UUID]:
    return UUID(str(row[0])), UUID(str(row[1]))
