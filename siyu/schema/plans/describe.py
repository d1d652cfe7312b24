"""What an operation would do, told without doing it: statements with marks for values, columns, what is opened, what is denied."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator
from typing import cast
from uuid import UUID

from graphql import GraphQLError, GraphQLObjectType, get_named_type, is_list_type
from graphql.execution.values import VariableValues

from siyu.domain.kernel import database
from siyu.domain.kernel.reading import One, Path, Reader, source_of
from siyu.privacy.refusal import Forbidden, Refusal
from siyu.schema.binding import BOUND
from siyu.schema.context import Context
from siyu.schema.documents import Document, Operation
from siyu.schema.planned import ALL, NodesOf, PageOf, RowsOf
from siyu.schema.plans.plan import NodeField, RootField, Shown, compile_at, compile_root
from siyu.schema.plans.planner import Planner
from siyu.schema.plans.shape import Details, Level, Shaper, TypeName, Unplannable
from siyu.schema.plans.sql import Sql
from siyu.schema.plans.steps import Description, Step, searches, step

#: Stands for the keys that only rows would tell. They are bound, however many, as one value.
_SOMEBODY = UUID(int=0)
_UNFIT = "an argument that doesn't fit"


async def describe(planner: Planner, document: Document, operation: Operation, raw: dict[str, object], context: Context) -> Description:
    """Describe one operation as this caller would send it. Reads the caller's purpose, and nothing else."""
    told = Description()
    try:
        variables = planner.variables(operation, raw)
        shaper = planner.shaper(document, operation, variables, context)
        roots = shaper.roots()
    except Unplannable as why:
        told.engine[""] = str(why)
        return told
    except GraphQLError:
        told.engine[""] = _UNFIT
        return told
    writer = _Writer(planner, context, variables, all_planned=_all_planned(planner, document, operation, raw, context))
    for key, found in roots.items():
        try:
            async for each in writer.written(shaper, key, found) if operation.kind == "mutation" else writer.root(shaper, key, found):
                told.steps.append(each)
        except Unplannable as why:
            told.engine[key] = str(why)
        except Forbidden as refusal:
            told.engine[key] = f"refused: {refusal.message}"
        except Refusal as refusal:  # its words may quote a value
            told.engine[key] = f"refused: {refusal.code} at {'.'.join(refusal.path) or key}"
        except GraphQLError:
            told.engine[key] = _UNFIT
        told.engine.update(writer.left)
    return told


def _all_planned(planner: Planner, document: Document, operation: Operation, raw: dict[str, object], context: Context) -> bool:
    try:
        planner.compiled(document, operation, raw, context)
    except (Unplannable, GraphQLError):
        return False
    return True


