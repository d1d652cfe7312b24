"""From a document to its answer by plan, or to the word that the engine has to answer it."""

from __future__ import annotations

from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from time import perf_counter
from types import SimpleNamespace
from typing import cast

from graphql import FragmentDefinitionNode, GraphQLError, GraphQLResolveInfo, OperationDefinitionNode
from graphql.execution.values import VariableValues, get_variable_values
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField
from strawberry.utils.await_maybe import await_maybe

from siyu.domain.kernel import database
from siyu.privacy.refusal import Refusal
from siyu.schema import Schema
from siyu.schema.context import Context
from siyu.schema.documents import Document, Operation
from siyu.schema.planned import NodesOf, PageOf, RowOf, RowsOf, Wish
from siyu.schema.plans.coercion import Unfit, Variables
from siyu.schema.plans.finished import Finished
from siyu.schema.plans.layout import NO_VARIABLES
from siyu.schema.plans.plan import Asked, FieldPlan, NodeField, Plan, RootField, compile_field, compile_plan
from siyu.schema.plans.run import Run
from siyu.schema.plans.shape import Shaper, TypeName, Unplannable
from siyu.schema.plans.together import Together

Key = tuple[object, ...]


@dataclass(slots=True)
class Counters:
    """What the planner did since the process started."""

    hits: int = 0
    misses: int = 0
    evictions: int = 0
    compile_seconds: float = 0.0
    #: Operations left to the engine, by why; the reasons are of our own words and so few.
    fallbacks: Counter[str] = field(default_factory=Counter)

    @property
    def fallbacks_total(self) -> int:
        """Operations left to the engine."""
        return self.fallbacks.total()


@dataclass(frozen=True, slots=True)
class Planned:
    """The data of an answer made by plan."""

    data: dict[str, object]


