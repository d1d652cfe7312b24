"""A selection, compiled: for each noun met the columns to fetch, what hangs below, and the layout wherever its rows are shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from graphql import (
    FragmentDefinitionNode,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    get_named_type,
    is_non_null_type,
)
from graphql.execution.collect_fields import FragmentDetails, GroupedFieldSet, collect_fields, collect_subfields
from graphql.execution.values import VariableValues

from siyu.domain.kernel.dialect import Kind
from siyu.domain.kernel.reading import (
    Across,
    Column,
    Denial,
    Derived,
    Many,
    Moment,
    One,
    Part,
    Path,
    Reason,
    Source,
    Told,
    moments,
    source_of,
)
from siyu.domain.kernel.reading import Timeline as Happened
from siyu.privacy.actor import Actor
from siyu.schema.binding import BOUND, node_type
from siyu.schema.plans.layout import (
    Arguments,
    Below,
    Child,
    Computed,
    Connection,
    ConnectionEntry,
    Details,
    Edges,
    Entry,
    ItemId,
    Items,
    Level,
    Object,
    Place,
    PlacedEdges,
    PlacedEntry,
    Properties,
    Records,
    Recounted,
    Telling,
    Timeline,
    TypeName,
    Unplannable,
    Value,
    WorkedOut,
)
from siyu.schema.plans.telling import presenter

__all__ = [
    "Arguments", "Below", "Child", "Computed", "Connection", "Details", "Edges", "Level", "Object", "Shaper", "TypeName", "Unplannable",
    "Value",
]  # fmt: skip


class Shaper:
    """Compiles the selections of one operation for one caller."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        operation: OperationDefinitionNode,
        variables: VariableValues,
        actor: Actor,
    ) -> None:
        self.schema = schema
        self.fragments = {name: FragmentDetails(definition, None) for name, definition in fragments.items()}
        self.operation = operation
        self.variables = variables
        self.actor = actor

    def roots(self) -> GroupedFieldSet:
        """The operation's root fields, merged."""
        root = cast(GraphQLObjectType, self.schema.get_root_type(self.operation.operation))
        return collect_fields(self.schema, self.fragments, self.variables, root, self.operation).grouped_field_set

    def arguments(self, type_: GraphQLObjectType, details: Details) -> Arguments:
        """The arguments of a field, constant where they can be."""
        found = Arguments(type_, details)
        found.settle()
        return found

    def fields(self, type_: GraphQLObjectType, details: Details) -> GroupedFieldSet:
        """The fields asked of a type, by response key, merged."""
        return collect_subfields(self.schema, self.fragments, self.variables, self.operation, type_, details).grouped_field_set

    def level(self, source: Source) -> Level:
        """An empty level, with what the house itself needs of each row."""
        if not self.actor.may(source.scope):
            raise Unplannable(f"{source.name} needs {source.scope}")
        found = Level(source)
        found.want("id")
        if source.subject is not None:
            found.want(source.subject)
        return found

    def connection(self, level: Level, type_: GraphQLObjectType, details: Details, path: Path) -> tuple[Connection, bool]:
        """The layout of a page, and whether its count is asked."""
        row = self._type(level.source.name)
        entries: list[tuple[str, ConnectionEntry]] = []
        for key, found in self.fields(type_, details).items():
            name = found[0].node.name.value
            if name == "nodes":
                entries.append((key, self.row(level, row, found, (*path, key), (key,))))
            elif name == "edges":
                entries.append((key, self._edges(level, row, type_, found, (*path, key), key)))
            elif name == "pageInfo":
                info = cast(GraphQLObjectType, get_named_type(type_.fields[name].type))
                entries.append((key, tuple(self._facts(info, found))))
            else:
                entries.append((key, TypeName(type_.name) if name == "__typename" else name))
        return Connection(tuple(entries)), any(entry == "totalCount" for _, entry in entries)

    def _facts(self, type_: GraphQLObjectType, details: Details) -> list[tuple[str, str | TypeName]]:
        facts = ((key, found[0].node.name.value) for key, found in self.fields(type_, details).items())
        return [(key, TypeName(type_.name) if name == "__typename" else name) for key, name in facts]

    def _edges(self, level: Level, row: GraphQLObjectType, parent: GraphQLObjectType, details: Details, path: Path, key: str) -> Edges:
        type_ = cast(GraphQLObjectType, get_named_type(parent.fields["edges"].type))
        entries: list[tuple[str, Object | str]] = []
        for edge_key, found in self.fields(type_, details).items():
            name = found[0].node.name.value
            if name == "node":
                entries.append((edge_key, self.row(level, row, found, (*path, edge_key), (key, edge_key))))
            else:
                entries.append((edge_key, Object((("", TypeName(type_.name)),)) if name == "__typename" else name))
        return Edges(tuple(entries))

    def row(self, level: Level, type_: GraphQLObjectType, details: Details, path: Path, prefix: Path = ()) -> Object:
        """The layout of a row; what it needs is added to the level. `prefix` leads from the row's page to this place."""
        names, entries = BOUND[type_.name].names, []
        for key, found in self.fields(type_, details).items():
            name = found[0].node.name.value
            if name == "__typename":
                entries.append((key, cast(Entry, TypeName(type_.name))))
                continue
            item = level.source.readable.get(names.get(name, ""))
            at = (*path, key)
            if isinstance(item, Column):
                value, returned = self._value(level, item, at), get_named_type(type_.fields[name].type)
                records = isinstance(returned, GraphQLObjectType) and value.column is not None
                entries.append((key, self._records(value, cast(GraphQLObjectType, returned), found) if records else value))
            elif isinstance(item, Derived):
                entries.append((key, self._computed(level, item, at)))
            elif isinstance(item, Part):
                part_type = cast(GraphQLObjectType, get_named_type(type_.fields[name].type))
                entries.append((key, self._part(level, item, part_type, found, at)))
            elif isinstance(item, One | Many):
                entries.append((key, self._relation(level, item, type_, found, at)))
            elif isinstance(item, Happened):
                entries.append((key, self._timeline(level, type_, found, at)))
            elif isinstance(item, Told):
                entries.append((key, self._told(level, item, type_, found, at)))
            else:
                raise Unplannable(f"{type_.name}.{name} has a resolver of its own")
        return Object(tuple(entries))

    def _records(self, value: Value, type_: GraphQLObjectType, details: Details) -> Records:
        fields = ((key, found[0].node.name.value) for key, found in self.fields(type_, details).items())
        return Records(value, tuple((key, TypeName(type_.name) if name == "__typename" else name) for key, name in fields))

    def _value(self, level: Level, column: Column, path: Path | None) -> Value:
        if not self.actor.may(column.scope):
            if not column.nullable and path is not None:
                raise Unplannable(f"{level.source.name}.{column.name} is denied and can't be null")
            if path is not None:
                level.denials.append(Denial(path, Reason.SCOPE_REQUIRED, column.scope))
            return Value(None)
        level.want(column.name)
        if column.about is not None and level.source.subject is not None:
            level.personal[column.name] = column
        return Value(column)

    def _part(self, level: Level, part: Part, type_: GraphQLObjectType, details: Details, path: Path) -> Object:
        by_name = {_camel(name): leaf for name, leaf in (*part.fields.items(), *part.lists.items())}
        entries: list[tuple[str, Entry]] = []
        for key, found in self.fields(type_, details).items():
            name = found[0].node.name.value
            leaf = by_name.get(name)
            if isinstance(leaf, Many):
                entries.append((key, self._relation(level, leaf, type_, found, (*path, key))))
            elif leaf is None:
                entries.append((key, TypeName(type_.name)))
            elif isinstance(leaf, Part):
                below = cast(GraphQLObjectType, get_named_type(type_.fields[name].type))
                entries.append((key, self._part(level, leaf, below, found, (*path, key))))
            else:
                shown = level.source.value(leaf)
                made = self._computed(level, shown, (*path, key)) if isinstance(shown, Derived) else self._value(level, shown, (*path, key))
                entries.append((key, made))
        null_with = None
        if part.null_with is not None:
            null_with = self._value(level, level.source.columns[part.null_with], None).column
            if null_with is None:
                raise Unplannable(f"{part.name} is denied as a whole")
        return Object(tuple(entries), null_with)

    def _relation(self, level: Level, item: One | Many, type_: GraphQLObjectType, details: Details, path: Path) -> Below:
        declared = type_.fields[details[0].node.name.value]
        returned = cast(GraphQLObjectType, get_named_type(declared.type))
        below = self.level(source_of(item.target))
        paged = returned.name.endswith("Connection")
        layout: Object | Connection
        counted = False
        if paged:
            layout, counted = self.connection(below, returned, details, path)
        else:
            layout = self.row(below, returned, details, path)
        if isinstance(item, One):
            level.want(item.via)
            below.want(item.by)
        else:
            below.want(below.source.orders[item.sort].column)
        own = isinstance(item, Many) and not isinstance(item, Across)
        same_person = own and item.by == below.source.subject and level.source.subject == "id"
        level.children.append(Child(item, below, layout, paged, counted, self.arguments(type_, details), path, same_person))
        return Below(len(level.children) - 1, isinstance(item, Many), not is_non_null_type(declared.type))

    def _told(self, level: Level, item: Told, type_: GraphQLObjectType, details: Details, path: Path) -> Value | WorkedOut:
        if not self.actor.may(item.scope):
            if not item.nullable:
                raise Unplannable(f"{level.source.name}.{item.name} is denied and can't be null")
            level.denials.append(Denial(path, Reason.SCOPE_REQUIRED, item.scope))
            return Value(None)
        returned = type_.fields[details[0].node.name.value].type
        level.told.append(Telling(item, self.arguments(type_, details), presenter(returned, details, self.fields), path))
        return WorkedOut(len(level.told) - 1)

    def _timeline(self, level: Level, type_: GraphQLObjectType, details: Details, path: Path) -> Recounted:
        """A relation for each kind that this caller may see, and the layout of the page that they are merged into."""
        returned = cast(GraphQLObjectType, get_named_type(type_.fields[details[0].node.name.value].type))
        places: list[tuple[Details, Path]] = []
        entries = tuple(self._places(returned, details, path, places))
        cursors = any(
            (isinstance(each, PlacedEdges) and any(name == "cursor" for _, name in each.entries))
            or (isinstance(each, tuple) and any(name in ("startCursor", "endCursor") for _, name in each))
            for _, each in entries
        )
        arguments = self.arguments(type_, details)
        told = Timeline(entries, arguments)
        for moment in moments(None):
            if not self.actor.may(moment.source.scope):
                told.denied[moment.kind] = Denial(path, Reason.SCOPE_REQUIRED, moment.source.scope)
                continue
            below, relation = self.level(moment.source), moment.relation
            below.want(moment.at)
            items = Items(tuple(self._item(below, moment, found, at) for found, at in places), cursors)
            told.kinds.append(len(level.children))
            same_person = relation.by == below.source.subject and level.source.subject == "id"
            level.children.append(Child(relation, below, items, True, False, arguments, path, same_person, told))
        level.timelines.append(told)
        return Recounted(len(level.timelines) - 1)

    def _places(
        self, type_: GraphQLObjectType, details: Details, path: Path, places: list[tuple[Details, Path]]
    ) -> Iterator[tuple[str, PlacedEntry]]:
        """The layout of a timeline's page; what is asked at each place that shows items is added to `places`."""

        def place(found: Details, at: Path) -> Place:
            places.append((found, at))
            return Place(len(places) - 1)

        for key, found in self.fields(type_, details).items():
            name = found[0].node.name.value
            if name == "nodes":
                yield key, place(found, (*path, key))
            elif name == "edges":
                edge = cast(GraphQLObjectType, get_named_type(type_.fields[name].type))
                shown: list[tuple[str, Place | TypeName | str]] = []
                for inner, each in self.fields(edge, found).items():
                    what = each[0].node.name.value
                    if what == "node":
                        shown.append((inner, place(each, (*path, key, inner))))
                    else:
                        shown.append((inner, TypeName(edge.name) if what == "__typename" else what))
                yield key, PlacedEdges(tuple(shown))
            elif name == "pageInfo":
                yield key, tuple(self._facts(cast(GraphQLObjectType, get_named_type(type_.fields[name].type)), found))
            else:
                yield key, TypeName(type_.name)

    def _item(self, level: Level, moment: Moment, details: Details, path: Path) -> Object:
        """The layout of one item of a timeline."""
        type_, source, entries = self._type("TimelineItem"), moment.source, []
        for key, found in self.fields(type_, details).items():
            name, at = found[0].node.name.value, (*path, key)
            noun = node_type(self.schema, source)
            entry: Entry
            if name == "id":
                entry = ItemId(f"{type_.name}:{moment.kind}")
            elif name == "title" and callable(moment.title):
                entry = self._computed(level, Derived(name, Kind.TEXT, moment.titled_by, moment.title))
            elif name == "occurredAt":
                entry = self._value(level, source.columns[moment.at], at)
            elif name == "properties":
                entry = self._properties(level, moment, at)
            elif name == "subject":
                entry = self.row(level, noun, found, at) if noun else Value(None)
            else:
                entry = TypeName({"kind": str(moment.kind), "title": str(moment.title)}.get(name, type_.name))
            entries.append((key, entry))
        return Object(tuple(entries))

    def _properties(self, level: Level, moment: Moment, path: Path) -> Properties:
        entries: list[tuple[str, Value | Computed]] = []
        shown = moment.shown(self.actor)
        for name in moment.properties:
            item = moment.property(name)
            if isinstance(item, Derived):
                entries.append((name, self._computed(level, item, (*path, name))))
            elif name in shown:
                entries.append((name, self._value(level, item, (*path, name))))
            else:
                level.denials.append(Denial((*path, name), Reason.SCOPE_REQUIRED, item.scope))
        return Properties(tuple(entries))

    def _computed(self, level: Level, item: Derived, path: Path | None = None) -> Computed:
        needs = ((level.source.columns[need], path if need in item.tells else None) for need in item.needs)
        return Computed(item, tuple(self._value(level, column, at).column for column, at in needs))

    def _type(self, name: str) -> GraphQLObjectType:
        return cast(GraphQLObjectType, self.schema.type_map[name])


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)
