"""Draws operations over the whole SDL: valid documents within the API's limits, with variables that may be wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, cast

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
    is_non_null_type,
)
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.schema.conftest import schema
from tests.schema.plans.spoken import LISTS, MARKS, OMITTED, ORDERS, Json, Speech, filled

Composite = GraphQLObjectType | GraphQLInterfaceType

#: How often each root field is drawn; one that isn't named here, once. Of rules hardly any that is drawn would be one.
OFTEN: Final = {
    "customers": 9, "customer": 4, "node": 3, "nodes": 3, "dataRequests": 2, "staff": 2, "accessTokens": 2, "segments": 2, "tags": 2,
    "segmentRule": 0, "segmentPreview": 0,
}  # fmt: skip
#: Fields that chance alone would hardly draw, once in so many.
SELDOM: Final = {"timeline": 6, "subject": 2}
#: What depends on when it is asked, so that two answers need not be equal.
UNSTEADY: Final = frozenset({"measuredAt"})
ALIASES: Final = ("a", "b", "id", "node", "r", "n", "def", "_", "o", "None", "k1", "at", "cursor")
ALIASES_MAX, DIRECTIVES_MAX, FIELDS_MAX, DEPTH_MAX = 13, 20, 30, 10


@dataclass(frozen=True, slots=True)
class Example:
    """An operation, with marks in it."""

    text: str
    variables: Mapping[str, Json]

    def filled(self, marks: Mapping[str, str]) -> tuple[str, dict[str, Json]]:
        """Document and variables for one house."""
        return filled(self.text, marks), filled(dict(self.variables), marks)


@dataclass(slots=True)
class Taken:
    """What a response key stands for: whoever uses the key again must mean the same."""

    name: str
    arguments: str
    type: str
    below: Keys = field(default_factory=dict)


Keys = dict[str, Taken]


@dataclass(slots=True)
class Fragment:
    """A named fragment that is complete, so that it may be spread again wherever its keys fit."""

    on: Composite
    text: str
    keys: Keys
    depth: int


@dataclass(slots=True)
class Drawing:
    """One document in the making."""

    speech: Speech
    aliases: int = 0
    directives: int = 0
    fields: int = 0
    fragments: list[Fragment] = field(default_factory=list)

    def root(self) -> str:
        """The operation's own selection."""
        query = cast(GraphQLObjectType, schema()._schema.query_type)
        names = [name for name in query.fields for _ in range(OFTEN.get(name, 1))]
        first = sorted(names, key=lambda name: -OFTEN.get(name, 1))
        keys: Keys = {}
        parts = [self._field(query, query.fields, self.speech.pick(first), keys, DEPTH_MAX) for _ in range(1 + self._few(2))]
        if self.speech.chance(12):
            parts.append(_type_name(keys))
        return "{ " + " ".join(filter(None, parts)) + " }"

    def _few(self, most: int) -> int:
        """A number up to `most`, small ones oftener."""
        return min(self.speech.draw(st.integers(0, most)), self.speech.draw(st.integers(0, most)))

    def selection(self, type_: Composite, keys: Keys, depth: int) -> str:
        """A selection set of a type, within the keys that are taken already."""
        parts = [self._one(type_, keys, depth) for _ in range(1 + self.speech.draw(st.integers(0, 4)))]
        return "{ " + (" ".join(filter(None, parts)) or _type_name(keys)) + " }"

    def _one(self, type_: Composite, keys: Keys, depth: int) -> str:
        kind = self.speech.draw(st.integers(0, 19))
        if kind == 19:
            return _type_name(keys)
        if depth > 1 and (kind in (17, 18) or (kind > 6 and isinstance(type_, GraphQLInterfaceType))):
            return self._inline(type_, keys, depth - 1)
        if depth > 1 and kind == 16:
            return self._spread(type_, keys, depth - 1)
        shown = {name: each for name, each in type_.fields.items() if name not in UNSTEADY}
        able = [name for name, each in shown.items() if depth > 1 or is_leaf_type(get_named_type(each.type))]
        for name, once_in in SELDOM.items():
            if name in able and self.speech.chance(once_in):
                return self._field(type_, type_.fields, name, keys, depth)
        return self._field(type_, type_.fields, self.speech.pick(able), keys, depth) if able else ""

    def _field(self, type_: Composite, fields: Mapping[str, GraphQLField], name: str, keys: Keys, depth: int) -> str:
        if self.fields >= FIELDS_MAX:
            return ""
        declared = fields[name]
        key, alias = name, ""
        if self.speech.chance(6) or (name in keys and (keys[name].name != name or keys[name].type != str(declared.type))):
            if self.aliases >= ALIASES_MAX:
                return ""
            key = self.speech.pick(ALIASES)
            alias = f"{key}: "
        known = keys.get(key)
        if known is not None and (known.name != name or known.type != str(declared.type)):
            return ""
        self.fields += 1
        self.aliases += bool(alias)
        taken = known or keys.setdefault(key, Taken(name, self._arguments(type_, name, declared), str(declared.type)))
        returned = get_named_type(declared.type)
        below = "" if is_leaf_type(returned) else " " + self.selection(cast(Composite, returned), taken.below, depth - 1)
        return f"{alias}{name}{taken.arguments}{self._directive()}{below}"

    def _arguments(self, type_: Composite, name: str, declared: GraphQLField) -> str:
        given: dict[str, str] = {}
        for argument, each in declared.args.items():
            if is_non_null_type(each.type) or self.speech.chance(3):
                given[argument] = self.speech.literal(each.type, argument)
        if type_.name == "Query" and name == "customer" and len(given) != 1 and not self.speech.chance(5):
            one = self.speech.pick(declared.args)
            given = {one: self.speech.literal(GraphQLNonNull(declared.args[one].type), one)}
        for argument in given.keys() & {"id", "after", "before", "customer"}:
            # Mostly an id of the very noun, or a cursor of the very list: by chance alone hardly any would fit.
            if not self.speech.chance(4):
                given[argument] = f'"«{self._mark(type_, name, argument, given.get("sort", ""))}»"'
        return f"({', '.join(f'{argument}: {value}' for argument, value in given.items())})" if given else ""

    def _mark(self, type_: Composite, name: str, argument: str, sort: str) -> str:
        if argument in ("id", "customer"):
            noun = get_named_type(type_.fields[name].type).name if argument == "id" else "Customer"
            return cast(str, self.speech.pick([mark for mark in MARKS if noun == "Node" or mark.startswith(noun)] or MARKS))
        if type_.name == "Query" and name == "customers":
            return f"{sort if sort in ORDERS else ORDERS[0]}{self.speech.pick((1, 4))}"
        return f"{name if name in LISTS else 'orders'}0"

    def _directive(self) -> str:
        if self.directives >= DIRECTIVES_MAX or not self.speech.chance(9):
            return ""
        self.directives += 1
        directive = self.speech.pick(("include", "skip"))
        return f" @{directive}(if: {self.speech.literal(GraphQLNonNull(_boolean()), 'if')})"

    def _inline(self, type_: Composite, keys: Keys, depth: int) -> str:
        on = self.speech.pick((None, *_overlapping(type_)))
        condition = f" on {on.name}" if on else ""
        return f"...{condition}{self._directive()} {self.selection(on or type_, keys, depth)}"

    def _spread(self, type_: Composite, keys: Keys, depth: int) -> str:
        fitting = [n for n, each in enumerate(self.fragments) if each.on in _overlapping(type_) and each.depth <= depth]
        if fitting and self.speech.chance(2):
            number = self.speech.pick(fitting)
        else:
            on, own = self.speech.pick(_overlapping(type_)), Keys()
            made = Fragment(on, self.selection(on, own, depth - 1), own, depth)
            number = len(self.fragments)
            self.fragments.append(made)
        if not _merged(keys, self.fragments[number].keys):
            return ""
        return f"...F{number}{self._directive()}"


