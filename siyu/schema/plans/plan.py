"""A compiled operation: its root fields, each with the level that it reads and the functions that show it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from graphql import FieldNode, GraphQLInterfaceType, GraphQLObjectType, GraphQLResolveInfo, get_named_type
from graphql.execution.collect_fields import FieldDetails
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_camel_case

from siyu.domain.kernel.dialect import Dialect
from siyu.domain.kernel.reading import One, Order, Path, Source, source_of
from siyu.domain.kernel.reading.statements import Select
from siyu.privacy.reach import Reach
from siyu.schema.binding import BOUND
from siyu.schema.planned import ROOTS, Wish
from siyu.schema.plans.assembly import Assembler, assembler
from siyu.schema.plans.coercion import Taker, converters
from siyu.schema.plans.layout import Arguments, Child, Connection, Details, Items, Level, Object, TypeName, Unplannable
from siyu.schema.plans.shape import Shaper

Body = Callable[..., Wish | Awaitable[Wish]]


@dataclass(slots=True)
class Shown:
    """A level as one of its orders shows it: the columns of its statement, and what makes objects of its rows."""

    select: Select
    make: Assembler
    order: Order | None
    children: tuple[Shown, ...]
    #: Where the row's own columns begin, and where in the row its id, its person and each child's key are.
    offset: int
    own: int
    person: int
    via: tuple[int, ...]

    #: The statement for rows by key as it was last written: for whom, the text, and whether it tells whom the purpose reaches.
    keyed: tuple[Reach | None, str, bool] | None = None
    #: Statements for lists below other rows, of which nothing but the parents and a cursor is bound: by what makes them differ.
    lists: dict[tuple[object, ...], str] = field(default_factory=dict)

    def at(self, column: str) -> int:
        """Where in the row a column is."""
        return self.offset + next(number for number, each in enumerate(self.select.columns) if each.name == column)


@dataclass(frozen=True, slots=True)
class Asked:
    """A root field of the operation: `body` turns its arguments into a wish."""

    key: str
    body: Body
    declared: StrawberryField
    arguments: Arguments
    #: The arguments' names for Python by their names in the SDL.
    names: Mapping[str, str]
    #: What makes Strawberry's values of coerced ones, by the names for Python.
    takers: Mapping[str, Taker]


@dataclass(slots=True)
class RootField:
    """A root field whose wish is of this level's source: a page, or rows by key."""

    asked: Asked
    level: Level
    layout: Object | Connection
    counted: bool
    dialect: Dialect
    _shown: dict[tuple[str | None, int], Shown] = field(default_factory=dict)
    #: Statements for pages without a filter, whose cursors are all that is bound: by what makes them differ.
    pages: dict[tuple[object, ...], tuple[Shown, str]] = field(default_factory=dict)

    def shown(self, order: Order | None, offset: int = 0) -> Shown:
        """How the level is read and shown in this order, its columns from `offset` on; made at its first use."""
        at = (order.name if order else None, offset)
        found = self._shown.get(at)
        if found is None:
            found = self._shown[at] = _shown(self.level, self.layout, self.dialect, order, offset)
        return found


@dataclass(slots=True)
class NodeField:
    """A root field that gives any noun: one field a noun, or why it has no plan."""

    asked: Asked
    nouns: dict[str, RootField | str]


@dataclass(frozen=True, slots=True)
class Plan:
    """What one operation reads for callers of the same scopes, and how it is shown."""

    roots: tuple[tuple[str, RootField | NodeField | TypeName], ...]


@dataclass(frozen=True, slots=True)
class FieldPlan:
    """One field of an operation that the engine runs. It holds the field's node, so that no other takes its place in memory."""

    node: FieldNode
    root: RootField


def compile_field(shaper: Shaper, info: GraphQLResolveInfo[Any], source: Source, dialect: Dialect) -> RootField:
    """Compile what is asked below one field that gives a page or a row of this source; raises `Unplannable`."""
    details = [FieldDetails(node, None) for node in info.field_nodes]
    path = tuple(str(step) for step in info.path.as_list() if isinstance(step, str))
    return compile_at(shaper, info.parent_type, details, path, source, dialect)


