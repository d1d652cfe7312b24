"""Input types made from the domain's frozen dataclasses, and the way back.

`@takes class CustomerCreateInput(Input[customers.CustomerCreate])`: fields, descriptions, directives and defaults are the
dataclass's; `to_domain()` decodes ids, keeps "left out" apart from null, and names the path of what doesn't fit.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Sequence
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from enum import Enum
from typing import Annotated, Any, ClassVar, Generic, Optional, TypeVar, Union, cast, get_args, get_origin, get_type_hints, overload
from uuid import UUID

import strawberry
from annotated_doc import Doc
from strawberry.scalars import JSON
from strawberry.utils.str_converters import to_camel_case

from siyu.domain.kernel.inputs import Personal, Ref, Unset
from siyu.schema import relay
from siyu.schema.directives import PersonalData

D = TypeVar("D")
C = TypeVar("C", bound=type)

#: Input types by the domain's dataclass.
TAKEN: dict[type, type] = {}


class Input(Generic[D]):
    """Base of input types; `D` is the domain's dataclass."""

    domain: ClassVar[type]
    items: ClassVar[list[Item]]

    def to_domain(self, path: Sequence[str] = ("input",)) -> D:
        """The domain's dataclass; a malformed id is refused at its path."""
        given: dict[str, object] = {}
        for item in self.items:
            value = getattr(self, item.name)
            if value is not strawberry.UNSET:
                given[item.name] = _into(value, item.ref, (*path, item.name.rstrip("_")))
        return cast(D, self.domain(**given))


@dataclass(frozen=True, slots=True)
class Item:
    """One field of an input dataclass, as the SDL shows it."""

    name: str
    hint: object
    required: bool
    ref: str | None
    doc: str
    personal: Personal | None


@overload
def takes(cls: C) -> C: ...


@overload
def takes(*, one_of: bool) -> Callable[[C], C]: ...


def takes(cls: C | None = None, *, one_of: bool = False) -> C | Callable[[C], C]:
    """Make the input type of a class that says nothing but `Input[…]`, its docstring and its name.

    `@takes(one_of=True)`: exactly one member is given, and it is not null.
    """

    def take(cls: C) -> C:
        return _taken(cls, one_of)

    return take if cls is None else take(cls)


def _taken(cls: C, one_of: bool) -> C:
    domain = get_args(cls.__orig_bases__[0])[0]  # type: ignore[attr-defined]  # every such class has its base
    items = shape(domain)
    body: dict[str, object] = {
        "domain": domain,
        "items": items,
        "to_domain": Input.to_domain,
        "__module__": cls.__module__,
        "__annotations__": {},
    }
    for item in items:
        cast(dict[str, object], body["__annotations__"])[item.name] = _annotation(item, domain, cls.__name__)
        body[item.name] = strawberry.field(
            name=_sdl_name(item.name),
            description=item.doc,
            directives=[PersonalData(category=item.personal.category)] if item.personal else [],
            **({} if item.required else {"default": strawberry.UNSET}),
        )
    made = strawberry.input(type(cls.__name__, (), body), name=cls.__name__, description=(cls.__doc__ or "").strip(), one_of=one_of)
    TAKEN[domain] = made
    return cast(C, made)


def shape(domain: type) -> list[Item]:
    """What the fields of an input dataclass say of themselves."""
    hints = get_type_hints(domain, include_extras=True)
    return [_item(item, hints[item.name]) for item in fields(domain)]


def _item(item: Field[object], hint: object) -> Item:
    marks: tuple[object, ...] = ()
    if get_origin(hint) is Annotated:
        hint, *found = get_args(hint)
        marks = tuple(found)
    ref = next((mark.noun for mark in marks if isinstance(mark, Ref)), None)
    doc = next((mark.documentation for mark in marks if isinstance(mark, Doc)), "")
    personal = next((mark for mark in marks if isinstance(mark, Personal)), None)
    return Item(item.name, hint, item.default is MISSING and item.default_factory is MISSING, ref, doc, personal)


def _sdl_name(name: str) -> str:
    return to_camel_case(name.rstrip("_"))


def _annotation(item: Item, domain: type, own_name: str) -> object:
    mapped = _mapped(item.hint, domain, own_name)
    return mapped if item.required else Optional[mapped]  # noqa: UP045  # a hint made at run time


def _mapped(hint: object, domain: type, own_name: str) -> Any:
    """The domain's hint as Strawberry takes it."""
    if get_origin(hint) in (Union, types.UnionType):
        inner = [each for each in get_args(hint) if each not in (types.NoneType, Unset)]
        assert len(inner) == 1, f"{domain.__name__}: one type and null only"
        mapped = _mapped(inner[0], domain, own_name)
        return Optional[mapped] if types.NoneType in get_args(hint) else mapped  # noqa: UP045  # as above
    if get_origin(hint) in (list, tuple, Sequence):
        return list[_mapped(get_args(hint)[0], domain, own_name)]  # type: ignore[misc]  # as above
    if hint is domain:
        return own_name
    if hint is UUID:
        return strawberry.ID
    if hint is object:
        return JSON
    assert isinstance(hint, type), f"{domain.__name__}: {hint} has no SDL spelling"
    if is_dataclass(hint):
        return TAKEN[hint]
    if issubclass(hint, Enum) and not hasattr(hint, "__strawberry_definition__"):
        strawberry.enum(hint)
    return hint


def _into(value: object, ref: str | None, path: tuple[str, ...]) -> object:
    if isinstance(value, list):
        return [_into(each, ref, (*path, str(number))) for number, each in enumerate(value)]
    if ref is not None and isinstance(value, str):
        return relay.decode(ref, value, path)
    if is_dataclass(value) and hasattr(value, "to_domain"):
        return cast(Input[Any], value).to_domain(path)
    return value
