"""Types of the SDL made from what the domain declares, so that no field is described twice.

`@reads(SOURCE)` makes an output type: annotations name the fields; kind, description, directives and how to fetch them
come from the source. `@reads_part(SOURCE, "address")` does it for an object made of columns of the same row. Rows are dicts.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import strawberry
from graphql import GraphQLObjectType, GraphQLSchema
from strawberry.utils.str_converters import to_camel_case

from siyu import domain
from siyu.domain.kernel.dialect import Kind
from siyu.domain.kernel.reading import (
    Column,
    Derived,
    Many,
    One,
    Part,
    Path,
    Readable,
    Source,
    Timeline,
    Told,
    slot,
    source_of,
)
from siyu.schema import relay
from siyu.schema.connections import AT
from siyu.schema.context import Info
from siyu.schema.directives import PersonalData, RequiresScope
from siyu.schema.given import hints as arguments

T = TypeVar("T", bound=type)

# A relation may lead to a noun whose type is made later: its source is known by then.
for _noun in pkgutil.iter_modules(domain.__path__):
    importlib.import_module(f"{domain.__name__}.{_noun.name}")


@dataclass(frozen=True, slots=True)
class Bound:
    """What the fields of an SDL type mean to the domain: a source, and the part of its row, if it is one."""

    source: Source
    part: Part | None
    #: SDL name to domain name.
    names: dict[str, str]


#: By the type's name in the SDL. A part's type may serve several sources (Money), so parts are bound where they are met.
BOUND: dict[str, Bound] = {}
#: Lists that are shown inside a part of a row, by the part's type and the field's name in the SDL.
LISTS: dict[tuple[str, str], Many] = {}


def reads(source: Source) -> Callable[[T], T]:
    """Bind a class of annotations to a source: each name that the source knows is planned, others need a resolver."""

    def bind(cls: T) -> T:
        if issubclass(cls, relay.Node):
            cls.__annotations__ = {"id": "strawberry.ID", **cls.__annotations__}
        for name in _annotations(cls):
            item = source.readable.get(name)
            if item is not None and name not in cls.__dict__:
                setattr(cls, name, _field(source, item, paged=_annotations(cls)[name].startswith("Connection[")))
        cls.is_type_of = classmethod(lambda _cls, _row, _info: True)  # type: ignore[attr-defined]  # a row is a dict: its type is known by who read it
        BOUND[source.name] = Bound(source, None, _names(cls))
        return strawberry.type(cls, name=source.name, description=source.description)

    return bind


def reads_part(source: Source, path: str) -> Callable[[T], T]:
    """Describe a class of annotations by a part of a source's row (`order_summary`, `order_summary.total_spent`)."""

    def bind(cls: T) -> T:
        steps = path.split(".")
        part = cast(Part, source.readable[steps[0]])
        for step in steps[1:]:
            part = cast(Part, part.fields[step])
        for name in _annotations(cls):
            if name in part.lists:
                relation = LISTS[cls.__name__, to_camel_case(name)] = part.lists[name]
                setattr(cls, name, strawberry.field(resolver=_in_part, description=relation.description))
                continue
            leaf = part.fields[name]
            setattr(cls, name, _field(source, leaf if isinstance(leaf, Part) else source.value(leaf), paged=False))
        return strawberry.type(cls, description=part.description)

    return bind


def node_type(schema: GraphQLSchema, source: Source) -> GraphQLObjectType | None:
    """The source's type, where it has one that can be fetched again by its id."""
    found = schema.type_map.get(source.name)
    if source.name not in BOUND or not isinstance(found, GraphQLObjectType):
        return None
    return found if any(each.name == "Node" for each in found.interfaces) else None


def _annotations(cls: type) -> dict[str, str]:
    return {name: str(hint) for name, hint in inspect.get_annotations(cls).items()}


def _names(cls: type) -> dict[str, str]:
    return {to_camel_case(name): name for name in ("id", *_annotations(cls))}


def _field(source: Source, item: Readable | Part, *, paged: bool) -> Any:  # as Strawberry's own `field`
    if isinstance(item, One | Many):
        return strawberry.field(
            resolver=_nested(item, paged=paged),
            description=item.description,
            directives=_scoped(source_of(item.target).scope, source.scope),
        )
    if isinstance(item, Timeline):
        return strawberry.field(resolver=_nested(item, paged=True), description=item.description)
    if isinstance(item, Told):
        return strawberry.field(
            resolver=_nested(item, paged=False), description=item.description, directives=_scoped(item.scope, source.scope)
        )
    if isinstance(item, Part):
        return strawberry.field(description=item.description, directives=_shared_directives(item, source))
    if item.name == "id":
        return strawberry.field(resolver=_global_id(source.name), description="Global id: the same in every answer, opaque, never reused.")
    if isinstance(item, Column) and item.kind is Kind.ID:
        raise AssertionError(f"{source.name}.{item.name} is a bare key; declare a relation")
    return strawberry.field(description=item.description, directives=_directives(item, source))


def _directives(item: Column | Derived, source: Source) -> list[object]:
    found: list[object] = []
    if item.about is not None:
        found.append(PersonalData(category=item.about.category))
        found.extend(_scoped(item.about.scope, source.scope))
    return found


def _shared_directives(part: Part, source: Source) -> list[object]:
    """The directives of a part whose values all have the same ones, such as an amount and its currency."""
    leaves = [
        _shared_directives(leaf, source) if isinstance(leaf, Part) else _directives(source.value(leaf), source)
        for leaf in part.fields.values()
    ]
    return leaves[0] if all(leaf == leaves[0] for leaf in leaves) else []


def _scoped(scope: str | None, usual: str | None) -> list[object]:
    """Printed where a field asks for more than its type does."""
    return [RequiresScope(scope=str(scope))] if scope is not None and scope != usual else []


def _global_id(noun: str) -> Callable[[dict[str, object]], strawberry.ID]:
    def resolve(root: dict[str, object]) -> strawberry.ID:
        key = root["id"]
        return strawberry.ID(relay.encode(noun, key))  # type: ignore[arg-type]  # the key of a row

    return resolve


def _nested(item: One | Many | Timeline | Told, *, paged: bool) -> Callable[..., object]:
    """A resolver that hands out what was planned under the field's response key; its signature is printed in the SDL."""

    def resolve(root: dict[str, object], info: Info, **_arguments: object) -> object:
        at = cast(Path, root.get(AT, ()))
        return root[slot((*at, str(info.path.key)))]

    parameters = [
        inspect.Parameter("root", inspect.Parameter.POSITIONAL_OR_KEYWORD),
        inspect.Parameter("info", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Info),
    ]
    hints: dict[str, object] = {"info": Info}
    for name, hint, required in arguments(item, paged=paged):
        hints[name] = hint
        default = inspect.Parameter.empty if required else None
        parameters.append(inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=hint))
    resolve.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what Strawberry reads
    resolve.__annotations__ = hints
    return resolve


def _in_part(root: dict[str, object], info: Info) -> object:
    """What was planned for a list inside a part: under the response keys from the row to here, and from the row's page to the row."""
    at = info.path.prev
    assert at is not None, "a part is a field of a row"
    keys = [str(at.key), str(info.path.key)]
    place = at.prev
    while place is not None and (isinstance(place.key, int) or (place.typename or "").endswith(("Edge", "Connection"))):
        if isinstance(place.key, str):
            keys.insert(0, place.key)
        place = place.prev
    return root[slot(tuple(keys))]


_in_part.__annotations__ = {"info": Info}  # what it returns the type's own annotation says
