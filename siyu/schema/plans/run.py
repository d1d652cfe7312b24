"""Running a plan: few statements, one grant, one line in the audit trail, then the answer's objects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

from graphql.execution.values import VariableValues

from siyu.domain.kernel import database
from siyu.domain.kernel.dialect import Kind, Statement
from siyu.domain.kernel.paging import Slice
from siyu.domain.kernel.reading import Column, Denial, Many, One, Reader, statements
from siyu.domain.kernel.reading.conditions import OneOf, Same, Within, compile_condition
from siyu.privacy import consent
from siyu.privacy.actor import Actor
from siyu.privacy.refusal import Forbidden
from siyu.schema.planned import NodesOf, PageOf, RowOf
from siyu.schema.plans.assembly import DriverRow
from siyu.schema.plans.plan import NodeField, RootField, Shown
from siyu.schema.plans.shape import Child, Level, Unplannable


@dataclass(slots=True)
class Found:
    """The rows of one level, and of those below."""

    level: Level
    shown: Shown
    rows: Sequence[DriverRow]
    #: By child: rows by the parent's id, with the parent's count; for one, the rows themselves.
    below: list[Found] = field(default_factory=list)
    by_parent: Mapping[Any, list[DriverRow]] = field(default_factory=dict)
    totals: Mapping[Any, int] = field(default_factory=dict)
    parents: Sequence[Any] = ()
    piece: Slice = field(default_factory=Slice)


class Run:
    """One run of a plan's root field. Raises `Unplannable` where the engine has to answer instead."""

    def __init__(self, actor: Actor, variables: VariableValues) -> None:
        self.reader = Reader(actor)
        self.actor = actor
        self.variables = variables
        self.dialect = database.dialect()

    @property
    def denials(self) -> list[Denial]:
        """What was left out of the answer so far."""
        return self.reader.denials

    async def page(self, root: RootField, wish: PageOf) -> object:
        """The page, as it is shown."""
        source, piece = root.level.source, wish.piece
        await self.reader.enter(source)
        order = source.order(wish.order)
        order_scope = source.columns[order.column].scope
        if not self.actor.may(order_scope):
            raise Forbidden(f"Sorting by this needs the scope {order_scope}.", path=("sort",))
        shown = root.shown(order)
        found = await self.reader.candidates(source, wish.where) if wish.where is not None else {}
        statement = Statement(self.dialect)
        holds = self.reader.where(statement, source, wish.where, found)
        text = statements.page(statement, statements.Select(source, shown.columns), holds, order, piece)
        rows: Sequence[DriverRow] = await database.rows(text, statement.args)  # type: ignore[assignment]  # rows are sequences
        more = len(rows) > piece.size
        rows = rows[: piece.size]
        if piece.backward:
            rows = rows[::-1]
        total = await self.reader.count(source, where=wish.where) if root.counted else None
        tree = Found(root.level, shown, rows)
        self.denials.extend(root.level.denials)
        await self._descend(tree, 0)
        grant = await self._grant(tree)
        following = piece.before is not None if piece.backward else more
        preceding = more if piece.backward else piece.after is not None
        assert shown.make.page is not None, "a page has a layout of pages"
        return shown.make.page(rows, _openers(tree, grant), _brought(tree, grant), following, preceding, total)

    async def row(self, root: RootField, wish: RowOf) -> object:
        """The row, as it is shown, or None."""
        return None if wish.key is None else (await self.rows(root, [wish.key])).get(str(wish.key))

    async def nodes(self, root: NodeField, wish: NodesOf) -> object:
        """The rows of any nouns, as each is shown, None where there is none."""
        found: dict[str, object] = {}
        for noun, wanted in wish.by_noun().items():
            field_of = root.nouns[noun]
            if isinstance(field_of, str):
                raise Unplannable(field_of)
            shown = await self.rows(field_of, [key for _, key in wanted])
            found.update((text, shown.get(str(key))) for text, key in wanted)
        return found.get(wish.ids[0]) if wish.single else [found.get(text) for text in wish.ids]

    async def rows(self, root: RootField, keys: Sequence[UUID]) -> dict[str, object]:
        """The rows with these keys, as they are shown, by key."""
        await self.reader.enter(root.level.source)
        shown = root.shown(None)
        statement = Statement(self.dialect)
        columns = self._with_reach(statement, root.level, shown.columns)
        text = statements.by_ids(statement, statements.Select(root.level.source, columns), keys, "")
        rows: Sequence[DriverRow] = await database.rows(text, statement.args)  # type: ignore[assignment]  # rows are sequences
        if len(columns) > len(shown.columns) and any(not row[len(shown.columns)] for row in rows):
            raise Unplannable("a person whom the purpose doesn't reach")
        tree = Found(root.level, shown, rows)
        self.denials.extend(root.level.denials)
        await self._descend(tree, 0)
        grant = await self._grant(tree)
        assert shown.make.rows is not None, "a row has a layout of rows"
        own = _at(shown, "id")
        made = shown.make.rows(rows, _openers(tree, grant), _brought(tree, grant))
        return {str(row[own]): each for row, each in zip(rows, made, strict=True)}

    def _with_reach(self, statement: Statement, level: Level, columns: tuple[Column, ...]) -> tuple[Column, ...]:
        """With a column that says whether the purpose reaches the person, where a personal one is shown."""
        condition = self.reader.guard(statement, level.source) if level.personal else ""
        return (*columns, Column("reached", Kind.INT, f"case when {condition} then 1 else 0 end")) if condition else columns

    async def _descend(self, found: Found, offset: int) -> None:
        for child, shown in zip(found.level.children, found.shown.children, strict=True):
            below = Found(child.level, shown, ())
            found.below.append(below)
            if not found.rows:
                continue
            await self.reader.enter(child.level.source)
            self.denials.extend(child.level.denials)
            if isinstance(child.relation, One):
                await self._read_ones(found, child.relation, below, offset)
                await self._descend(below, 0)
            else:
                await self._read_many(found, child, child.relation, below, offset)
                await self._descend(below, _offset(child))

    async def _read_ones(self, found: Found, relation: One, below: Found, offset: int) -> None:
        via = offset + _at(found.shown, relation.via)
        ids = list({row[via] for row in found.rows} - {None})
        if not ids:
            return
        statement = Statement(self.dialect)
        select = statements.Select(below.level.source, below.shown.columns)
        text = statements.by_ids(statement, select, ids, self.reader.guard(statement, below.level.source))
        below.rows = await database.rows(text, statement.args)  # type: ignore[assignment]  # rows are sequences

    async def _read_many(self, found: Found, child: Child, relation: Many, below: Found, offset: int) -> None:
        source = child.level.source
        own = offset + _at(found.shown, "id")
        below.parents = [row[own] for row in found.rows]
        below.piece = child.arguments.slice(self.variables) if child.paged else Slice(first=relation.most)
        statement = Statement(self.dialect)
        holds = [self.reader.guard(statement, source)]
        for name, condition in relation.arguments.items():
            value = child.arguments.values(self.variables).get(name)
            if value is not None:
                assert isinstance(condition, Same | OneOf | Within)
                holds.append(compile_condition(statement, source, condition, value, {}, (name,)))
        order = below.shown.order
        assert order is not None, "a list has an order"
        text = statements.children(
            statement,
            statements.Select(source, below.shown.columns),
            source.columns[relation.by],
            list(dict.fromkeys(below.parents)),
            " and ".join(each for each in holds if each),
            order,
            below.piece,
            counted=child.counted,
        )
        fetched: Sequence[DriverRow] = await database.rows(text, statement.args)  # type: ignore[assignment]  # rows are sequences
        by_parent: dict[Any, list[DriverRow]] = defaultdict(list)
        totals: dict[Any, int] = {}
        first = _offset(child)
        for row in fetched:
            if child.counted:
                totals[row[0]] = row[1]
            if row[first] is not None:
                by_parent[row[0]].append(row)
        below.by_parent, below.totals = by_parent, totals
        below.rows = [row for rows in by_parent.values() for row in rows[: below.piece.size]]

    async def _grant(self, tree: Found) -> consent.Grant | None:
        subjects: dict[Any, None] = {}
        names: set[str] = set()
        sealed = False
        pending = [(tree, 0)]
        while pending:
            found, offset = pending.pop()
            level = found.level
            if level.personal and found.rows:
                at = offset + _at(found.shown, cast(str, level.source.subject))
                subjects.update(dict.fromkeys(row[at] for row in found.rows))
                names.update(f"{level.source.name}.{name}" for name in level.personal)
                sealed = sealed or any(column.sealed for column in level.personal.values())
            pending += [(below, _offset(child)) for child, below in zip(level.children, found.below, strict=False)]
        if not subjects:
            return None
        assert self.reader.reached is not None, "a source was entered"
        grant = await consent.grant_reached(self.actor, list(subjects), under=self.reader.reached, fields=names, sealed=sealed)
        if grant.refused:
            raise Unplannable("a person whose key is gone")
        return grant


