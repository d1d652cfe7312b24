"""Reading what was asked: a statement a page, one a nested relation; keys, consent and the audit line once for all of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast
from uuid import UUID

from siyu.domain.kernel import database
from siyu.domain.kernel.dialect import Dialect, Kind, Statement, decoder
from siyu.domain.kernel.paging import Slice, cursor
from siyu.domain.kernel.reading import conditions, statements
from siyu.domain.kernel.reading.ask import Ask, Denial, Nested, Path, Reason, Recounted
from siyu.domain.kernel.reading.assemble import Opening, finish
from siyu.domain.kernel.reading.moments import ITEMS
from siyu.domain.kernel.reading.source import Column, One, Order, Source
from siyu.domain.kernel.reading.telling import tell
from siyu.privacy.actor import Actor
from siyu.privacy.reach import Reach, reach
from siyu.privacy.refusal import Code, Forbidden, Refusal

Row = dict[str, object]

#: Candidates that an equality search on a truncated index may open; beyond it, the search must name more.
CANDIDATES_MAX = 5_000


@dataclass(slots=True)
class Page:
    """One page of a list. Cursors are worked out when they are asked for."""

    rows: list[Row]
    order: Order
    has_next: bool
    has_previous: bool
    total: int | None = None

    def cursor(self, row: Row) -> str:
        """The mark of a row's place in this list."""
        return cursor(self.order.name, row[self.order.column], row["id"])


