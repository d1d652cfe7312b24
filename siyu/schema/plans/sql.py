"""The statements of a plan. `run` sends them and `describe` shows them, so that what is shown is what is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from graphql.execution.values import VariableValues

from siyu.domain.kernel.dialect import Dialect, Statement
from siyu.domain.kernel.paging import Slice
from siyu.domain.kernel.reading import Across, Many, One, Order, Reader, Source, flat, statements
from siyu.domain.kernel.reading.conditions import Condition, Found, compile_condition
from siyu.privacy.refusal import Forbidden
from siyu.schema.given import given
from siyu.schema.planned import PageOf
from siyu.schema.plans.plan import RootField, Shown
from siyu.schema.plans.shape import Child, Level

#: Texts kept of one root field: purposes, orders, and the sizes that callers ask for.
_PAGES_MAX = 64


@dataclass(slots=True)
class Sql:
    """Writes statements for one caller, whose reader has entered the sources. Values are bound, whatever they are."""

    reader: Reader
    variables: VariableValues
    dialect: Dialect

    def order(self, root: RootField, wish: PageOf) -> Order:
        """The order of a page; raises `Forbidden` for one that tells what the caller may not see."""
        order = root.level.source.order(wish.order)
        scope = root.level.source.columns[order.column].scope
        if not self.reader.actor.may(scope):
            raise Forbidden(f"Sorting by this needs the scope {scope}.", path=("sort",))
        return order

    def page(self, root: RootField, wish: PageOf, order: Order, found: Found) -> tuple[Shown, str, Statement]:
        """The rows of a page, one more than asked. With a filter and a count, the count comes before each row."""
        at = flat.shape(root.level.source, wish.where) if wish.where is not None else None
        if wish.where is None or at is not None:
            return self._kept(root, wish, order, at)
        statement = Statement(self.dialect)
        holds = self.reader.where(statement, root.level.source, wish.where, found)
        if root.counted:
            shown = root.shown(order, 1)
            return shown, statements.counted_page(statement, shown.select, holds, order, wish.piece), statement
        shown = root.shown(order)
        return shown, statements.page(statement, shown.select, holds, order, wish.piece), statement

    def _kept(self, root: RootField, wish: PageOf, order: Order, shape: flat.Shape | None) -> tuple[Shown, str, Statement]:
        """The same without a filter, or with a flat one: the text is written once a shape, as long as the guard binds nothing."""
        statement, source, piece = Statement(self.dialect), root.level.source, wish.piece
        reached = self.reader.reached
        at = (order.name, piece.size, piece.backward, piece.after is None, piece.before is None, reached, shape)
        known = root.pages.get(at)
        if known is not None:
            # Whether this caller may filter so was checked when the text was written: a plan is of callers of the same scopes.
            if shape is not None:
                flat.bind(statement, source, wish.where, shape)
            statements.keyset_where(statement, source, order, piece)
            return *known, statement
        free = not self._guarded(source)
        holds = self.reader.where(statement, source, wish.where, {})
        if root.counted and shape is not None:
            shown = root.shown(order, 1)
            text = statements.counted_page(statement, shown.select, holds, order, piece)
        else:
            shown = root.shown(order)
            text = statements.page(statement, shown.select, holds, order, piece)
        if free and len(root.pages) < _PAGES_MAX:
            root.pages[at] = shown, text
        return shown, text, statement

    def _guarded(self, source: Source) -> bool:
        """Whether what keeps people out binds values of its own."""
        statement = Statement(self.dialect)
        self.reader.guard(statement, source)
        return bool(statement.args)

    def keyed(self, level: Level, shown: Shown, keys: Sequence[object]) -> tuple[str, Statement, bool]:
        """The rows with these keys. Where anything personal is shown, whether the purpose reaches the person comes last in each row."""
        statement = Statement(self.dialect)
        reached = self.reader.guard(statement, level.source) if level.personal else ""
        select = shown.select.also(f"case when {reached} then 1 else 0 end") if reached else shown.select
        return statements.by_ids(statement, select, keys, ""), statement, bool(reached)

    def ones(self, child: Child, shown: Shown, ids: Sequence[object]) -> tuple[str, Statement]:
        """The rows that other rows name, of people whom the purpose reaches."""
        statement, relation = Statement(self.dialect), cast(One, child.relation)
        guard = self.reader.guard(statement, child.level.source)
        return statements.by_ids(statement, shown.select, ids, guard, relation.by), statement

    def piece(self, child: Child) -> Slice:
        """The part of a nested list that is asked."""
        return child.arguments.slice(self.variables) if child.paged else Slice(first=cast(Many, child.relation).most)

    def many(self, child: Child, shown: Shown, parents: Sequence[object], piece: Slice) -> tuple[str, Statement]:
        """The lists below these parents, or how long they are where nothing else is asked."""
        relation, source, order = cast(Many, child.relation), child.level.source, shown.order
        assert order is not None, "a list has an order"
        statement = Statement(self.dialect)
        asked = given(relation, child.arguments.values(self.variables)) if relation.takes else {}
        hung = statements.hung(statement, source, relation, asked)
        holds = " and ".join(each for each in (self.reader.guard(statement, source), *self._arguments(statement, child, asked)) if each)
        at = (piece.size, piece.after is None, self.reader.reached, tuple(asked))
        free = not statement.args
        known = shown.lists.get(at) if free else None
        if known is not None:
            # The same order of what is bound: the parents, then the place.
            statement.parents(parents)
            statements.keyset_where(statement if not child.count_only else Statement(self.dialect), source, order, piece)
            return known, statement
        if child.count_only:
            # A wrong cursor is refused, though a count needs none.
            statements.keyset_where(Statement(self.dialect), source, order, piece)
            if isinstance(relation, Across):
                text = statements.hung_counts(statement, hung, parents, holds)
            else:
                text = statements.child_counts(statement, source, source.columns[relation.by], parents, holds)
        else:
            text = statements.children(statement, shown.select, hung, parents, holds, order, piece, counted=child.counted)
        if free and len(shown.lists) < _PAGES_MAX:
            shown.lists[at] = text
        return text, statement

    def _arguments(self, statement: Statement, child: Child, given: Mapping[str, object]) -> list[str]:
        holds = []
        for name, condition in cast(Many, child.relation).arguments.items():
            value = given.get(name)
            if value is not None:
                assert isinstance(condition, Condition)
                holds.append(compile_condition(statement, child.level.source, condition, value, {}, (name,)))
        return holds