def _offset(child: Child) -> int:
    """Where a child's own columns begin in its rows: behind the parent's id, and the parent's count where that is asked."""
    if isinstance(child.relation, One):
        return 0
    return 2 if child.counted else 1


def _at(shown: Shown, name: str) -> int:
    return next(number for number, column in enumerate(shown.columns) if column.name == name)


def _openers(found: Found, grant: consent.Grant | None) -> list[Any]:
    sealed = found.shown.make.sealed
    if not sealed or not found.rows:
        return []
    assert grant is not None, "sealed values are opened under a grant"
    table = found.level.source.table
    return [grant.opener(table, column.stored, cast(str, column.sealed)) for column in sealed]


def _brought(found: Found, grant: consent.Grant | None) -> list[Mapping[Any, object]]:
    """What each relation brought, as it is shown: by the parent's id, or by its own for one."""
    brought: list[Mapping[Any, object]] = []
    for child, below in zip(found.level.children, found.below, strict=True):
        make, openers = below.shown.make, _openers(below, grant)
        inner = _brought(below, grant) if below.below or not below.level.children else []
        if isinstance(child.relation, One):
            assert make.rows is not None, "one row has a layout of rows"
            shown = make.rows(below.rows, openers, inner)
            own = _at(below.shown, "id")
            brought.append({row[own]: each for row, each in zip(below.rows, shown, strict=True)})
        elif make.page is not None:
            size, after = below.piece.size, below.piece.after is not None
            brought.append(
                {
                    parent: make.page(rows[:size], openers, inner, len(rows) > size, after, below.totals.get(parent, 0))
                    for parent in below.parents
                    for rows in (below.by_parent.get(parent, ()),)
                }
            )
        else:
            assert make.rows is not None, "a list has a layout of rows"
            rows_of = make.rows
            brought.append({parent: rows_of(rows[: below.piece.size], openers, inner) for parent, rows in below.by_parent.items()})
    return brought
