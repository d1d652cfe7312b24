"""Parsing and validating once a document, not once a request: a bounded cache that planned reads and execution share."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

from graphql import (
    ASTValidationRule,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    parse,
    validate,
)
from graphql.language import InlineFragmentNode


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a document: what it is, and the fields it asks of the root, fragments followed."""

    node: OperationDefinitionNode
    kind: str
    roots: frozenset[str]
    #: The variables that decide what is included at all, through @skip and @include.
    deciding: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A document that was parsed; `errors` is empty when it is valid."""

    hash: str
    ast: DocumentNode
    operations: Mapping[str, Operation]
    errors: tuple[GraphQLError, ...] = ()

    def operation(self, name: str | None) -> Operation:
        """The operation of this name, or the only one; raises `GraphQLError` when there is none such, or several to choose from."""
        if name:
            if name not in self.operations:
                raise GraphQLError(f"Unknown operation named '{name}'.")
            return self.operations[name]
        if len(self.operations) != 1:
            raise GraphQLError("Must provide operation name if query contains multiple operations." if self.operations else "No operation.")
        return next(iter(self.operations.values()))


@dataclass(slots=True)
class Counters:
    """What the cache did since the process started."""

    hits: int = 0
    misses: int = 0
    evictions: int = 0
    invalid: int = 0


@dataclass(slots=True)
class Documents:
    """Valid documents by their text, the least recently used dropped first.

    Bounded twice: in entries and in characters of text, since memory follows the text. Documents that don't
    parse or aren't valid are never kept, nor are strangers', so that a flood of them evicts nothing.
    """

    schema: GraphQLSchema
    rules: Sequence[type[ASTValidationRule]]
    tokens_max: int
    entries_max: int = 1_000
    characters_max: int = 1024**2
    counters: Counters = field(default_factory=Counters)
    _kept: OrderedDict[str, Document] = field(default_factory=OrderedDict)
    _characters: int = 0

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, text: str) -> Document:
        """The document of this text, for somebody who is signed in. Raises `GraphQLError` when it doesn't parse."""
        known = self._kept.get(text)
        if known is not None:
            self._kept.move_to_end(text)
            self.counters.hits += 1
            return known
        document = self.validated(self.parsed(text), suggest=True)
        if not document.errors:
            self._keep(text, document)
        return document

    def parsed(self, text: str) -> Document:
        """The document, neither validated nor kept: for deciding whether a stranger may ask it at all."""
        ast = parse(text, max_lexical_tokens=self.tokens_max, max_comments=self.tokens_max)
        return Document(sha256(text.encode()).hexdigest(), ast, _operations(ast))

    def validated(self, document: Document, *, suggest: bool) -> Document:
        """The document with its errors; `suggest` says whether they may hint at names that exist."""
        self.counters.misses += 1
        errors = validate(self.schema, document.ast, self.rules, max_errors=20, hide_suggestions=not suggest)
        if not errors:
            return document
        self.counters.invalid += 1
        return replace(document, errors=tuple(errors))

    def _keep(self, text: str, document: Document) -> None:
        if len(text) * 4 > self.characters_max:
            return
        self._kept[text] = document
        self._characters += len(text)
        while len(self._kept) > self.entries_max or self._characters > self.characters_max:
            dropped, _ = self._kept.popitem(last=False)
            self._characters -= len(dropped)
            self.counters.evictions += 1


def _operations(ast: DocumentNode) -> dict[str, Operation]:
    fragments = {each.name.value: each for each in ast.definitions if isinstance(each, FragmentDefinitionNode)}
    return {
        each.name.value if each.name else "": Operation(
            each, each.operation.value, _roots(each.selection_set, fragments), _deciding([each, *fragments.values()])
        )
        for each in ast.definitions
        if isinstance(each, OperationDefinitionNode)
    }


def _roots(selection: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]) -> frozenset[str]:
    found: set[str] = set()
    seen: set[str] = set()
    waiting = [selection]
    while waiting:
        for each in waiting.pop().selections:
            if isinstance(each, FieldNode):
                found.add(each.name.value)
            elif isinstance(each, InlineFragmentNode):
                waiting.append(each.selection_set)
            elif isinstance(each, FragmentSpreadNode) and each.name.value in fragments and each.name.value not in seen:
                seen.add(each.name.value)
                waiting.append(fragments[each.name.value].selection_set)
    return frozenset(found)


def _deciding(definitions: Sequence[OperationDefinitionNode | FragmentDefinitionNode]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    waiting: list[SelectionNode] = [each for definition in definitions for each in definition.selection_set.selections]
    while waiting:
        each = waiting.pop()
        for directive in each.directives or ():
            given = (argument.value for argument in directive.arguments or ())
            found.update((value.name.value, None) for value in given if isinstance(value, VariableNode))
        below = getattr(each, "selection_set", None)
        waiting.extend(below.selections if below else ())
    return tuple(found)
