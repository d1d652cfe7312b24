"""What the statements of one operation tell: denied columns named, and how many statements were sent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    InlineFragmentNode,
    SelectionSetNode,
    get_named_type,
)

from siyu.domain.kernel.reading import MOMENTS, SOURCES, Many, One, Source, Timeline, Told
from siyu.privacy.actor import Actor
from siyu.privacy.sealed import BlindIndexField
from siyu.schema.binding import BOUND
from siyu.schema.documents import Document
from tests.schema.conftest import schema

#: Statements by which a noun may work out a value for a whole page.
OF_A_TOLD = 4


def named(actor: Actor, statements: Sequence[str], *, open_to_all: Sequence[str] = ()) -> list[str]:
    """What the statements name that this caller may not see: tables but those of `open_to_all`, columns, expressions, blind indexes."""
    found = {(word, sql) for sql in statements for word, pattern in _closed(actor, sql) if re.search(pattern, sql)}
    return sorted(f"{word} in {sql}" for word, sql in found if word not in open_to_all)


def _closed(actor: Actor, sql: str) -> Iterator[tuple[str, str]]:
    for source in SOURCES.values():
        if not re.search(rf'(from|join) "?{source.table}"?\b', sql, re.IGNORECASE):
            continue
        # A customer's points are read from the customer's row: whoever may read one may name the table, but no expression of the other.
        if not any(actor.may(each.scope) for each in SOURCES.values() if each.table == source.table):
            yield source.name, ""
        for column in source.columns.values():
            if not actor.may(column.scope) or not (column.stored or actor.may(source.scope)):
                stored = [column.stored] if column.stored else []
                for name in (*stored, *_indexes(source, column.name)):
                    yield f"{source.name}.{name}", rf'(\bt\.|"){name}\b'
                yield f"{source.name}.{column.name}", re.escape(column.sql.format(t="t")) + r"(?!\w)"


def _indexes(source: Source, name: str) -> list[str]:
    if source.name == "Identity":  # looked up by the scope of their kind, not by the scope to read them all
        return []
    fields = source.model._meta.fields_map
    return [key for key, each in fields.items() if isinstance(each, BlindIndexField) and each.of == name]


def about_nouns(statements: Sequence[str]) -> list[str]:
    """The statements that read rows of nouns, and none of keys, purposes or the audit trail."""
    tables = "|".join(sorted({source.table for source in SOURCES.values()}))
    return [sql for sql in statements if re.search(rf'from "?({tables})"?\b', sql, re.IGNORECASE)]


def budget(document: Document, text: str) -> int:
    """The most statements about nouns that the only operation of a document may send, whatever its pages hold."""
    operation = document.operation(None)
    fragments = {each.name.value: each for each in document.ast.definitions if isinstance(each, FragmentDefinitionNode)}
    query = schema()._schema.query_type
    assert query is not None
    # A condition on a name opens its candidates beforehand; an identity is looked up, and whether the purpose reaches whose it is;
    # an order's number is looked up, and a segment's code.
    also = text.count("name") + 2 * text.count("identity") + text.count("externalId:") + text.count("code")
    return _cost(operation.node.selection_set, query.name, fragments) + also


def _cost(selection: SelectionSetNode, type_name: str, fragments: dict[str, FragmentDefinitionNode]) -> int:
    type_ = schema()._schema.type_map[type_name]
    cost = 0
    for node in selection.selections:
        if isinstance(node, FieldNode):
            name = node.name.value
            cost += _reads(type_name, name)
            if node.selection_set and not name.startswith("__"):
                assert isinstance(type_, GraphQLObjectType)
                cost += _cost(node.selection_set, get_named_type(type_.fields[name].type).name, fragments)
        elif isinstance(node, FragmentSpreadNode):
            found = fragments[node.name.value]
            cost += _cost(found.selection_set, found.type_condition.name.value, fragments)
        elif isinstance(node, InlineFragmentNode):
            cost += _cost(node.selection_set, node.type_condition.name.value if node.type_condition else type_name, fragments)
    return cost


def _reads(type_name: str, name: str) -> int:
    """The statements of one field: of a root one for its page or, for nodes, for each noun; of a relation and of a count one."""
    if type_name == "Query":
        return 9 if name == "nodes" else 1
    bound = BOUND.get(type_name)
    if bound is not None and isinstance(bound.source.readable.get(bound.names.get(name, "")), Timeline):
        return len(MOMENTS)
    related = bound is not None and isinstance(bound.source.readable.get(bound.names.get(name, "")), One | Many)
    if bound is not None and isinstance(bound.source.readable.get(bound.names.get(name, "")), Told):
        return OF_A_TOLD
    return int(related or name == "totalCount")