@dataclass(slots=True)
class Reader:
    """Reads for one actor. `denials` collects what it might not see."""

    actor: Actor
    denials: list[Denial] = field(default_factory=list)
    reached: Reach | None = None

    async def page(
        self,
        ask: Ask,
        *,
        where: object | None = None,
        order: str | None = None,
        piece: Slice | None = None,
        counted: bool = False,
        path: Path = (),
    ) -> Page:
        """A page of a noun's rows. `where` is the noun's filter; `counted` asks for the number of all that it leaves."""
        piece, source = piece or Slice(), ask.source
        await self.enter(source)
        chosen = source.order(order)
        order_scope = source.columns[chosen.column].scope
        if not self.actor.may(order_scope):
            raise Forbidden(f"Sorting by this needs the scope {order_scope}.", path=("sort",))
        found = await self.candidates(source, where) if where is not None else {}
        select = self._select(ask, path, chosen.column)
        statement = Statement(database.dialect())
        holds = self.where(statement, source, where, found)
        rows = await self._rows(select, statements.page(statement, select, holds, chosen, piece), statement)
        more = len(rows) > piece.size
        rows = rows[: piece.size]
        if piece.backward:
            rows.reverse()
        page = Page(
            rows,
            chosen,
            has_next=piece.before is not None if piece.backward else more,
            has_previous=more if piece.backward else piece.after is not None,
            total=await self._count(source, where, found) if counted else None,
        )
        await self._complete(ask, rows, path)
        return page

    async def count(self, source: Source, *, where: object | None = None) -> int:
        """How many rows the filter leaves of what this actor may see."""
        await self.enter(source)
        return await self._count(source, where, await self.candidates(source, where) if where is not None else {})

    async def by_ids(self, ask: Ask, ids: Sequence[UUID], *, path: Path = ()) -> list[Row | None]:
        """The rows with these ids, in their order; None where there is none.

        A person whom the purpose doesn't reach is there all the same: personal fields are null, and denied.
        """
        await self.enter(ask.source)
        select = self._select(ask, path)
        statement = Statement(database.dialect())
        rows = await self._rows(select, statements.by_ids(statement, select, ids, ""), statement)
        await self._complete(ask, rows, path)
        known = {row["id"]: row for row in rows}
        return [known.get(each) for each in ids]

    async def reaches(self, source: Source, key: UUID) -> bool:
        """Whether there is such a row, of a person whom the actor's purpose reaches."""
        return await self.named(source, "id", key) is not None

    async def named(self, source: Source, column: str, value: object) -> UUID | None:
        """The id of the row that has this value in a column that is unique, of a person whom the actor's purpose reaches."""
        await self.enter(source)
        statement, named = Statement(database.dialect()), source.columns[column]
        equal = f"{named.sql.format(t='t')} = {statement.bind(value, named.kind)}"
        holds = " and ".join(each for each in (equal, self.guard(statement, source)) if each)
        found = await database.rows(f"select t.id from {source.table} t where {holds}", statement.args)
        return UUID(str(found[0][0])) if found else None

    async def enter(self, source: Source) -> None:
        """Check the source's scope, and learn whom the actor's purpose reaches."""
        if source.scope is not None:
            self.actor.require((source.scope,))
        if self.reached is None:
            self.reached = await reach(self.actor.purpose)

    def guard(self, statement: Statement, source: Source) -> str:
        """Keeps people whom the purpose doesn't reach out of lists and counts."""
        if source.subject is None:
            return ""
        assert self.reached is not None, "whom the purpose reaches is known once a source was entered"
        holds = (self.reached.condition(f"t.{column}", statement.bind) for column in (source.subject, *source.others))
        return " and ".join(each for each in holds if each)

    def where(self, statement: Statement, source: Source, where: object | None, found: conditions.Found) -> str:
        holds = [self.guard(statement, source), source.where]
        if where is not None:
            conditions.check(self.actor, source, where, ("filter",))
            holds.append(conditions.compile_filter(statement, source, where, found, ("filter",)))
        return " and ".join(each for each in holds if each) or "1=1"

    async def _count(self, source: Source, where: object | None, found: conditions.Found) -> int:
        text, statement = self.counting(source, where, found)
        return int((await database.rows(text, statement.args))[0][0])

    def counting(self, source: Source, where: object | None, found: conditions.Found) -> tuple[str, Statement]:
        """The statement that counts the rows which the filter leaves."""
        statement = Statement(database.dialect())
        return statements.count(source, self.where(statement, source, where, found)), statement

    async def candidates(self, source: Source, where: object) -> conditions.Found:
        """For conditions on truncated indexes: the ids of the rows whose opened value is the one that was asked for."""
        found: dict[Path, list[object]] = {}
        for path, condition, value in self.alike(source, where):
            ask = Ask(source)
            ask.want(condition.of)
            select, text, statement = self.sharing(ask, condition, value, path)
            rows = await self._rows(select, text, statement)
            if len(rows) > CANDIDATES_MAX:
                raise Refusal("Too many share this value; add another condition.", path=path, code=Code.LIMIT_EXCEEDED)
            await self._complete(ask, rows, path)
            wanted = condition.normal(str(value))
            found[path] = [
                row["id"] for row in rows if row[condition.of] is not None and condition.normal(str(row[condition.of])) == wanted
            ]
        return found

    def alike(self, source: Source, where: object) -> Iterator[tuple[Path, conditions.Blind, object]]:
        """The filter's conditions on truncated indexes, with path and value, after the filter has been checked."""
        conditions.check(self.actor, source, where, ("filter",))
        for path, condition, value in conditions.walk(where, ("filter",)):
            if isinstance(condition, conditions.Blind) and condition.truncated:
                yield path, condition, value

    def sharing(self, ask: Ask, condition: conditions.Blind, value: object, path: Path) -> tuple[statements.Select, str, Statement]:
        """The statement for the rows that share the value's token in a truncated index."""
        source, statement = ask.source, Statement(database.dialect())
        holds = f"t.{condition.index} = {statement.bind(conditions.token(source, condition, value, path))}"
        select, limit = self._select(ask, path), statement.bind(CANDIDATES_MAX + 1)
        allowed = self.guard(statement, source)
        text = f"select {select.text} from {source.table} t where {holds}{' and ' + allowed if allowed else ''} limit {limit}"
        return select, text, statement

    def _select(self, ask: Ask, path: Path, *also: str) -> statements.Select:
        """The columns to fetch: those asked that the actor may see, and what the house itself needs of each row."""
        source = ask.source
        names = dict.fromkeys(("id", *also, *((source.subject,) if source.subject else ())))
        for name, paths in ask.columns.items():
            column = source.columns[name]
            if self.actor.may(column.scope):
                names.setdefault(name)
            else:
                self.denials.extend(Denial((*path, *at), Reason.SCOPE_REQUIRED, column.scope) for at in paths)
        return statements.Select(source, tuple(source.columns[name] for name in names))

    async def _rows(self, select: statements.Select, text: str, statement: Statement) -> list[Row]:
        fetched = await database.rows(text, statement.args)
        return decode(select.columns, fetched, statement.dialect)

    async def _complete(self, ask: Ask, rows: list[Row], path: Path) -> None:
        """Fetch what hangs below the rows, then open all of it under one grant."""
        opening = Opening(self.actor)
        await self._descend(ask, rows, path, opening)
        self.denials.extend(await finish(opening))

    async def _descend(self, ask: Ask, rows: list[Row], path: Path, opening: Opening) -> None:
        opening.add(ask, rows, path)
        for nested in ask.nested:
            at = (*path, *nested.path)
            if not self.actor.may(nested.ask.source.scope):
                scope = nested.ask.source.scope
                self.denials.append(Denial(at, Reason.SCOPE_REQUIRED, scope))
                nullable = isinstance(nested.relation, One) and ask.source.columns[nested.relation.via].nullable
                for row in rows:
                    row[nested.slot] = None if nullable else Forbidden(f"This needs the scope {scope}.")
            elif rows:
                below = await (self._ones(ask, nested, rows, at) if isinstance(nested.relation, One) else self._children(nested, rows, at))
                await self._descend(nested.ask, below, at, opening)
        for told in ask.timelines:
            await self._tell(told, rows, (*path, *told.path), opening)
        self.denials.extend(await tell(self.actor, ask, rows, path))

    async def _tell(self, told: Recounted, rows: list[Row], path: Path, opening: Opening) -> None:
        """Hand each row the page of its timeline: a statement a kind, and nothing below what is on no page. A kind is denied as a whole."""
        read: list[Nested] = []
        for nested in told.kinds:
            if not self.actor.may(nested.ask.source.scope):
                self.denials.append(Denial(path, Reason.SCOPE_REQUIRED, nested.ask.source.scope))
            elif rows:
                await self._children(nested, rows, path)
                read.append(nested)
        kept: dict[str, list[Row]] = {nested.key: [] for nested in read}
        for row in rows:
            row[told.slot] = page = _newest(told, read, row)
            for item in page.rows:
                kept[cast(str, item["nested"])].append(cast(Row, item["row"]))
        for nested in read:
            await self._descend(nested.ask, kept[nested.key], path, opening)

    async def _ones(self, nested_in: Ask, nested: Nested, rows: list[Row], path: Path) -> list[Row]:
        relation = nested.relation
        assert isinstance(relation, One)
        ids = {row[relation.via] for row in rows} - {None}
        select = self._select(nested.ask, path, relation.by)
        statement = Statement(database.dialect())
        text = statements.by_ids(statement, select, [*ids], self.guard(statement, nested.ask.source), relation.by)
        found = await self._rows(select, text, statement) if ids else []
        known: dict[object, object] = {row[relation.by]: row for row in found}
        # Another noun's row that must be there, and isn't for this actor. A row that names this one by its own key may be missing.
        must = relation.by == "id" and not nested_in.source.columns[relation.via].nullable
        for row in rows:
            row[nested.slot] = known.get(row[relation.via]) or (_unreached() if must else None)
        return found

    async def _children(self, nested: Nested, rows: list[Row], path: Path) -> list[Row]:
        relation, source = nested.relation, nested.ask.source
        assert not isinstance(relation, One)
        order = source.orders[relation.sort]
        piece = nested.slice if nested.paged else Slice(first=relation.most)
        select = self._select(nested.ask, path, order.column)
        statement = Statement(database.dialect())
        holds = [self.guard(statement, source), *self._arguments(statement, source, nested)]
        text = statements.children(
            statement,
            select,
            statements.hung(statement, source, relation, nested.arguments),
            [row["id"] for row in rows],
            " and ".join(each for each in holds if each),
            order,
            piece,
            counted=nested.count,
        )
        fetched = await database.rows(text, statement.args)
        return _attach(nested, rows, select, fetched, piece, order, statement.dialect)

    def _arguments(self, statement: Statement, source: Source, nested: Nested) -> list[str]:
        relation = nested.relation
        assert not isinstance(relation, One)
        holds = []
        for name, condition in relation.arguments.items():
            assert isinstance(condition, conditions.Condition)
            value = nested.arguments.get(name)
            if value is not None:
                holds.append(conditions.compile_condition(statement, source, condition, value, {}, (name,)))
        return holds