def _type_name(keys: Keys) -> str:
    keys["__typename"] = Taken("__typename", "", "String!")
    return "__typename"


def _merged(keys: Keys, more: Keys) -> bool:
    """Take the keys of a fragment as well, if they mean the same where they are the same."""
    if not _fit(keys, more):
        return False
    for key, each in more.items():
        known = keys.setdefault(key, Taken(each.name, each.arguments, each.type))
        _merged(known.below, each.below)
    return True


def _fit(keys: Keys, more: Keys) -> bool:
    same = ((keys[key], each) for key, each in more.items() if key in keys)
    return all(
        (known.name, known.arguments, known.type) == (each.name, each.arguments, each.type) and _fit(known.below, each.below)
        for known, each in same
    )


@cache
def _overlapping(type_: Composite) -> tuple[Composite, ...]:
    """The types that a fragment may be on where this type is met."""
    known = schema()._schema
    if isinstance(type_, GraphQLInterfaceType):
        return (type_, *known.get_implementations(type_).objects)
    return (type_, *type_.interfaces)


def _boolean() -> Any:  # graphql-core's scalar
    return schema()._schema.type_map["Boolean"]


def _used(text: str, fragments: list[Fragment]) -> Iterator[int]:
    """The fragments that the text spreads, and those that they spread."""
    seen: dict[int, None] = {}
    waiting = [text]
    while waiting:
        for found in re.findall(r"\.\.\.F(\d+)", waiting.pop()):
            if int(found) not in seen:
                seen[int(found)] = None
                waiting.append(fragments[int(found)].text)
    return iter(seen)


@st.composite
def operations(draw: DrawFn) -> Example:
    """An operation with its variables."""
    drawing = Drawing(Speech(draw))
    body = drawing.root()
    texts = [
        body,
        *(f"fragment F{n} on {drawing.fragments[n].on.name} {drawing.fragments[n].text}" for n in _used(body, drawing.fragments)),
    ]
    document = "\n".join(texts)
    # A fragment that was given up may have taken its variables along.
    used = {name: each for name, each in drawing.speech.variables.items() if re.search(rf"\${name}\b", document)}
    declared = ", ".join(f"${name}: {each.type}{' = ' + each.default if each.default else ''}" for name, each in used.items())
    sent = {name: each.value for name, each in used.items() if each.value is not OMITTED}
    if drawing.speech.chance(15):
        sent["unasked"] = 1
    head = f"query{' Named' if drawing.speech.chance(4) else ''} ({declared}) " if declared else ""
    return Example(head + document, sent)
