"""A compiled operation: its root fields, each with the level that it reads and the functions that show it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, cast

from graphql import GraphQLInterfaceType, GraphQLObjectType, get_named_type, is_list_type
from graphql.pyutils import Undefined
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField

from siyu.domain.kernel.dialect import Dialect
from siyu.domain.kernel.reading import Column, One, Order, source_of
from siyu.schema.binding import BOUND
from siyu.schema.planned import ROOTS, Wish
from siyu.schema.plans.assembly import Assembler, assembler
from siyu.schema.plans.shape import Arguments, Child, Connection, Details, Level, Object, Shaper, TypeName, Unplannable

Body = Callable[..., Wish | Awaitable[Wish]]


@dataclass(slots=True)
class Shown:
    """A level as one of its orders shows it: the columns of its statement, and what makes objects of its rows."""

    columns: tuple[Column, ...]
    make: Assembler
    order: Order | None
    children: tuple[Shown, ...]


@dataclass(slots=True)
class RootField:
    """One root field: `body` turns its arguments into a wish, which must be of this level's source."""

    key: str
    body: Body
    declared: StrawberryField
    arguments: Arguments
    level: Level
    layout: Object | Connection
    counted: bool
    dialect: Dialect
    _shown: dict[str | None, Shown] = field(default_factory=dict)

    def shown(self, order: Order | None) -> Shown:
        """How the level is read and shown in this order; made at its first use."""
        name = order.name if order else None
        found = self._shown.get(name)
        if found is None:
            found = self._shown[name] = _shown(self.level, self.layout, self.dialect, order, 0)
        return found


@dataclass(slots=True)
class NodeField:
    """A root field that gives any noun: one field a noun, or why it has no plan."""

    key: str
    body: Body
    declared: StrawberryField
    arguments: Arguments
    nouns: dict[str, RootField | str]


@dataclass(frozen=True, slots=True)
class Plan:
    """What one operation reads for callers of the same scopes, and how it is shown."""

    roots: tuple[tuple[str, RootField | NodeField | TypeName], ...]


def compile_plan(shaper: Shaper, fields: dict[str, StrawberryField], dialect: Dialect) -> Plan:
    """Compile an operation's selection; raises `Unplannable` for what is left to the engine."""
    query = cast(GraphQLObjectType, shaper.schema.query_type)
    roots: list[tuple[str, RootField | NodeField | TypeName]] = []
    for key, found in shaper.roots().items():
        name = found[0].node.name.value
        if name == "__typename":
            roots.append((key, TypeName(query.name)))
        elif name not in ROOTS or name not in fields:
            raise Unplannable(f"Query.{name} has a resolver of its own")
        else:
            roots.append((key, _root(shaper, query, key, name, found, fields[name], dialect)))
    return Plan(tuple(roots))


def _root(
    shaper: Shaper, query: GraphQLObjectType, key: str, name: str, details: Details, declared: StrawberryField, dialect: Dialect
) -> RootField | NodeField:
    returned = get_named_type(query.fields[name].type)
    arguments = shaper.arguments(query, details)
    if returned.name == "Node":
        nouns = {each.name: _noun(shaper, arguments, key, name, each, details, declared, dialect) for each in _nouns(shaper)}
        return NodeField(key, ROOTS[name], declared, arguments, nouns)
    type_ = cast(GraphQLObjectType, returned)
    if type_.name.endswith("Connection"):
        row = cast(GraphQLObjectType, get_named_type(type_.fields["nodes"].type))
        level = shaper.level(source_of(row.name))
        layout, counted = shaper.connection(level, type_, details, (key,))
        return RootField(key, ROOTS[name], declared, arguments, level, layout, counted, dialect)
    if type_.name not in BOUND or is_list_type(query.fields[name].type):
        raise Unplannable(f"{type_.name} is no noun")
    return _row(shaper, arguments, key, name, type_, details, declared, dialect)


def _row(
    shaper: Shaper,
    arguments: Arguments,
    key: str,
    name: str,
    type_: GraphQLObjectType,
    details: Details,
    declared: StrawberryField,
    dialect: Dialect,
) -> RootField:
    level = shaper.level(source_of(type_.name))
    return RootField(key, ROOTS[name], declared, arguments, level, shaper.row(level, type_, details, (key,)), False, dialect)


def _noun(shaper: Shaper, arguments: Arguments, key: str, name: str, type_: GraphQLObjectType, *rest: Any) -> RootField | str:
    try:
        return _row(shaper, arguments, key, name, type_, *rest)
    except Unplannable as why:
        return str(why)


def _nouns(shaper: Shaper) -> Iterator[GraphQLObjectType]:
    node = cast(GraphQLInterfaceType, shaper.schema.type_map["Node"])
    return (each for each in shaper.schema.get_implementations(node).objects if each.name in BOUND)


def _shown(level: Level, layout: Object | Connection, dialect: Dialect, order: Order | None, offset: int) -> Shown:
    columns = dict(level.columns)
    if order is not None:
        columns.setdefault(order.column, level.source.columns[order.column])
    listed = tuple(columns.values())
    make = assembler(level, layout, listed, dialect, order, offset)
    return Shown(listed, make, order, tuple(_shown_child(child, dialect) for child in level.children))


def _shown_child(child: Child, dialect: Dialect) -> Shown:
    if isinstance(child.relation, One):
        return _shown(child.level, child.layout, dialect, None, 0)
    # A child's row begins with its parent's id, and with the parent's count where that is asked.
    return _shown(child.level, child.layout, dialect, child.level.source.orders[child.relation.sort], 2 if child.counted else 1)


def python_arguments(root: RootField | NodeField, given: dict[str, object], scalars: object, config: object) -> dict[str, object]:
    """The field's arguments as its body takes them."""
    values = {name: value for name, value in given.items() if value is not Undefined}
    return convert_arguments(values, root.declared.arguments, scalars, config)  # type: ignore[arg-type]  # Strawberry's own registry and configuration