def _unreached() -> Refusal:
    return Refusal("Your purpose doesn't reach this person.", code=Code.CONSENT_REQUIRED)


def _newest(told: Recounted, read: Sequence[Nested], row: Row) -> Page:
    """The newest of all kinds' rows of one parent, as items that name their kind and hold their row."""
    pages = [(nested, cast(Page, row.pop(nested.slot))) for nested in read]
    items: list[Row] = [
        {"id": each["id"], "occurred_at": each[page.order.column], "kind": nested.relation.name, "nested": nested.key, "row": each}
        for nested, page in pages
        for each in page.rows
    ]
    items.sort(key=lambda item: (cast(datetime, item["occurred_at"]), cast(UUID, item["id"])), reverse=True)
    size = told.slice.size
    more = len(items) > size or any(page.has_next for _, page in pages)
    return Page(items[:size], ITEMS, more, told.slice.after is not None)


def decode(
    columns: Sequence[Column], fetched: Sequence[Sequence[object]] | Sequence[database.DriverRow], dialect: Dialect, skip: int = 0
) -> list[Row]:
    """The driver's rows as dicts by the domain's names; sealed values stay sealed."""
    names = [column.name for column in columns]
    decoders = [
        (column.name, change)
        for column in columns
        if (change := decoder(dialect, Kind.BYTES if column.sealed else column.kind)) is not None
    ]
    rows: list[Row] = []
    for each in fetched:
        row: Row = dict(zip(names, tuple(cast(Sequence[object], each))[skip:], strict=True))
        for name, change in decoders:
            value = row[name]
            if value is not None:
                row[name] = change(value)
        rows.append(row)
    return rows


def _attach(
    nested: Nested,
    rows: list[Row],
    select: statements.Select,
    fetched: Sequence[database.DriverRow],
    piece: Slice,
    order: Order,
    dialect: Dialect,
) -> list[Row]:
    """Hand each parent its children, as a list or as a page."""
    skip = 2 if nested.count else 1
    parent_of = decoder(dialect, Kind.ID) or (lambda value: value)
    children: Mapping[object, list[Row]] = defaultdict(list)
    totals: dict[object, int] = {}
    decoded = decode(select.columns, [each for each in fetched if each[skip] is not None], dialect, skip)
    present = iter(decoded)
    for each in fetched:
        parent = parent_of(each[0])
        if nested.count:
            totals[parent] = int(each[1])
        if each[skip] is not None:
            children[parent].append(next(present))
    kept: list[Row] = []
    for row in rows:
        own = children[row["id"]]
        shown = own[: piece.size]
        kept.extend(shown)
        row[nested.slot] = (
            Page(shown, order, len(own) > piece.size, piece.after is not None, totals.get(row["id"], 0)) if nested.paged else shown
        )
    return kept
