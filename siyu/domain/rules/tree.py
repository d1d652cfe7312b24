"""The tree as JSON, in the SDL's spelling without nulls: how a rule is stored and shown. Pure."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Final, TypeAlias, TypeVar, Union, cast, get_args, get_origin, get_type_hints
from uuid import UUID

from siyu.domain.kernel import ids
from siyu.domain.kernel.inputs import Ref
from siyu.domain.rules.inputs import Rule, TagCondition, Window

#: From the root: the SDL's names of members, and places in lists.
Path = tuple[str, ...]
T = TypeVar("T")

_Shape: TypeAlias = list[tuple[str, object, str | None]]
_SHAPES: Final[dict[type, _Shape]] = {}
BRANCHES: Final = ("all", "any", "not_")


def stored(rule: Rule) -> dict[str, object]:
    """The tree as it is stored: members that say nothing are left out; moments in UTC, exact numbers and ids as text."""
    return cast(dict[str, object], _told(settled(rule), None))


def loaded(tree: Mapping[str, object]) -> Rule:
    """The rule of a tree that `stored` made; it is trusted, not checked."""
    return cast(Rule, _read(tree, Rule, None))


def settled(rule: T) -> T:
    """The same in its one spelling: lists and windows that say nothing are left out, whole numbers are integers."""
    changed: dict[str, Any] = {}
    for name, hint, _ in _shape(type(rule)):
        value = getattr(rule, name)
        if isinstance(value, list):
            kept: Any = [_settled_value(each) for each in value]
            changed[name] = kept if kept or not _optional(hint) else None
        elif is_dataclass(value):
            changed[name] = None if value == Window() else settled(value)
    return replace(cast(Any, rule), **changed) if changed else rule


def _settled_value(value: object) -> object:
    if is_dataclass(value):
        return settled(value)
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value


def given(rule: Rule) -> list[str]:
    """The members that a node gives, in the domain's spelling; a node that makes sense gives one."""
    return [item.name for item in fields(rule) if getattr(rule, item.name) is not None]


def children(rule: Rule) -> list[tuple[Path, Rule]]:
    """The nodes right below, each with the steps to it; none below a condition."""
    found: list[tuple[Path, Rule]] = []
    for name in ("all", "any"):
        found += [((name, str(number)), each) for number, each in enumerate(getattr(rule, name) or ())]
    return [*found, (("not",), rule.not_)] if rule.not_ is not None else found


def nodes(rule: Rule, path: Path = ()) -> Iterator[tuple[Path, Rule]]:
    """Every node with its path, a branch before what it holds."""
    yield path, rule
    for steps, each in children(rule):
        yield from nodes(each, (*path, *steps))


def conditions(rule: Rule) -> Iterator[tuple[Path, Rule]]:
    """The nodes that are conditions, with their paths."""
    return ((path, each) for path, each in nodes(rule) if not any(getattr(each, name) is not None for name in BRANCHES))


def retagged(rule: Rule, names: Mapping[str, str]) -> Rule:
    """The same rule with tags under other names; those that have none stay."""

    def renamed(tags: list[str] | None) -> list[str] | None:
        return tags and [names.get(tag, tag) for tag in tags]

    tag = rule.tag
    return replace(
        rule,
        all=rule.all and [retagged(each, names) for each in rule.all],
        any=rule.any and [retagged(each, names) for each in rule.any],
        not_=rule.not_ and retagged(rule.not_, names),
        tag=tag and TagCondition(any=renamed(tag.any), all=renamed(tag.all), none=renamed(tag.none)),
    )


def sdl(name: str) -> str:
    """A member's name in the SDL: `is_` is `is`, `not_in` is `notIn`."""
    first, *rest = name.rstrip("_").split("_")
    return first + "".join(part.title() for part in rest)


def _shape(kind: type) -> _Shape:
    """Of a dataclass of the tree: names, types without marks, and the noun whose ids are in it."""
    shape = _SHAPES.get(kind)
    if shape is None:
        shape = _SHAPES[kind] = []
        for name, marked in get_type_hints(kind, include_extras=True).items():
            hint, *marks = get_args(marked) if get_origin(marked) is Annotated else (marked,)
            shape.append((name, hint, next((mark.noun for mark in marks if isinstance(mark, Ref)), None)))
    return shape


def _optional(hint: object) -> bool:
    return get_origin(hint) in (Union, types.UnionType) and types.NoneType in get_args(hint)


def _told(value: object, noun: str | None) -> object:
    if is_dataclass(value):
        members = ((name, getattr(value, name), of) for name, _, of in _shape(type(value)))
        return {sdl(name): _told(each, of) for name, each, of in members if each is not None}
    if isinstance(value, list):
        return [_told(each, noun) for each in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, UUID):
        assert noun is not None, "every id says of what"
        return ids.spelled(noun, value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
    return plain(value) if isinstance(value, Decimal) else value


def plain(number: Decimal) -> str:
    """An exact number in its shortest spelling without an exponent."""
    text = format(number, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def _read(value: object, hint: object, noun: str | None) -> object:
    if _optional(hint):
        hint = next(each for each in get_args(hint) if each is not types.NoneType)
    if get_origin(hint) is list:
        return [_read(each, get_args(hint)[0], noun) for each in cast(list[object], value)]
    if hint is UUID:
        return ids.key(cast(str, value))
    if hint is datetime:
        return datetime.fromisoformat(cast(str, value))
    if hint is Decimal:
        return Decimal(cast(str, value))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(value)
    if isinstance(hint, type) and is_dataclass(hint):
        tree = cast(Mapping[str, object], value)
        return hint(**{name: _read(tree[sdl(name)], each, of) for name, each, of in _shape(hint) if sdl(name) in tree})
    return value
