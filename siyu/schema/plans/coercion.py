"""Arguments and variables taken by functions that are made once, as the engine and Strawberry would take them at ten times the price.

Only what plainly fits is taken. At anything else (a value that doesn't fit, one value where a list is expected, a default, a kind of
type that isn't here) `Unfit` is raised, and the engine's own way decides what becomes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass
from typing import Any, Final, NoReturn, TypeVar, cast

from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLScalarType,
    GraphQLSchema,
    OperationDefinitionNode,
    Undefined,
    is_input_object_type,
    is_input_type,
    is_list_type,
    is_non_null_type,
    is_required_input_field,
    type_from_ast,
)
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.base import StrawberryList, StrawberryMaybe, StrawberryOptional, has_object_definition
from strawberry.types.lazy_type import LazyType

K = TypeVar("K")
#: Takes a value, and how deep it lies.
Taker = Callable[[Any, int], object]
#: Deeper values are left to the engine, which counts them in its own way.
_DEPTH_MAX: Final = 24
_INT = range(-(2**31), 2**31)


class Unfit(Exception):
    """This value is left to the engine."""


def unfit(value: object, depth: int) -> NoReturn:
    """Takes nothing."""
    raise Unfit


def coercer(type_: GraphQLInputType, known: dict[str, Taker] | None = None) -> Taker:
    """Takes what JSON holds as a variable of this type."""
    known = {} if known is None else known
    if is_non_null_type(type_):
        return _bare(type_.of_type, known)
    bare = _bare(type_, known)
    return lambda value, depth: None if value is None else bare(value, depth)


def _later(known: dict[K, Taker], key: K) -> Taker:
    """What takes a type that holds itself, while it is being made."""

    def taken(value: Any, depth: int) -> object:
        return known[key](value, depth)

    return taken


def _bare(type_: GraphQLInputType, known: dict[str, Taker]) -> Taker:
    """The same for what isn't null: each of these refuses null."""
    if is_list_type(type_):
        item = coercer(type_.of_type, known)

        def listed(value: Any, depth: int) -> object:
            if type(value) is not list:
                raise Unfit
            return [item(each, depth + 1) for each in value]

        return listed
    if is_input_object_type(type_):
        if type_.name not in known:
            known[type_.name] = _later(known, type_.name)
            known[type_.name] = _object(type_, known)
        return known[type_.name]
    if isinstance(type_, GraphQLEnumType):
        return _enum({name: type_.coerce_input_value(name) for name in type_.values})
    assert isinstance(type_, GraphQLScalarType), f"{type_} is no type of input"
    return _SCALARS.get(type_.name) or _scalar(type_)


def _object(type_: GraphQLInputObjectType, known: dict[str, Taker]) -> Taker:
    plain = type_.out_type is GraphQLInputObjectType.out_type and not type_.is_one_of
    if not plain or any(_has_default(each) for each in type_.fields.values()):
        return unfit
    fields = [
        (name, each.out_name or name, coercer(each.type, known), is_required_input_field(each)) for name, each in type_.fields.items()
    ]

    def taken(value: Any, depth: int) -> object:
        if type(value) is not dict or depth > _DEPTH_MAX:
            raise Unfit
        left, coerced = len(value), {}
        for name, out, take, required in fields:
            if name in value:
                left -= 1
                coerced[out] = take(value[name], depth + 1)
            elif required:
                raise Unfit
        if left:
            raise Unfit
        return coerced

    return taken


def _has_default(field: Any) -> bool:
    return field.default_value is not Undefined or getattr(field, "default", None) is not None


def _enum(values: Mapping[str, object]) -> Taker:
    def named(value: Any, depth: int) -> object:
        if type(value) is not str or value not in values:
            raise Unfit
        return values[value]

    return named


def _scalar(type_: GraphQLScalarType) -> Taker:
    def parsed(value: Any, depth: int) -> object:
        if type(value) is not str:
            raise Unfit
        try:
            found = type_.coerce_input_value(value)
        except (GraphQLError, ValueError, TypeError, ArithmeticError):
            raise Unfit from None
        if found is Undefined:
            raise Unfit
        return found

    return parsed


def _of(kind: type) -> Taker:
    def same(value: Any, depth: int) -> object:
        if type(value) is not kind:
            raise Unfit
        return value

    return same


def _int(value: Any, depth: int) -> object:
    if type(value) is not int or value not in _INT:
        raise Unfit
    return value


_SCALARS: Final[Mapping[str, Taker]] = {"ID": _of(str), "String": _of(str), "Boolean": _of(bool), "Int": _int, "Float": unfit}


@dataclass(frozen=True, slots=True)
class Variables:
    """What takes the variables of one operation: of each its name, what takes it, and whether it may be left out."""

    declared: Sequence[tuple[str, Taker, bool]]

    @classmethod
    def of(cls, schema: GraphQLSchema, operation: OperationDefinitionNode) -> Variables | None:
        """Made once an operation; None for variables of types that there are not."""
        declared: list[tuple[str, Taker, bool]] = []
        for each in operation.variable_definitions or ():
            type_ = type_from_ast(schema, each.type)
            if type_ is None or not is_input_type(type_):
                return None
            declared.append((each.variable.name.value, coercer(type_), each.default_value is None and not is_non_null_type(type_)))
        return cls(declared)

    def taken(self, raw: Mapping[str, object]) -> dict[str, object]:
        """All of them, coerced; raises `Unfit`."""
        coerced: dict[str, object] = {}
        for name, take, may_lack in self.declared:
            if name in raw:
                coerced[name] = take(raw[name], 0)
            elif not may_lack:
                raise Unfit
        return coerced


def converters(arguments: Sequence[StrawberryArgument]) -> dict[str, Taker]:
    """What makes Strawberry's value of a coerced one, by the argument's name for Python."""
    known: dict[type, Taker] = {}
    return {each.python_name: _converter(each.type, known) for each in arguments}


def _same(value: Any, depth: int) -> object:
    return value


def _converter(type_: Any, known: dict[type, Taker]) -> Taker:
    if isinstance(type_, StrawberryMaybe | LazyType):
        return unfit
    if isinstance(type_, StrawberryOptional):
        inner = _converter(type_.of_type, known)
        return _same if inner is _same else lambda value, depth: None if value is None else inner(value, depth)
    if isinstance(type_, StrawberryList):
        item = _converter(type_.of_type, known)
        return lambda value, depth: None if value is None else [each if item is _same else item(each, depth) for each in value]
    if not has_object_definition(type_):
        return _same
    if type_ not in known:
        known[type_] = _later(known, type_)
        known[type_] = _input(type_, known)
    return known[type_]


def _input(type_: Any, known: dict[type, Taker]) -> Taker:
    definition = type_.__strawberry_definition__
    if not definition.is_input or getattr(definition, "from_input", None) is not None:
        return unfit
    empty = {each.python_name: None for each in definition.fields if each.default_value is MISSING and each.default_factory is MISSING}
    types = [(each, each.resolve_type(type_definition=definition)) for each in definition.fields]
    fields = [(each.graphql_name, each.python_name, _converter(inner, known)) for each, inner in types]
    if any(name is None for name, _, _ in fields):
        return unfit

    def made(value: Any, depth: int) -> object:
        given: dict[str, object] = dict(empty)
        for name, python, convert in fields:
            if name in value:
                given[python] = convert(value[name], depth)
        return cast(Callable[..., object], type_)(**given)

    return made