class Planner:
    """Plans of one schema, the least recently used dropped first."""

    def __init__(self, schema: Schema, *, entries_max: int = 1_000) -> None:
        self.schema = schema
        self.core = schema._schema
        self.entries_max = entries_max
        self.counters = Counters()
        self.together = Together()
        #: What takes the variables of an operation, with its node, so that no other takes its place in memory.
        self._takers: dict[int, tuple[OperationDefinitionNode, Variables | None]] = {}
        self._kept: OrderedDict[Key, Plan | FieldPlan | str] = OrderedDict()
        query = schema.get_type_by_name("Query")
        self.fields: dict[str, StrawberryField] = {
            schema.config.name_converter.get_graphql_name(each): each for each in getattr(query, "fields", ())
        }

    def __len__(self) -> int:
        return len(self._kept)

    async def answer(self, document: Document, operation: Operation, raw: dict[str, object], context: Context) -> Planned | None:
        """The answer; None when the engine has to give it."""
        if operation.kind != "query" or context.caller is None:
            return None
        try:
            plan, variables = self.compiled(document, operation, raw, context)
            return await self._run(plan, variables, context)
        except Unplannable as why:
            self.counters.fallbacks[str(why)[:80]] += 1
        except GraphQLError:
            self.counters.fallbacks["an argument that doesn't fit"] += 1
        except Refusal as refusal:
            self.counters.fallbacks[f"refused: {refusal.code}"] += 1
        return None

    def compiled(self, document: Document, operation: Operation, raw: dict[str, object], context: Context) -> tuple[Plan, VariableValues]:
        """The plan of a query, and its variables; raises `Unplannable`, saying why the engine answers instead."""
        variables = self.variables(operation, raw)
        return self._plan(document, operation, variables, context), variables

    def variables(self, operation: Operation, raw: dict[str, object]) -> VariableValues:
        """The operation's variables, coerced; raises `Unplannable` when they don't fit."""
        definitions = operation.node.variable_definitions
        if not definitions:
            return NO_VARIABLES
        try:
            return VariableValues({}, self._taken(operation, raw))
        except Unfit:
            pass
        found = get_variable_values(self.core, definitions, raw)
        if not isinstance(found, VariableValues):
            raise Unplannable("variables that don't fit")
        return found

    def _taken(self, operation: Operation, raw: dict[str, object]) -> dict[str, object]:
        node = operation.node
        known = self._takers.get(id(node))
        if known is None:
            if len(self._takers) >= self.entries_max:
                self._takers.clear()
            known = self._takers[id(node)] = node, Variables.of(self.core, node)
        if known[1] is None:
            raise Unfit
        return known[1].taken(raw)

    def _plan(self, document: Document, operation: Operation, variables: VariableValues, context: Context) -> Plan:
        actor = context.actor
        deciding = tuple((name, variables.coerced.get(name)) for name in operation.deciding)
        name = operation.node.name.value if operation.node.name else ""
        key = (document.hash, name, deciding, actor.scopes, database.dialect())
        known = self._kept.get(key)
        if known is not None:
            self.counters.hits += 1
            self._kept.move_to_end(key)
        else:
            self.counters.misses += 1
            known = self._compiled(document, operation, variables, context)
            self._keep(key, known)
        if isinstance(known, str):
            raise Unplannable(known)
        assert isinstance(known, Plan), "keys of operations and of fields differ"
        return known

    def _compiled(self, document: Document, operation: Operation, variables: VariableValues, context: Context) -> Plan | str:
        started = perf_counter()
        try:
            return compile_plan(self.shaper(document, operation, variables, context), self.fields, database.dialect())
        except Unplannable as why:
            return str(why)
        finally:
            self.counters.compile_seconds += perf_counter() - started

    def shaper(self, document: Document, operation: Operation, variables: VariableValues, context: Context) -> Shaper:
        """What compiles the operation's selections for this caller."""
        fragments = {each.name.value: each for each in document.ast.definitions if isinstance(each, FragmentDefinitionNode)}
        return Shaper(self.core, fragments, operation.node, variables, context.actor)

    async def finish(self, info: GraphQLResolveInfo[Context], wish: PageOf | RowOf) -> Finished | None:
        """The object that the field gives, read by plan; None when the engine has to read it."""
        variables = VariableValues({}, cast(dict[str, object], info.variable_values))
        run = Run(info.context.actor, variables, self.together)
        try:
            root = self._field_plan(info, wish, variables)
            found = Finished(await (run.page(root, wish) if isinstance(wish, PageOf) else run.row(root, wish)))
        except Unplannable as why:
            self.counters.fallbacks[str(why)[:80]] += 1
            return None
        except (GraphQLError, Refusal):
            self.counters.fallbacks["refused inside an operation"] += 1
            return None
        info.context.denied.extend(run.denials)
        return found

    def _field_plan(self, info: GraphQLResolveInfo[Context], wish: PageOf | RowOf, variables: VariableValues) -> RootField:
        node = info.field_nodes[0]
        deciding = tuple(sorted((name, value) for name, value in variables.coerced.items() if isinstance(value, bool)))
        key = (id(node), deciding, info.context.actor.scopes, database.dialect())
        known = self._kept.get(key)
        if not isinstance(known, FieldPlan):
            self.counters.misses += 1
            shaper = Shaper(self.core, info.fragments, info.operation, variables, info.context.actor)
            known = FieldPlan(node, compile_field(shaper, info, wish.source, database.dialect()))
            self._keep(key, known)
        else:
            self.counters.hits += 1
        return known.root

    def _keep(self, key: Key, plan: Plan | FieldPlan | str) -> None:
        self._kept[key] = plan
        while len(self._kept) > self.entries_max:
            self._kept.popitem(last=False)
            self.counters.evictions += 1

    async def _run(self, plan: Plan, variables: VariableValues, context: Context) -> Planned:
        run = Run(context.actor, variables, self.together)
        data: dict[str, object] = {}
        for key, root in plan.roots:
            data[key] = root.name if isinstance(root, TypeName) else await self._field(run, root, variables, context)
        context.denied.extend(run.denials)
        return Planned(data)

    def _arguments(self, asked: Asked, given: dict[str, object]) -> dict[str, object]:
        """The field's arguments as its body takes them."""
        names, takers = asked.names, asked.takers
        try:
            return {names[name]: takers[names[name]](value, 0) for name, value in given.items()}
        except Unfit:
            return convert_arguments(given, asked.declared.arguments, self.schema.schema_converter.scalar_registry, self.schema.config)

    async def wish(self, asked: Asked, variables: VariableValues, context: Context) -> Wish:
        """What a root field's arguments wish for; raises `GraphQLError` or `Refusal` for those that don't fit."""
        given = self._arguments(asked, asked.arguments.values(variables))
        return cast(Wish, await await_maybe(asked.body(None, SimpleNamespace(context=context), **given)))

    async def _field(self, run: Run, root: RootField | NodeField, variables: VariableValues, context: Context) -> object:
        wish = await self.wish(root.asked, variables, context)
        if isinstance(root, NodeField):
            return await run.nodes(root, cast(NodesOf, wish))
        if isinstance(wish, PageOf) and wish.source is root.level.source:
            return await run.page(root, wish)
        if isinstance(wish, RowOf) and wish.source is root.level.source:
            return await run.row(root, wish)
        if isinstance(wish, RowsOf) and wish.source is root.level.source:
            return await run.all(root)
        raise Unplannable("a wish that has no plan")
