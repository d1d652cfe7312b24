"""What a document may cost before it is looked at more closely. The rules are made once, so that validation can be cached."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from graphql import (
    ArgumentNode,
    ASTValidationRule,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    IntValueNode,
    Node,
    OperationDefinitionNode,
    SelectionSetNode,
    recommended_rules,
    specified_rules,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule

_PAGE_ARGUMENTS = frozenset({"first", "last"})
_TOO_COMPLEX = {"code": "TOO_COMPLEX"}


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one document may hold. Introspection counts no depth: its own rule bounds it."""

    depth: int = 12
    aliases: int = 15
    directives: int = 50
    page: int = 250


def rules(limits: Limits) -> tuple[type[ASTValidationRule], ...]:
    """Every rule of a document: our limits first, for they are cheap; then GraphQL's and Strawberry's own."""

    class LimitsRule(ASTValidationRule):
        def enter_document(self, node: DocumentNode, *_: object) -> None:
            for problem in _problems(node, limits):
                self.report_error(problem)

    return (LimitsRule, *specified_rules, *recommended_rules, MaybeNullValidationRule)


def _problems(document: DocumentNode, limits: Limits) -> Iterator[GraphQLError]:
    aliases = directives = 0
    for node in _walk(document):
        if isinstance(node, FieldNode) and node.alias is not None:
            aliases += 1
        elif isinstance(node, DirectiveNode):
            directives += 1
        elif isinstance(node, ArgumentNode) and node.name.value in _PAGE_ARGUMENTS and isinstance(node.value, IntValueNode):
            digits = node.value.value
            if len(digits) > 9 or int(digits) > limits.page:
                yield _refused(f"A page holds at most {limits.page} items: ask for less and follow the cursor.", node)
    if aliases > limits.aliases:
        yield _refused(f"The document has {aliases} aliases; {limits.aliases} are allowed.", document)
    if directives > limits.directives:
        yield _refused(f"The document has {directives} directives; {limits.directives} are allowed.", document)
    yield from _too_deep(document, limits.depth)


def _refused(message: str, node: Node) -> GraphQLError:
    return GraphQLError(message, None if isinstance(node, DocumentNode) else node, extensions=_TOO_COMPLEX)


def _walk(document: DocumentNode) -> Iterator[Node]:
    waiting: list[Node] = [document]
    while waiting:
        node = waiting.pop()
        yield node
        for key in node.keys:
            child = getattr(node, key, None)
            if isinstance(child, Node):
                waiting.append(child)
            elif isinstance(child, list | tuple):
                waiting.extend(each for each in child if isinstance(each, Node))


def _too_deep(document: DocumentNode, depth_max: int) -> Iterator[GraphQLError]:
    """One error an operation whose selections nest too deep, fragments followed. Linear: each fragment is measured once."""
    fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
    measured: dict[str, int] = {}
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            depth = _depth(definition.selection_set, fragments, measured, frozenset())
            if depth > depth_max:
                yield _refused(f"The operation nests {depth} levels deep; {depth_max} are allowed.", definition)


def _depth(
    selection: SelectionSetNode, fragments: dict[str, FragmentDefinitionNode], measured: dict[str, int], inside: frozenset[str]
) -> int:
    deepest = 0
    for node in selection.selections:
        if isinstance(node, FragmentSpreadNode):
            name = node.name.value
            if name in inside or name not in fragments:
                continue
            if name not in measured:
                measured[name] = _depth(fragments[name].selection_set, fragments, measured, inside | {name})
            deepest = max(deepest, measured[name])
        elif isinstance(node, FieldNode):
            if not node.name.value.startswith("__"):
                below = _depth(node.selection_set, fragments, measured, inside) if node.selection_set else 0
                deepest = max(deepest, 1 + below)
        else:
            nested = getattr(node, "selection_set", None)
            assert isinstance(nested, SelectionSetNode)
            deepest = max(deepest, _depth(nested, fragments, measured, inside))
    return deepest
