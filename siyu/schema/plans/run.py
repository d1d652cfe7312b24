"""Running a plan: few statements, one grant, one line in the audit trail, then the answer's objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any, cast
from uuid import UUID

from graphql.execution.values import VariableValues

from siyu.domain.kernel import database
from siyu.domain.kernel.dialect import Kind, Statement, decoder
from siyu.domain.kernel.paging import Slice
from siyu.domain.kernel.reading import Denial, One, Order, Reader, flat
from siyu.privacy import consent
from siyu.privacy.actor import Actor
from siyu.schema.given import given
from siyu.schema.planned import ALL, NodesOf, PageOf, RowOf
from siyu.schema.plans.assembly import DriverRow
from siyu.schema.plans.layout import Child, Level, Timeline, Unplannable
from siyu.schema.plans.merging import Merged, merge
from siyu.schema.plans.plan import NodeField, RootField, Shown
from siyu.schema.plans.sql import Sql
from siyu.schema.plans.together import Together

#: A child's row begins with its parent's key.
_PARENT = itemgetter(0)


@dataclass(slots=True)
class Found:
    """The rows of one level, and of those below."""

    level: Level
    shown: Shown
    rows: Sequence[DriverRow] = ()
    below: list[Found] = field(default_factory=list)
    #: Of a list: the rows of each parent, its count, and all parents, by the parents' ids.
    by_parent: Mapping[Any, list[DriverRow]] = field(default_factory=dict)
    totals: Mapping[Any, int] = field(default_factory=dict)
    parents: Sequence[Any] = ()
    piece: Slice = field(default_factory=Slice)
    #: The pages of its timelines, and the values that its noun worked out, by the rows' ids.
    merged: list[Merged] = field(default_factory=list)
    told: list[Mapping[Any, object]] = field(default_factory=list)


class Run:
    """One run of a plan. Raises `Unplannable` where the engine has to answer instead."""

    def __init__(self, actor: Actor, variables: VariableValues, together: Together) -> None:
        self.reader = Reader(actor)
        self.actor = actor
        self.variables = variables
        self.together = together
        #: Nothing is shared out of a transaction, whose view is its own.
        self.within = database.within()
        self.dialect = database.dialect()
        self.sql = Sql(self.reader, variables, self.dialect)

    @property
    def denials(self) -> list[Denial]:
        """What was left out of the answer so far."""
        return self.reader.denials

    async def page(self, root: RootField, wish: PageOf) -> object:
        """The page, as it is shown."""
        piece = wish.piece
        self._check(root.level)
        await self.reader.enter(root.level.source)
        tree, total = await self._first(root, wish, self.sql.order(root, wish))
        more = len(tree.rows) > piece.size
        tree.rows = tree.rows[: piece.size]
        if piece.backward:
            tree.rows = tree.rows[::-1]
        self.denials.extend(root.level.denials)
        await self._descend(tree)
        grant = await self._grant(tree)
        following = piece.before is not None if piece.backward else more
        preceding = more if piece.backward else piece.after is not None
        make = tree.shown.make.page
        assert make is not None, "a page has a layout of pages"
        return make(tree.rows, _openers(tree, grant), _brought(tree, grant), following, preceding, total)

    async def _first(self, root: RootField, wish: PageOf, order: Order) -> tuple[Found, int | None]:
        """The rows of the page, one more than asked, and the count where that is asked: with a filter, both in one statement."""
        source, where = root.level.source, wish.where
        found = await self.reader.candidates(source, where) if where is not None and flat.shape(source, where) is None else {}
        shown, text, statement = self.sql.page(root, wish, order, found)
        rows = await self._rows(text, statement)
        tree = Found(root.level, shown, rows)
        if not root.counted:
            return tree, None
        if where is not None and (rows or wish.piece.begins):
            return tree, int(rows[0][0]) if rows else 0
        text, statement = self.reader.counting(source, where, found)
        return tree, int((await self._rows(text, statement))[0][0])

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

    async def all(self, root: RootField) -> list[object]:
        """All rows of a noun that has few, as they are shown."""
        tree, _ = await self._first(root, PageOf(root.level.source, piece=ALL), root.level.source.order(None))
        self.denials.extend(root.level.denials)
        await self._descend(tree)
        grant = await self._grant(tree)
        assert tree.shown.make.rows is not None, "a list has a layout of rows"
        return tree.shown.make.rows(tree.rows[: ALL.size], _openers(tree, grant), _brought(tree, grant))

    async def rows(self, root: RootField, keys: Sequence[UUID]) -> dict[str, object]:
        """The rows with these keys, as they are shown, by key."""
        level, shown = root.level, root.shown(None)
        self._check(level)
        await self.reader.enter(level.source)
        known = None if self.within else shown.keyed
        if known is None or known[0] != self.reader.reached:
            text, statement, reached = self.sql.keyed(level, shown, keys)
            known = (self.reader.reached, text, reached) if len(statement.args) == 1 and not self.within else None
            shown.keyed = known
        if known is not None:
            _, text, reached = known
            rows = await self.together.rows(text, keys, self.dialect, shown.own)
        else:
            rows = list(await self._rows(text, statement))
        if reached and not all(row[-1] for row in rows):
            raise Unplannable("a person whom the purpose doesn't reach")
        tree = Found(level, shown, rows)
        self.denials.extend(level.denials)
        await self._descend(tree)
        grant = await self._grant(tree)
        assert shown.make.rows is not None, "a row has a layout of rows"
        made = shown.make.rows(rows, _openers(tree, grant), _brought(tree, grant))
        return {str(row[shown.own]): each for row, each in zip(rows, made, strict=True)}

    def _check(self, level: Level) -> None:
        """Refuse a senseless page of a nested list, be there a row to hang it on or not."""
        for child in level.children:
            if child.paged:
                self.sql.piece(child)
            self._check(child.level)
        for timeline in level.timelines:
            timeline.arguments.slice(self.variables)

    async def _rows(self, text: str, statement: Statement) -> Sequence[DriverRow]:
        if self.within:
            return cast(Sequence[DriverRow], await database.rows(text, statement.args))
        return await self.together.same(text, statement.args)

    async def _descend(self, found: Found) -> None:
        for child, shown, via in zip(found.level.children, found.shown.children, found.shown.via, strict=True):
            below = Found(child.level, shown)
            found.below.append(below)
            if not found.rows or not child.asked(self.variables):
                continue
            await self.reader.enter(child.level.source)
            self.denials.extend(child.level.denials)
            if isinstance(child.relation, One):
                await self._read_ones(found, child, via, below)
            else:
                await self._read_many(found, child, below)
            if child.timeline is None:
                await self._descend(below)
        for timeline in found.level.timelines:
            await self._merge(found, timeline)
        if found.level.told and found.rows:
            await self._tell(found)

    async def _tell(self, found: Found) -> None:
        """Have the noun work out what is asked of it for all rows at once."""
        known = decoder(self.dialect, Kind.ID)
        keys = {row[found.shown.own]: None for row in found.rows}
        ids = {key: cast(UUID, known(key) if known else key) for key in keys}
        for telling in found.level.told:
            arguments = given(telling.item, telling.arguments.values(self.variables))
            values = await telling.item.load(self.actor, list(ids.values()), arguments)
            found.told.append({key: telling.present(values.get(each)) for key, each in ids.items()})

    async def _merge(self, found: Found, timeline: Timeline) -> None:
        """Make pages of what was read of a timeline's kinds, and read what hangs below the rows that are on them."""
        self.denials.extend(timeline.denials(self.variables))
        if not found.rows:
            return
        numbers = [number for number in timeline.kinds if found.level.children[number].asked(self.variables)]
        kinds = [found.below[number] for number in numbers]
        parents = [row[found.shown.own] for row in found.rows]
        found.merged.append(merge(timeline, numbers, kinds, parents, timeline.arguments.slice(self.variables)))
        for below in kinds:
            await self._descend(below)

    async def _read_ones(self, found: Found, child: Child, via: int, below: Found) -> None:
        ids = list({row[via] for row in found.rows} - {None})
        if ids:
            below.rows = await self._rows(*self.sql.ones(child, below.shown, ids))

    async def _read_many(self, found: Found, child: Child, below: Found) -> None:
        own = found.shown.own
        below.parents = [row[own] for row in found.rows]
        below.piece = self.sql.piece(child)
        text, statement = self.sql.many(child, below.shown, list(dict.fromkeys(below.parents)), below.piece)
        if child.count_only:
            below.totals = dict(await self._rows(text, statement))  # type: ignore[arg-type]  # pairs
            return
        rows = await self._rows(text, statement)
        if child.counted:
            # A parent without any is there with its count alone.
            below.totals = {row[0]: row[1] for row in rows}
            first = below.shown.offset
            rows = [row for row in rows if row[first] is not None]
        by_parent: dict[Any, list[DriverRow]] = {}
        for parent, group in groupby(rows, _PARENT):
            by_parent.setdefault(parent, []).extend(group)
        below.by_parent = by_parent
        if child.level.children or child.level.told or not child.same_person:
            size = below.piece.size
            below.rows = [row for rows in by_parent.values() for row in rows[:size]]

    async def _grant(self, tree: Found) -> consent.Grant | None:
        """One grant for all that was read; None where nothing of a person is shown."""
        if not tree.below:
            return await self._granted(_people(tree), *tree.level.audited())
        subjects: dict[Any, None] = {}
        names: frozenset[str] = frozenset()
        sealed = False
        pending: list[tuple[Found, bool]] = [(tree, False)]
        while pending:
            found, covered = pending.pop()
            level, person = found.level, found.shown.person
            if level.personal and (found.rows or found.by_parent):
                if not covered:
                    # Rows of the parent's own person were left in their lists: the parents' ids are the people.
                    subjects.update(dict.fromkeys([row[person] for row in found.rows] or found.by_parent))
                told, opened = level.audited()
                names = names | told if names else told
                sealed = sealed or opened
                pending += [(below, child.same_person) for child, below in zip(level.children, found.below, strict=False)]
            else:
                pending += [(below, False) for below in found.below]
        return await self._granted(list(subjects), names, sealed)

    async def _granted(self, subjects: Sequence[Any], names: frozenset[str], sealed: bool) -> consent.Grant | None:
        if not subjects:
            return None
        assert self.reader.reached is not None, "a source was entered"
        grant = await consent.grant_reached(self.actor, subjects, under=self.reader.reached, fields=names, sealed=sealed)
        if grant.refused:
            raise Unplannable("a person whose key is gone")
        return grant