def compile_at(shaper: Shaper, parent: GraphQLObjectType, details: Details, path: Path, source: Source, dialect: Dialect) -> RootField:
    """The same, for a field of this parent."""
    declared = cast(StrawberryField, None)  # arguments are taken by the engine
    asked = Asked(path[-1], _nobody, declared, shaper.arguments(parent, details), {}, {})
    returned = parent.fields[details[0].node.name.value].type
    type_, level = cast(GraphQLObjectType, get_named_type(returned)), shaper.level(source)
    if type_.name.endswith("Connection"):
        layout, counted = shaper.connection(level, type_, details, path)
        return RootField(asked, level, layout, counted, dialect)
    return RootField(asked, level, shaper.row(level, type_, details, path), False, dialect)


def _nobody() -> Wish:
    raise AssertionError("the engine has called the body already")


def compile_plan(shaper: Shaper, fields: dict[str, StrawberryField], dialect: Dialect) -> Plan:
    """Compile an operation's selection; raises `Unplannable` for what is left to the engine."""
    return Plan(tuple((key, compile_root(shaper, fields, key, found, dialect)) for key, found in shaper.roots().items()))


def compile_root(
    shaper: Shaper, fields: dict[str, StrawberryField], key: str, details: Details, dialect: Dialect
) -> RootField | NodeField | TypeName:
    """Compile one root field of a query; raises `Unplannable`."""
    query = cast(GraphQLObjectType, shaper.schema.query_type)
    name = details[0].node.name.value
    if name == "__typename":
        return TypeName(query.name)
    if name not in ROOTS or name not in fields:
        raise Unplannable(f"Query.{name} has a resolver of its own")
    return _root(shaper, query, key, name, details, fields[name], dialect)


def _root(
    shaper: Shaper, query: GraphQLObjectType, key: str, name: str, details: Details, declared: StrawberryField, dialect: Dialect
) -> RootField | NodeField:
    names = {each.graphql_name or to_camel_case(each.python_name): each.python_name for each in declared.arguments}
    asked = Asked(key, ROOTS[name], declared, shaper.arguments(query, details), names, converters(declared.arguments))
    returned = get_named_type(query.fields[name].type)
    if returned.name == "Node":
        return NodeField(asked, {each.name: _noun(shaper, asked, each, details, dialect) for each in _nouns(shaper)})
    type_ = cast(GraphQLObjectType, returned)
    if type_.name.endswith("Connection"):
        row = cast(GraphQLObjectType, get_named_type(type_.fields["nodes"].type))
        level = shaper.level(source_of(row.name))
        layout, counted = shaper.connection(level, type_, details, (key,))
        return RootField(asked, level, layout, counted, dialect)
    if type_.name not in BOUND:
        raise Unplannable(f"{type_.name} is no noun")
    return _row(shaper, asked, type_, details, dialect)


def _row(shaper: Shaper, asked: Asked, type_: GraphQLObjectType, details: Details, dialect: Dialect) -> RootField:
    level = shaper.level(source_of(type_.name))
    return RootField(asked, level, shaper.row(level, type_, details, (asked.key,)), False, dialect)


def _noun(shaper: Shaper, asked: Asked, type_: GraphQLObjectType, details: Details, dialect: Dialect) -> RootField | str:
    try:
        return _row(shaper, asked, type_, details, dialect)
    except Unplannable as why:
        return str(why)


def _nouns(shaper: Shaper) -> Iterator[GraphQLObjectType]:
    node = cast(GraphQLInterfaceType, shaper.schema.type_map["Node"])
    return (each for each in shaper.schema.get_implementations(node).objects if each.name in BOUND)


def _shown(level: Level, layout: Object | Connection | Items, dialect: Dialect, order: Order | None, offset: int) -> Shown:
    columns = dict(level.columns)
    if order is not None:
        columns.setdefault(order.column, level.source.columns[order.column])
    listed = tuple(columns.values())
    at = {name: offset + number for number, name in enumerate(columns)}
    return Shown(
        Select(level.source, listed),
        assembler(level, layout, listed, dialect, order, offset),
        order,
        tuple(_shown_child(child, dialect) for child in level.children),
        offset,
        own=at["id"],
        person=at[level.source.subject] if level.source.subject else -1,
        via=tuple(at[child.relation.via] if isinstance(child.relation, One) else at["id"] for child in level.children),
    )


def _shown_child(child: Child, dialect: Dialect) -> Shown:
    if isinstance(child.relation, One):
        return _shown(child.level, child.layout, dialect, None, 0)
    # A child's row begins with its parent's id, and with the parent's count where that is asked.
    return _shown(child.level, child.layout, dialect, child.level.source.orders[child.relation.sort], 2 if child.counted else 1)
