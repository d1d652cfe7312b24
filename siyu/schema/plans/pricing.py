"""From an operation to what each of its fields is charged: page sizes from arguments, ceilings from what the nouns' sources declare."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    IntValueNode,
    ListValueNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)
from graphql.language import InlineFragmentNode

from siyu.domain.kernel.paging import PAGE_MAX
from siyu.domain.kernel.reading import Many, Told, moments
from siyu.schema.binding import BOUND, LISTS
from siyu.schema.documents import Document, Operation
from siyu.schema.plans.charges import COUNT, MUTATION, Charge, Given, Length, Path, Size


class Pricing:
    """Prices one operation. `decided` says what the variables of @skip and @include are told."""

    def __init__(self, schema: GraphQLSchema, document: Document, decided: Given) -> None:
        self.schema = schema
        self.fragments = {each.name.value: each for each in document.ast.definitions if isinstance(each, FragmentDefinitionNode)}
        self.decided = decided

    def operation(self, operation: Operation) -> Iterator[Charge]:
        """The charges of the root fields."""
        root = self.schema.query_type if operation.kind == "query" else self.schema.mutation_type
        assert root is not None, "a valid operation has a root"
        for key, nodes in self._fields(root, [operation.node.selection_set]).items():
            below = tuple(self._field(root, nodes, (key,)))
            if operation.kind == "query":
                yield from below
            else:
                yield Charge((key,), 1, own=0, fixed=MUTATION, below=(below,))

    def _fields(self, type_: GraphQLObjectType, selections: Sequence[SelectionSetNode]) -> dict[str, list[FieldNode]]:
        """The fields asked of a type, by response key, as execution collects them."""
        found: dict[str, list[FieldNode]] = {}
        spread: set[str] = set()
        waiting = [each for selection in reversed(selections) for each in reversed(selection.selections)]
        while waiting:
            node = waiting.pop()
            if not self._included(node):
                continue
            if isinstance(node, FieldNode):
                if not node.name.value.startswith("__"):
                    found.setdefault(node.alias.value if node.alias else node.name.value, []).append(node)
                continue
            inner: InlineFragmentNode | FragmentDefinitionNode
            if isinstance(node, FragmentSpreadNode):
                if node.name.value in spread:
                    continue
                spread.add(node.name.value)
                inner = self.fragments[node.name.value]
            else:
                inner = cast(InlineFragmentNode, node)
            if self._applies(inner, type_):
                waiting.extend(reversed(inner.selection_set.selections))
        return found

    def _included(self, node: SelectionNode) -> bool:
        for each in node.directives or ():
            value = each.arguments[0].value if each.arguments else None
            told = self.decided.get(value.name.value) if isinstance(value, VariableNode) else getattr(value, "value", None)
            if (each.name.value, told) in (("skip", True), ("include", False)):
                return False
        return True

    def _applies(self, inner: InlineFragmentNode | FragmentDefinitionNode, type_: GraphQLObjectType) -> bool:
        if inner.type_condition is None or inner.type_condition.name.value == type_.name:
            return True
        condition = self.schema.type_map[inner.type_condition.name.value]
        return is_abstract_type(condition) and self.schema.is_sub_type(condition, type_)

    def _field(self, parent: GraphQLObjectType, nodes: list[FieldNode], path: Path) -> Iterator[Charge]:
        name = nodes[0].name.value
        declared = parent.fields[name].type
        named = get_named_type(declared)
        told = _told(parent, name)
        if told is not None:
            yield Charge(path, told.most)
            return
        if is_leaf_type(named):
            return
        selections = [each.selection_set for each in nodes if each.selection_set]
        listed = is_list_type(declared.of_type if is_non_null_type(declared) else declared)
        if is_abstract_type(named):
            types = self.schema.get_possible_types(named)
            below = tuple(tuple(self._below(each, selections, path)) for each in types)
            yield Charge(path, _ids(nodes[0]) if listed else 1, below=below)
            return
        type_ = cast(GraphQLObjectType, named)
        if type_.name.endswith("Connection"):
            yield from self._page(parent, type_, nodes, selections, path)
        elif type_.name in BOUND:
            yield Charge(path, _most(parent, name) if listed else 1, below=(tuple(self._below(type_, selections, path)),))
        elif "first" in parent.fields[name].args:
            yield Charge(path, _size(nodes[0]), below=(tuple(self._below(type_, selections, path)),))
        else:  # a part of the object that has it, paid with it
            yield from self._below(type_, selections, path)

    def _below(self, type_: GraphQLObjectType, selections: Sequence[SelectionSetNode], path: Path) -> Iterator[Charge]:
        for key, nodes in self._fields(type_, selections).items():
            yield from self._field(type_, nodes, (*path, key))

    def _page(
        self, parent: GraphQLObjectType, type_: GraphQLObjectType, nodes: list[FieldNode], selections: list[SelectionSetNode], path: Path
    ) -> Iterator[Charge]:
        row = cast(GraphQLObjectType, get_named_type(type_.fields["nodes"].type))
        asked = self._fields(type_, selections)
        names = {found[0].name.value for found in asked.values()}
        below: list[Charge] = []
        for key, found in asked.items():
            inner = [each.selection_set for each in found if each.selection_set]
            if found[0].name.value == "nodes":
                below += self._below(row, inner, (*path, key))
            elif found[0].name.value == "edges":
                edge = cast(GraphQLObjectType, get_named_type(type_.fields["edges"].type))
                for edge_key, edges in self._fields(edge, inner).items():
                    of_node = [each.selection_set for each in edges if each.selection_set]
                    below += self._below(row, of_node, (*path, key, edge_key)) if of_node else ()
        # A nested list of which only the count is asked is counted without being read.
        read = parent is self.schema.query_type or names - {"totalCount"}
        # Of a timeline, a row of each kind is read for every item.
        own = _kinds(nodes[0]) if "kinds" in parent.fields[nodes[0].name.value].args else 1
        yield Charge(path, _size(nodes[0]) if read else 0, own, fixed=COUNT if "totalCount" in names else 0, below=(tuple(below),))


def _most(parent: GraphQLObjectType, name: str) -> int:
    """Objects of a list that has no pages."""
    bound = BOUND.get(parent.name)
    relation = bound.source.readable.get(bound.names.get(name, "")) if bound else LISTS.get((parent.name, name))
    return relation.most if isinstance(relation, Many) else PAGE_MAX


def _told(parent: GraphQLObjectType, name: str) -> Told | None:
    """What the noun works out itself; whatever is asked of it, it is worked out whole."""
    bound = BOUND.get(parent.name)
    item = bound.source.readable.get(bound.names.get(name, "")) if bound else None
    return item if isinstance(item, Told) else None


def _size(node: FieldNode) -> Size:
    values = [each.value for each in node.arguments or () if each.name.value in ("first", "last")]
    return Size(
        tuple(int(each.value[:9]) for each in values if isinstance(each, IntValueNode)),
        tuple(each.name.value for each in values if isinstance(each, VariableNode)),
    )


def _kinds(node: FieldNode) -> int:
    """How many kinds of a timeline are read, at the most where a variable says it."""
    value = next((each.value for each in node.arguments or () if each.name.value == "kinds"), None)
    every = len(moments(None))
    return min(len(value.values), every) if isinstance(value, ListValueNode) else every


def _ids(node: FieldNode) -> int | Length:
    value = next((each.value for each in node.arguments or () if each.name.value == "ids"), None)
    if isinstance(value, VariableNode):
        return Length(value.name.value)
    return len(value.values) if isinstance(value, ListValueNode) else 1
