"""What arguments mean, said once for all the fields that take them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from graphql import GraphQLArgument, GraphQLInputObjectType, GraphQLSchema, Undefined, get_named_type, is_interface_type, is_object_type

#: By the argument's name. One that means something else at some field says so itself, with `strawberry.argument`.
MEANINGS: Final = {
    "id": "Global id, as an answer gave it.",
    "ids": "Global ids, as answers gave them.",
    "first": "How many, from the beginning or after the cursor: 0 to 250; 50 when left out.",
    "after": "The cursor after which the page begins: `pageInfo.endCursor` of the page before.",
    "last": "How many, from the end or before the cursor: 0 to 250. Not together with `first`.",
    "before": "The cursor before which the page ends: `pageInfo.startCursor` of the page after.",
    "sort": "The order; keep it while paging.",
    "identity": "A value that they are known by, in whatever spelling. Instead of `id`.",
    "kinds": "Only what is of these kinds; of all kinds when left out.",
    "externalId": "The number in your own system. Instead of `id`.",
    "sku": "The article's number. Instead of `id`.",
    "search": "Words that begin words of title or number, in any case; in Chinese, Japanese and Korean any part of them.",
    "status": "Only in these states; all when left out.",
    "state": "Only in this state; in any when left out.",
    "channel": "Only placed at these; all when left out.",
    "keys": "Only these keys; all when left out.",
    "name": "The name, as it is spelled. Instead of `id`.",
    "group": "Only of the group of this name; of all, and of none, when left out.",
    "names": "Only these names; all when left out.",
    "since": "The first moment that is in.",
    "until": "The first moment that is out.",
    "asOf": "As it was at this moment; as it is now when left out.",
}
#: Arguments whose type says it.
_BY_TYPE: Final = frozenset({"input", "filter"})


def describe(schema: GraphQLSchema) -> None:
    """Give every argument its description, and print no default of null: it says nothing."""
    for name, argument in _arguments(schema):
        if argument.description is None:
            argument.description = get_named_type(argument.type).description if name in _BY_TYPE else MEANINGS.get(name)
        if argument.default_value is None:
            argument.default_value = Undefined


def tell_one_of(schema: GraphQLSchema) -> None:
    """Have the engine itself hold input types to exactly one member, where they say so: its errors name the place in the variables,
    Strawberry's don't."""
    for type_ in schema.type_map.values():
        taken = type_.extensions.get("strawberry-definition")
        if isinstance(type_, GraphQLInputObjectType) and getattr(taken, "is_one_of", False):
            type_.is_one_of = True
            type_.out_type = GraphQLInputObjectType.out_type  # type: ignore[method-assign]  # the engine's own, that changes nothing


def _arguments(schema: GraphQLSchema) -> Iterator[tuple[str, GraphQLArgument]]:
    for type_ in schema.type_map.values():
        if not type_.name.startswith("__") and (is_object_type(type_) or is_interface_type(type_)):
            for field in type_.fields.values():
                yield from field.args.items()