class _Writer:
    """Writes the steps of root fields."""

    def __init__(self, planner: Planner, context: Context, variables: VariableValues, *, all_planned: bool) -> None:
        self.planner = planner
        self.context = context
        self.variables = variables
        self.dialect = database.dialect()
        self.all_planned = all_planned
        #: Fields whose own part is left to the engine though something below is planned, and why.
        self.left: dict[str, str] = {}

    def _sql(self) -> Sql:
        return Sql(Reader(self.context.actor), self.variables, self.dialect)

    async def root(self, shaper: Shaper, key: str, details: Details) -> AsyncIterator[Step]:
        """The steps of a query's field."""
        found = compile_root(shaper, self.planner.fields, key, details, self.dialect)
        if isinstance(found, NodeField):
            self._need_all()
            wish = cast(NodesOf, await self.planner.wish(found.asked, self.variables, self.context))
            for noun in wish.by_noun():
                root = found.nouns[noun]
                if isinstance(root, str):
                    raise Unplannable(root)
                async for each in self._keyed(root, (key,), f"for ids of {noun}"):
                    yield each
        elif isinstance(found, RootField):
            async for each in self._field(found, key):
                yield each
        else:
            assert isinstance(found, TypeName)

    async def written(self, shaper: Shaper, key: str, details: Details) -> AsyncIterator[Step]:
        """The steps of a mutation's payload: what it writes its resolver decides."""
        root = cast(GraphQLObjectType, shaper.schema.mutation_type)
        name = details[0].node.name.value
        if name == "__typename":
            return
        self.left[key] = f"Mutation.{name} has a resolver of its own"
        payload = cast(GraphQLObjectType, get_named_type(root.fields[name].type))
        for inner, found in shaper.fields(payload, details).items():
            declared = payload.fields.get(found[0].node.name.value)
            noun = get_named_type(declared.type).name if declared else ""
            if noun in BOUND and declared is not None and not is_list_type(declared.type):
                planned = compile_at(shaper, payload, found, (key, inner), source_of(noun), self.dialect)
                async for each in self._keyed(planned, (key, inner), "after the commit"):
                    yield each

    def _need_all(self) -> None:
        if not self.all_planned:
            raise Unplannable("beside a field that has no plan, only pages and single rows are planned")

    async def _field(self, root: RootField, key: str) -> AsyncIterator[Step]:
        source, body = root.level.source, root.asked.body
        if inspect.iscoroutinefunction(body):
            async for each in self._keyed(root, (key,), "after its arguments are looked up"):
                yield each
            return
        wish = await self.planner.wish(root.asked, self.variables, self.context)
        if isinstance(wish, RowsOf):
            self._need_all()
        if isinstance(wish, PageOf | RowsOf):
            page = wish if isinstance(wish, PageOf) else PageOf(source, piece=ALL)
            async for each in self._page(root, page, key):
                yield each
        else:
            async for each in self._keyed(root, (key,), ""):
                yield each

    async def _page(self, root: RootField, wish: PageOf, key: str) -> AsyncIterator[Step]:
        source, sql = root.level.source, self._sql()
        await sql.reader.enter(source)
        order = sql.order(root, wish)
        found, sent, opened = searches(sql.reader, source, wish.where)
        shown, text, _ = sql.page(root, wish, order, found)
        sent.append(text)
        if root.counted and wish.where is None:
            sent.append(sql.reader.counting(source, None, {})[0])
        yield step((key,), root.level, shown, sent, opened=opened)
        async for each in self._below(sql, root.level, shown):
            yield each

    async def _keyed(self, root: RootField, path: Path, note: str) -> AsyncIterator[Step]:
        sql = self._sql()
        await sql.reader.enter(root.level.source)
        shown = root.shown(None)
        yield step(path, root.level, shown, [sql.keyed(root.level, shown, [_SOMEBODY])[0]], note=note)
        async for each in self._below(sql, root.level, shown):
            yield each

    async def _below(self, sql: Sql, level: Level, above: Shown) -> AsyncIterator[Step]:
        told: list[tuple[Level, Shown]] = []
        for child, shown in zip(level.children, above.children, strict=True):
            if not child.asked(sql.variables):
                continue
            await sql.reader.enter(child.level.source)
            one = isinstance(child.relation, One)
            made = sql.ones(child, shown, [_SOMEBODY]) if one else sql.many(child, shown, [_SOMEBODY], sql.piece(child))
            yield step(child.path, child.level, shown, [made[0]], note="only counted" if child.count_only else "")
            if child.timeline is not None:
                told.append((child.level, shown))
                continue
            async for each in self._below(sql, child.level, shown):
                yield each
        for below, shown in told:  # once all kinds are read, and what is on no page is dropped
            async for each in self._below(sql, below, shown):
                yield each
        for telling in level.told:
            yield Step(telling.path, level.source.name, (), (), note="worked out once for all rows above, by statements of its own")
        for timeline in level.timelines:
            denied = timeline.denials(sql.variables)
            if denied:
                yield Step(denied[0].path, "TimelineItem", (), (), denied=tuple(denied), note="kinds that are left out")
