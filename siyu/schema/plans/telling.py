"""Values that nouns work out themselves, shown as the engine would complete them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol, cast

from graphql import GraphQLError, GraphQLLeafType, GraphQLObjectType, GraphQLOutputType, is_leaf_type, is_list_type, is_non_null_type
from graphql.execution.collect_fields import GroupedFieldSet
from strawberry.types.field import StrawberryField

from siyu.schema.binding import BOUND
from siyu.schema.plans.layout import Details, Unplannable

#: From the noun's value to the answer's; raises `Unplannable` for one of which the engine would make an error.
Present = Callable[[object], object]


class Fields(Protocol):
    """What collects the fields that are asked of a type."""

    def __call__(self, type_: GraphQLObjectType, details: Details, /) -> GroupedFieldSet:
        """By response key."""


def presenter(type_: GraphQLOutputType, details: Details, fields: Fields) -> Present:
    """What shows a value of this type as it is asked here; raises `Unplannable` where it leads to a noun or a resolver."""
    if is_non_null_type(type_):
        return _present(presenter(type_.of_type, details, fields))
    if is_list_type(type_):
        return _listed(presenter(type_.of_type, details, fields))
    if is_leaf_type(type_):
        return _leaf(type_)
    if not isinstance(type_, GraphQLObjectType) or type_.name in BOUND:
        raise Unplannable(f"{type_} in a value that a noun tells")
    return _object(tuple(_members(type_, details, fields)))


def _members(type_: GraphQLObjectType, details: Details, fields: Fields) -> Iterator[tuple[str, str | None, object]]:
    """Response key, the value's own name of it, and what shows it; no name: what is there is the answer."""
    for key, found in fields(type_, details).items():
        name = found[0].node.name.value
        if name == "__typename":
            yield key, None, type_.name
            continue
        declared = cast(StrawberryField, type_.fields[name].extensions["strawberry-definition"])
        if declared.base_resolver is not None:
            raise Unplannable(f"{type_.name}.{name} has a resolver of its own")
        yield key, declared.python_name, presenter(type_.fields[name].type, found, fields)


def _present(shown: Present) -> Present:
    def present(value: object) -> object:
        if value is None:
            raise Unplannable("a value that can't be null is missing")
        return shown(value)

    return present


def _listed(shown: Present) -> Present:
    def listed(value: object) -> object:
        if _absent(value):
            return None
        if not isinstance(value, list | tuple):
            raise Unplannable("a value that is no list")
        return [shown(each) for each in value]

    return listed


def _absent(value: object) -> bool:
    """Whether nothing is there; raises `Unplannable` for a refusal, of which the engine makes an error."""
    if isinstance(value, Exception):
        raise Unplannable("a value that was refused")
    return value is None


def _leaf(type_: GraphQLLeafType) -> Present:
    def leaf(value: object) -> object:
        if _absent(value):
            return None
        try:
            return type_.coerce_output_value(value)
        except (GraphQLError, ValueError, TypeError, ArithmeticError):
            raise Unplannable("a value that its scalar doesn't take") from None

    return leaf


def _object(members: tuple[tuple[str, str | None, object], ...]) -> Present:
    def shown(value: object) -> object:
        if _absent(value):
            return None
        inner = value if isinstance(value, dict) else None
        made: dict[str, object] = {}
        for key, name, known in members:
            made[key] = known if name is None else cast(Present, known)(inner[name] if inner is not None else getattr(value, name))
        return made

    return shown