def _people(found: Found) -> Sequence[Any]:
    """Whose the rows are, each once; nobody where nothing personal is shown."""
    level, person = found.level, found.shown.person
    if not level.personal:
        return ()
    people = [row[person] for row in found.rows]
    return people if level.source.subject == "id" else list(dict.fromkeys(people))


def _openers(found: Found, grant: consent.Grant | None) -> list[Any]:
    sealed = found.shown.make.sealed
    if not sealed or not (found.rows or found.by_parent):
        return []
    assert grant is not None, "sealed values are opened under a grant"
    table = found.level.source.table
    return [grant.opener(table, column.stored, cast(str, column.sealed)) for column in sealed]


def _brought(found: Found, grant: consent.Grant | None) -> list[Mapping[Any, object]]:
    """What each relation brought, as it is shown: by the parent's id, or by its own for one."""
    brought: list[Mapping[Any, object]] = []
    for child, below in zip(found.level.children, found.below, strict=True):
        make, openers = below.shown.make, _openers(below, grant)
        inner = _brought(below, grant) if below.below or below.merged or below.told else []
        if isinstance(child.relation, One):
            assert make.rows is not None, "one row has a layout of rows"
            shown = make.rows(below.rows, openers, inner)
            own = below.shown.at(child.relation.by)
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
    for merged in found.merged:
        brought.append(merged.pages(brought))
    brought.extend(found.told)
    return brought
