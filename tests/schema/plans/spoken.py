"""Values of input types, as literals of a document and as variables: right ones, senseless ones, and some of a wrong type.

What exists in one house only (ids, cursors, moments) is drawn as a mark, `«Customer0»`, which the test fills in: so an
example reads the same in every run.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from graphql import (
    GraphQLInputObjectType,
    GraphQLNonNull,
    get_named_type,
    is_enum_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
)
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

Json = Any  # what JSON can hold
Type = Any  # graphql-core's input types

_MADE = (
    "Order0", "Order1", "Note0", "Identity0", "Staff0", "AccessToken0", "DataRequest0", "DataRequest1", "Import0", "Job0",
    "Tag0", "TagGroup0", "Segment0", "Segment1",
)  # fmt: skip
#: Marks of global ids: nouns that are there, one in another spelling, one of nobody.
MARKS = (*(f"Customer{n}" for n in range(6)), "CustomerShouted", "CustomerGone", *_MADE)
IDS = (*(f"«{mark}»" for mark in MARKS), "nonsense", "", "«Purpose0»", "7")
ORDERS = ("CREATED_AT_DESC", "CREATED_AT_ASC", "UPDATED_AT_DESC", "LAST_ORDERED_AT_DESC", "TOTAL_SPENT_DESC")
#: The lists of which there are marks of cursors.
LISTS = ("orders", "notes", "events", "timeline", "staff", "accessTokens", "dataRequests")
CURSORS = (
    *(f"«{order}{n}»" for order in ORDERS for n in (1, 4)),
    "«orders0»", "«notes0»", "«events0»", "«timeline0»", "«staff0»", "nonsense", "", "WyJ4Il0", "客户",
)  # fmt: skip
#: Cursors of the right shape that no answer gave.
FORGED = tuple(
    b64encode(json.dumps([order, key, "01a201fe-1652-764b-9b2e-84e20aec7661"]).encode()).decode()
    for order, key in (
        ("CREATED_AT_DESC", "x"),
        ("CREATED_AT_DESC", 7),
        ("TOTAL_SPENT_DESC", 10**30),
        ("TOTAL_SPENT_DESC", "NaN"),
        ("AT", 1),
        ("TOTAL_SPENT_DESC", "0.00001"),
        ("TOTAL_SPENT_DESC", "1E+999999"),
        ("TOTAL_SPENT_DESC", 2**64 - 1),
    )
)
MOMENTS = (
    "«made2»", "2026-01-01T08:00:00Z", "2026-01-01T16:00:00+08:00", "2020-01-01t00:00:00.5z", "2100-12-31T23:59:59.999999Z",
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00",
)  # fmt: skip
AMOUNTS: tuple[Json, ...] = ("37.0209", "0", 0, 37, "-1", "37.02090", "999999999999999999999999", "0.00001", "1e3", 1.5)
TEXTS: Mapping[str, tuple[str, ...]] = {
    "phone": ("13800000001", "0086 138-0000-0002", "+86 13800000003", "１３８００００００００", "12", "", "none"),
    "email": ("c1@example.com", " C3@EXAMPLE.com ", "nobody@example.com", "no address"),
    "externalId": ("E1", "", "x" * 300),
    "name": ("wang fang", "ＷＡＮＧ FANG", "客户0", "Wang", ""),
    "city": ("杭州", "成都", "", "nowhere", "a'b\"c\\", "\x00"),
    "source": ("app", "", "\x00"),
    "value": ("13800000001", "o1", "c1@example.com", ""),
    "appId": ("wx1", "", "other"),
    "tagsAny": ("VIP", "老客户", "old", "nowhere"),
    "tagsAll": ("VIP", "老客户", "nowhere"),
    "tagsNone": ("VIP", "old", "\x00"),
    "group": ("Level", "none", "\x00"),
    "search": ("VIP", "客", "%"),
    "code": ("vips", "none", "nowhere"),
    "keys": ("taste", "plate", "pets", "none", "\x00"),
}
WRONG: tuple[Json, ...] = ("three", 7, 7.5, True, {}, [], [[1]], {"x": 1}, None, "2026-13-01", 2**31, -(2**40), [None], "CREATED_AT_DESC")
OMITTED = object()


@dataclass(slots=True)
class Variable:
    """A variable of the operation: its declaration, and what is sent for it."""

    type: str
    default: str | None
    value: Json = OMITTED


@dataclass(slots=True)
class Speech:
    """Draws values, and the variables that stand for some of them."""

    draw: DrawFn
    variables: dict[str, Variable] = field(default_factory=dict)

    def chance(self, of: int) -> bool:
        """True once in so many; shrinks to False."""
        return self.draw(st.integers(0, of - 1)) == of - 1

    def pick(self, among: Any) -> Any:  # whatever is in it
        """One of them; shrinks to the first."""
        return self.draw(st.sampled_from(tuple(among)))

    def literal(self, type_: Type, at: str, depth: int = 3) -> str:
        """A value as the document writes it: now and then by a variable, wherever that may stand."""
        if self.chance(3):
            return "$" + self._variable(type_, at, depth)
        if is_non_null_type(type_):
            return self._present(type_.of_type, at, depth)
        return "null" if self.chance(8) else self._present(type_, at, depth)

    def _present(self, type_: Type, at: str, depth: int) -> str:
        if is_list_type(type_):
            if self.chance(6):
                return self._present(_bare(type_.of_type), at, depth) if not self._is_object(type_) else "[]"
            return "[" + ", ".join(self.literal(type_.of_type, at, depth) for _ in range(self.draw(st.integers(0, 3)))) + "]"
        if is_input_object_type(type_):
            members = self._members(type_, depth)
            return "{" + ", ".join(f"{name}: {self.literal(member, name, depth - 1)}" for name, member in members.items()) + "}"
        return written(self._leaf(type_, at, fitting=True), type_)

    def value(self, type_: Type, at: str, depth: int = 3, *, fitting: bool = False) -> Json:
        """A value as a variable sends it; a `fitting` one may stand in a document as well."""
        if is_non_null_type(type_):
            return self._sent(type_.of_type, at, depth, fitting)
        return None if self.chance(8) else self._sent(type_, at, depth, fitting)

    def _sent(self, type_: Type, at: str, depth: int, fitting: bool) -> Json:
        if is_list_type(type_):
            if self.chance(6):  # one value stands for a list of it
                return self.value(GraphQLNonNull(_bare(type_.of_type)), at, depth, fitting=fitting)
            return [self.value(type_.of_type, at, depth, fitting=fitting) for _ in range(self.draw(st.integers(0, 3)))]
        if is_input_object_type(type_):
            return {name: self.value(member, name, depth - 1, fitting=fitting) for name, member in self._members(type_, depth).items()}
        return self._leaf(type_, at, fitting=fitting)

    def _is_object(self, type_: Type) -> bool:
        return is_input_object_type(get_named_type(type_))

    def _members(self, type_: GraphQLInputObjectType, depth: int) -> dict[str, Type]:
        """The required members and some of the others; none that nests once `depth` is used up."""
        able = [name for name, member in type_.fields.items() if depth > 0 or not self._is_object(member.type)]
        wanted = {self.pick(able) for _ in range(self.draw(st.integers(0, 2)))}
        return {name: member.type for name, member in type_.fields.items() if name in wanted or is_non_null_type(member.type)}

    def _leaf(self, type_: Type, at: str, *, fitting: bool) -> Json:
        if is_enum_type(type_):
            return self.pick(type_.values)
        if type_.name == "Int":
            sizes = (2, 1, 0, 3, 5, 50, 250, -1)
            return self.pick(sizes if fitting else (*sizes, 251, 2**31 - 1))
        if type_.name == "ID":
            return 7 if self.chance(20) else self.pick(IDS)
        if type_.name == "Boolean":
            return self.draw(st.booleans())
        if type_.name == "DateTime":
            return self.pick(MOMENTS[:6] if fitting else MOMENTS)
        if type_.name == "Decimal":
            return self.pick(AMOUNTS[:8] if fitting else AMOUNTS)
        return self.pick((*CURSORS, *FORGED) if at in ("after", "before") else TEXTS.get(at, ("text",)))

    def _variable(self, type_: Type, at: str, depth: int) -> str:
        """A variable that may stand where `type_` is asked: perhaps one that is there."""
        nullable = _bare(type_)
        fitting = [name for name, known in self.variables.items() if known.type in (str(type_), f"{nullable}!")]
        if fitting and self.chance(3):
            return cast(str, self.pick(fitting))
        name = f"v{len(self.variables)}"
        required = is_non_null_type(type_)
        default = None
        if self.chance(3):
            # A default that is not null lets a nullable variable stand where null may not.
            shown = self.value(GraphQLNonNull(nullable) if required else nullable, at, depth, fitting=True)
            default, declared = written(shown, nullable), nullable
        else:
            declared = type_ if required or self.chance(2) else GraphQLNonNull(nullable)
        made = self.variables[name] = Variable(str(declared), default)
        if self.chance(20):
            made.value = self.pick(WRONG)
        elif is_non_null_type(declared) or not self.chance(4):
            made.value = self.value(declared, at, depth)
        return name


def written(value: Json, type_: Type) -> str:
    """JSON as GraphQL's own literals of this type."""
    type_ = _bare(type_)
    if value is None:
        return "null"
    if isinstance(value, list):
        return "[" + ", ".join(written(each, type_.of_type if is_list_type(type_) else type_) for each in value) + "]"
    if is_list_type(type_):
        return written(value, type_.of_type)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {written(each, type_.fields[name].type)}" for name, each in value.items()) + "}"
    return str(value) if is_enum_type(type_) else json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def filled(value: Json, marks: Mapping[str, str]) -> Json:
    """With the marks replaced by what they stand for in this house."""
    if isinstance(value, str):
        return re.sub(r"«(\w+)»", lambda found: marks[found[1]], value)
    if isinstance(value, list):
        return [filled(each, marks) for each in value]
    return {name: filled(each, marks) for name, each in value.items()} if isinstance(value, dict) else value


def _bare(type_: Type) -> Type:
    return type_.of_type if is_non_null_type(type_) else type_


__all__ = ["OMITTED", "Json", "Speech", "Variable", "filled", "written"]
