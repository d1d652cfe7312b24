"""Keeping who has what a rule gives: the difference is worked out and written, and nothing else.

The log is written first, in the one statement that applies the rule; then the log's rows are applied to who is in. So a rule that
changes nothing costs one statement that writes no row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, cast
from uuid import UUID

from siyu.domain.kernel import clock, database
from siyu.domain.kernel.dialect import Kind, Statement, decoder
from siyu.domain.kernel.operation import operation
from siyu.domain.rules.calendar import asked
from siyu.domain.rules.compiling import matching
from siyu.domain.rules.inputs import Rule
from siyu.privacy.actor import Actor

#: People who are named one by one; of more than so many only the number is told.
NAMED_MAX: Final = 2_000

#: A value and its kind, for columns of rows that are written.
Typed = tuple[object, Kind]


@dataclass(frozen=True, slots=True)
class Decided:
    """Rows in which it was decided by hand who has a thing or not; `where` is SQL over such a row `o`. The table has the columns
    `customer_id` and the keeping's `owner`."""

    table: str
    where: str = "1=1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """The two tables in which a noun keeps who has one of its things, and what else their rows hold. Names are ours, values are bound.

    Both tables have the columns `id`, `customer_id` and `owner`; the first is unique over (`owner`, `customer_id`).
    """

    #: Who has it now, and the log of who got it and lost it.
    table: str
    changes: str
    #: The column of both that names the thing: `segment_id`, `tag_id`.
    owner: str
    #: Of the log: whether the row says that it was got. The log's moment is `at`.
    entered: str
    #: Of the table: since when.
    since: str
    #: Further columns of the table's new rows; each thing of a noun names the same.
    row: Mapping[str, Typed] = field(default_factory=dict)
    #: Further columns of the log's new rows: for who gets it, and for who loses it.
    log: Mapping[str, tuple[Typed, Typed]] = field(default_factory=dict)
    #: SQL over a row `m` of the table: whether the rule may take it away.
    mine: str = "1=1"
    #: Who has it whatever the rule says, and who never; None where nobody was decided about.
    always: Decided | None = None
    never: Decided | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """What has changed: how many got it and lost it, at which moment; and who, unless they are more than `NAMED_MAX`."""

    entered: int
    left: int
    at: datetime
    entered_ids: tuple[UUID, ...] | None = ()
    left_ids: tuple[UUID, ...] | None = ()

    @property
    def changed(self) -> bool:
        """Whether anybody got it or lost it."""
        return bool(self.entered or self.left)


def lock(owner_id: UUID) -> str:
    """The name under which one is alone with who has a thing. A log's own name is shared by all who write it: whoever is alone under it
    knows that nothing earlier is still to come."""
    return f"kept:{owner_id}"


@operation(writes=True)
async def keep(actor: Actor, keeping: Keeping, owner_id: UUID, rule: Rule | None) -> Kept:
    """Bring who has this thing in line with its rule, for everybody; None is a rule that nobody meets.

    Two statements where nothing changes, five where something does, whatever the number of people. Until the transaction ends nobody
    else works at the same thing. The caller has checked a scope of its own.
    """
    await database.alone(lock(owner_id))
    await database.alone(keeping.changes, shared=True)
    whole = _Whole(keeping, owner_id, await _moment(keeping, owner_id))
    await whole.log(rule)
    kept = await whole.kept()
    if kept.entered:
        await whole.put_in()
    if kept.left:
        await whole.take_out()
    return kept


async def _moment(keeping: Keeping, owner_id: UUID) -> datetime:
    """Now, but later than all that is in the thing's log: the log's rows of one moment are those of one run."""
    statement = Statement(database.dialect())
    sql = f"select max(at) from {keeping.changes} where {keeping.owner} = {statement.bind(owner_id, Kind.ID)}"  # noqa: S608  # our own words
    last = (await database.rows(sql, statement.args))[0][0]
    now = clock.now()
    if last is None:
        return now
    decode = decoder(statement.dialect, Kind.DATETIME) or (lambda value: value)
    return max(now, cast(datetime, decode(last)) + timedelta(microseconds=1))


class _Whole:
    """One run over everybody."""

    def __init__(self, keeping: Keeping, owner_id: UUID, at: datetime) -> None:
        self.keeping, self.owner_id, self.at = keeping, owner_id, at

    def _begun(self) -> tuple[Statement, str, str]:
        """A statement with the thing and the moment bound."""
        statement = Statement(database.dialect())
        return statement, statement.typed(self.owner_id, Kind.ID), statement.typed(self.at, Kind.DATETIME)

    async def log(self, rule: Rule | None) -> None:
        """Add the log's rows of all who get it or lose it."""
        keeping = self.keeping
        statement, owner, at = self._begun()
        wanted, key = _wanted(statement, keeping, owner, rule), statement.key(self.at)
        got = "".join(f", {statement.typed(*value)}" for value, _ in keeping.log.values())
        lost = "".join(f", {statement.typed(*value)}" for _, value in keeping.log.values())
        more = "".join(f", {name}" for name in keeping.log)
        await database.run(
            f"insert into {keeping.changes} (id, {keeping.owner}, customer_id, {keeping.entered}, at{more})"  # noqa: S608  # bound values only
            f" with wanted(id) as materialized ({wanted})"
            f" select {key}, {owner}, w.id, true, {at}{got} from wanted w"
            f" left join {keeping.table} m on m.{keeping.owner} = {owner} and m.customer_id = w.id where m.id is null"
            f" union all select {key}, {owner}, m.customer_id, false, {at}{lost}"
            f" from {keeping.table} m left join wanted w on w.id = m.customer_id"
            f" where m.{keeping.owner} = {owner} and w.id is null and {keeping.mine}",
            statement.args,
        )

    async def kept(self) -> Kept:
        """What was logged."""
        keeping = self.keeping
        statement, owner, at = self._begun()
        held = f"from {keeping.changes} where {keeping.owner} = {owner} and at = {at}"
        named = await database.rows(f"select customer_id, {keeping.entered} {held} limit {NAMED_MAX + 1}", statement.args)
        if len(named) > NAMED_MAX:
            sql = f"select {keeping.entered}, count(*) {held} group by 1"
            counts = {bool(entered): int(count) for entered, count in await database.rows(sql, statement.args)}
            return Kept(counts.get(True, 0), counts.get(False, 0), self.at, None, None)
        entered = tuple(UUID(str(key)) for key, got in named if got)
        left = tuple(UUID(str(key)) for key, got in named if not got)
        return Kept(len(entered), len(left), self.at, entered, left)

    async def put_in(self) -> None:
        """Whoever was logged as getting it has it."""
        keeping = self.keeping
        statement, owner, at = self._begun()
        values = "".join(f", {statement.typed(*value)}" for value in keeping.row.values())
        more = "".join(f", {name}" for name in keeping.row)
        await database.run(
            f"insert into {keeping.table} (id, {keeping.owner}, customer_id, {keeping.since}{more})"  # noqa: S608  # bound values only
            f" select x.id, x.{keeping.owner}, x.customer_id, x.at{values} from {keeping.changes} x"
            f" where x.{keeping.owner} = {owner} and x.at = {at} and x.{keeping.entered}",
            statement.args,
        )

    async def take_out(self) -> None:
        """Whoever was logged as losing it has it no longer."""
        keeping = self.keeping
        statement, owner, at = self._begun()
        await database.run(
            f"delete from {keeping.table} where {keeping.owner} = {owner} and customer_id in (select x.customer_id"  # noqa: S608  # as above
            f" from {keeping.changes} x where x.{keeping.owner} = {owner} and x.at = {at} and not x.{keeping.entered})",
            statement.args,
        )


def _wanted(statement: Statement, keeping: Keeping, owner: str, rule: Rule | None) -> str:
    """SQL of the ids of all who shall have it."""
    nobody = "select t.id from customers t where 1=0"
    matched = matching(statement, rule, asked()) if rule is not None else nobody
    never = ""
    if keeping.never is not None:
        excluded = f"select o.customer_id from {keeping.never.table} o where o.{keeping.owner} = {owner} and {keeping.never.where}"  # noqa: S608  # our own words
        never = f" not in ({excluded})"
        matched = f"select k.id from ({matched}) k where k.id{never}"  # noqa: S608  # our own words
    if keeping.always is None:
        return matched
    matched = f"select k.id from ({matched}) k"  # noqa: S608  # our own words
    decided = (
        f"select o.customer_id from {keeping.always.table} o join customers c on c.id = o.customer_id"  # noqa: S608  # our own words
        f" where o.{keeping.owner} = {owner} and {keeping.always.where} and c.merged_into_id is null"
        " and not exists (select 1 from restrictions r where r.customer_id = o.customer_id)"
        f"{f' and o.customer_id{never}' if never else ''}"
    )
    return f"{matched} union {decided}"
