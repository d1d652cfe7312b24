"""From a selection in a document to what is asked of the domain, as graphql-core itself would collect its fields."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLResolveInfo, get_argument_values, get_named_type
from graphql.execution.collect_fields import FieldDetails, FragmentDetails, GroupedFieldSet, collect_subfields
from graphql.execution.values import VariableValues

from siyu.domain.kernel.paging import Slice
from siyu.domain.kernel.reading import (
    Ask,
    Column,
    Derived,
    Many,
    Moment,
    Nested,
    One,
    Part,
    Path,
    Recounted,
    Source,
    Telling,
    Timeline,
    Told,
    below,
    moments,
)
from siyu.schema.binding import BOUND, node_type
from siyu.schema.context import Context
from siyu.schema.given import given

Details = list[FieldDetails]


class Selection:
    """The selections below one field of a running operation."""

    def __init__(self, info: GraphQLResolveInfo[Context]) -> None:
        self.info = info
        # Strawberry hands resolvers the coerced values alone; graphql-core's own functions want them in their wrapping.
        self.variables = VariableValues({}, cast(dict[str, Any], info.variable_values))
        self.fragments = {name: FragmentDetails(definition, None) for name, definition in info.fragments.items()}
        self.root: Details = [FieldDetails(node, None) for node in info.field_nodes]

    def fields(self, type_: GraphQLObjectType, details: Details) -> GroupedFieldSet:
        """The fields asked of a type, by response key, merged."""
        info = self.info
        return collect_subfields(info.schema, self.fragments, self.variables, info.operation, type_, details).grouped_field_set

    def ask(self, source: Source) -> Ask:
        """What is asked of the one row that the field gives."""
        ask = Ask(source)
        self._fill(ask, self._type(source.name), self.root, ())
        return ask

    def ask_page(self, source: Source) -> tuple[Ask, bool]:
        """What is asked of the rows of the connection that the field gives, and whether the count of all is asked."""
        ask = Ask(source)
        counted = self._fill_page(ask, cast(GraphQLObjectType, get_named_type(self.info.return_type)), self.root)
        return ask, counted

    def _type(self, name: str) -> GraphQLObjectType:
        return cast(GraphQLObjectType, self.info.schema.type_map[name])

    def _fill_page(self, ask: Ask, type_: GraphQLObjectType, details: Details) -> bool:
        row_type = self._type(ask.source.name)
        for path, found in self._places(type_, details):
            self._fill(ask, row_type, found, path)
        return any(found[0].node.name.value == "totalCount" for found in self.fields(type_, details).values())

    def _places(self, type_: GraphQLObjectType, details: Details) -> Iterator[tuple[Path, Details]]:
        """Where a page shows its rows, and what is asked of them there."""
        for key, found in self.fields(type_, details).items():
            name = found[0].node.name.value
            if name == "nodes":
                yield (key,), found
            elif name == "edges":
                edge_type = cast(GraphQLObjectType, get_named_type(type_.fields["edges"].type))
                for edge_key, edge_found in self.fields(edge_type, found).items():
                    if edge_found[0].node.name.value == "node":
                        yield (key, edge_key), edge_found

    def _fill(self, ask: Ask, type_: GraphQLObjectType, details: Details, prefix: Path) -> None:
        names = BOUND[type_.name].names
        for key, found in self.fields(type_, details).items():
            item = ask.source.readable.get(names.get(found[0].node.name.value, ""))
            path = (*prefix, key)
            if isinstance(item, Column | Derived):
                ask.want(item.name, path)
            elif isinstance(item, Part):
                self._fill_part(ask, item, item, (), type_, found, path)
            elif isinstance(item, One | Many):
                self._nest(ask, item, type_, key, found, prefix)
            elif isinstance(item, Timeline):
                self._recount(ask, item, type_, key, found, prefix)
            elif isinstance(item, Told):
                coerced = get_argument_values(type_.fields[found[0].node.name.value], found[0].node, self.variables)
                ask.told.append(Telling(key, item, given(item, coerced), prefix))

    def _fill_part(
        self, ask: Ask, top: Part, part: Part, steps: tuple[str, ...], parent: GraphQLObjectType, details: Details, path: Path
    ) -> None:
        type_ = cast(GraphQLObjectType, get_named_type(parent.fields[details[0].node.name.value].type))
        by_name = {_camel(name): name for name in part.fields}
        lists = {_camel(name): each for name, each in part.lists.items()}
        for key, found in self.fields(type_, details).items():
            if (relation := lists.get(found[0].node.name.value)) is not None:
                self._nest(ask, relation, type_, key, found, path)
            name = by_name.get(found[0].node.name.value)
            if name is None:
                continue
            leaf = part.fields[name]
            if isinstance(leaf, Part):
                self._fill_part(ask, top, leaf, (*steps, name), type_, found, (*path, key))
            else:
                ask.want_part(top, steps, name, (*path, key))
        ask.want_whole(top, part, steps)

    def _nest(self, ask: Ask, item: One | Many, type_: GraphQLObjectType, key: str, details: Details, prefix: Path) -> None:
        field = type_.fields[details[0].node.name.value]
        coerced = get_argument_values(field, details[0].node, self.variables)
        nested = Nested(key, item, below(item), prefix=prefix)
        returned = get_named_type(field.type)
        if isinstance(returned, GraphQLObjectType) and returned.name.endswith("Connection"):
            nested.paged = True
            nested.slice = Slice(first=coerced.get("first"), after=coerced.get("after"))
            nested.count = self._fill_page(nested.ask, returned, details)
        else:
            assert not isinstance(returned, GraphQLInterfaceType), "a relation to any node has no plan"
            self._fill(nested.ask, self._type(item.target), details, ())
        if isinstance(item, Many):
            nested.arguments = given(item, coerced)
        ask.nest(nested)

    def _recount(self, ask: Ask, item: Timeline, type_: GraphQLObjectType, key: str, details: Details, prefix: Path) -> None:
        field = type_.fields[details[0].node.name.value]
        coerced = get_argument_values(field, details[0].node, self.variables)
        told = Recounted(key, item, Slice(first=coerced.get("first"), after=coerced.get("after")), prefix=prefix)
        places = list(self._places(cast(GraphQLObjectType, get_named_type(field.type)), details))
        for moment in moments(coerced.get("kinds")):
            nested = Nested(f"{key}.{moment.kind}", moment.relation, Ask(moment.source), told.slice, paged=True, prefix=prefix)
            for path, found in places:
                self._fill_moment(nested.ask, moment, found, path)
            told.kinds.append(nested)
        ask.timelines.append(told)

    def _fill_moment(self, ask: Ask, moment: Moment, details: Details, prefix: Path) -> None:
        for key, found in self.fields(self._type("TimelineItem"), details).items():
            name, path = found[0].node.name.value, (*prefix, key)
            if name == "occurredAt":
                ask.want(moment.at, path)
            elif name == "title":
                for column in moment.titled_by:
                    ask.want(column, path)
            elif name == "properties":
                for shown, column in moment.properties.items():
                    ask.want(column, (*path, shown))
            elif name == "subject":
                noun = node_type(self.info.schema, moment.source)
                if noun is not None:
                    self._fill(ask, noun, found, path)


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)
