"""The columns that a file may have, named as the API names its fields: what each asks of a row, and what it takes from it.

`city` and `orderSummary.totalSpent.amount` are values of the row; `attributes.shoe_size` and `identities.PHONE` come from rows below it;
`identities` and `lines` are lists of records, whole in JSON lines and Parquet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final, cast
from uuid import UUID

from siyu.domain.kernel import ids
from siyu.domain.kernel.dialect import Kind
from siyu.domain.kernel.reading import Ask, Column, Derived, Many, Nested, Part, Row, Source, below, source_of
from siyu.privacy.actor import Scope

#: Columns of one file at the most.
FIELDS_MAX: Final = 200
IDENTITIES: Final = "identities."
ATTRIBUTES: Final = "attributes."


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a file: its name, the shape of its values, the scopes that it needs and how it is had."""

    name: str
    kind: Kind
    read: Callable[[Row], object]
    #: Columns of the row itself, by the source's names.
    columns: tuple[str, ...] = ()
    scopes: tuple[Scope, ...] = ()
    #: Whether it holds a list of such values; with `members` a list of records.
    many: bool = False
    members: tuple[Field, ...] = ()
    #: The relation that it comes from, and the columns of the rows there.
    relation: str | None = None
    below: tuple[str, ...] = ()
    keys: tuple[str, ...] = field(default=())


def camel(name: str) -> str:
    """`display_name` as the API spells it: `displayName`."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def flat(source: Source) -> dict[str, Field]:
    """The values that a row has by itself, in the order in which the API lists them."""
    inside = {name for part in source.readable.values() if isinstance(part, Part) for name in _leaves(part)}
    columns = [each for each in source.readable.values() if isinstance(each, Column)]
    own = [each for each in columns if each.stored or (each.description and each.name not in inside)]  # others serve the parts
    shown = [each for each in own if each.kind is not Kind.ID or each.name == "id"]
    return {item.name: item for item in (_value(source, camel(each.name), each) for each in shown)}


def parts(source: Source) -> dict[str, Field]:
    """The values in a row's parts, with dots: `address.city`, `orderSummary.totalSpent.amount`."""
    found = (leaf for part in source.readable.values() if isinstance(part, Part) for leaf in _of_part(source, camel(part.name), part, None))
    return {item.name: item for item in found}


def _leaves(part: Part) -> Iterator[str]:
    for leaf in part.fields.values():
        yield from _leaves(leaf) if isinstance(leaf, Part) else (leaf,)


def _of_part(source: Source, name: str, part: Part, null_with: str | None) -> Iterator[Field]:
    for key, leaf in part.fields.items():
        at, absent = f"{name}.{camel(key)}", part.null_with or null_with
        if isinstance(leaf, Part):
            yield from _of_part(source, at, leaf, absent)
        else:
            item = source.readable.get(leaf) or source.columns[leaf]
            assert isinstance(item, Column | Derived), f"{source.name}.{leaf} is no value"
            yield _value(source, at, item, absent)


def _value(source: Source, name: str, item: Column | Derived, null_with: str | None = None) -> Field:
    if item.name == "id":
        return Field(name, Kind.TEXT, partial(_global_id, source.name), ("id",))
    read = partial(_own, item.name) if null_with is None else partial(_own_with, item.name, null_with)
    names = (item.name,) if null_with is None else (item.name, null_with)
    needed = (item,) if isinstance(item, Column) else tuple(source.columns[need] for need in item.needs)
    return Field(name, item.kind, read, names, tuple(dict.fromkeys(each.scope for each in needed if each.scope)))


def _own(name: str, row: Row) -> object:
    return row[name]


def _own_with(name: str, null_with: str, row: Row) -> object:
    return None if row[null_with] is None else row[name]


def _global_id(noun: str, row: Row) -> object:
    return ids.spelled(noun, cast(UUID, row["id"]))


def reference(name: str, noun: str, via: str) -> Field:
    """The global id of the row that a column names: `customer.id` of an order."""

    def read(row: Row) -> object:
        key = row[via]
        return None if key is None else ids.spelled(noun, cast(UUID, key))

    return Field(name, Kind.TEXT, read, (via,))


def records(source: Source, relation: str) -> Field:
    """A list of rows below, each with its values: the lines of an order, the identities of a customer."""
    found = cast(Many, source.readable[relation])
    target = source_of(found.target)
    values = {**flat(target), **parts(target)}
    members = tuple(each for name, each in values.items() if name != "id")
    scopes = tuple(dict.fromkeys((*((target.scope,) if target.scope else ()), *(scope for each in members for scope in each.scopes))))
    names = tuple(dict.fromkeys(name for each in members for name in each.columns))

    def read(row: Row) -> object:
        return [{each.name: each.read(one) for each in members} for one in rows_below(row, relation)]

    return Field(camel(relation), Kind.JSON, read, (), scopes, many=True, members=members, relation=relation, below=names)


def named(relation: str, by: str, scope: Scope) -> Field:
    """`tags`: what each row of a relation is called, in the order in which the API lists them."""

    def read(row: Row) -> object:
        return [each[by] for each in rows_below(row, relation)]

    return Field(relation, Kind.TEXT, read, (), (scope,), many=True, relation=relation, below=(by,))


def identity(kind: str, scope: Scope) -> Field:
    """`identities.PHONE`: the values of one kind that a customer is known by, in the order in which they came."""

    def read(row: Row) -> object:
        return [each["value"] for each in rows_below(row, "identities") if each["kind"] == kind]

    return Field(IDENTITIES + kind, Kind.TEXT, read, (), (scope,), many=True, relation="identities", below=("kind", "value"))


def attribute(key: str, kind: Kind, scope: Scope | None, *, many: bool, spelled: Callable[[object], object]) -> Field:
    """`attributes.shoe_size`: the value of one attribute, which `spelled` turns from JSON into its own type."""

    def read(row: Row) -> object:
        value = next((each["value"] for each in rows_below(row, "attributes") if each["key"] == key), None)
        return None if value is None else spelled(value)

    scopes = (scope,) if scope else ()
    return Field(ATTRIBUTES + key, kind, read, (), scopes, many=many, relation="attributes", below=("key", "value"), keys=(key,))


def rows_below(row: Row, relation: str) -> Sequence[Row]:
    """The rows of a relation that was asked."""
    return cast("Sequence[Row]", row[f"@{relation}"])


def ask_for(source: Source, chosen: Sequence[Field]) -> Ask:
    """What a page of rows must hold for these columns, and nothing more."""
    ask = Ask(source)
    for name in dict.fromkeys(name for each in chosen for name in each.columns):
        if name != "id":
            ask.want(name)
    for relation, wanted in _by_relation(chosen).items():
        found = cast(Many, source.readable[relation])
        keys = [key for each in wanted for key in each.keys]
        nested = ask.nest(Nested(relation, found, below(found), arguments={"keys": keys} if keys else {}))
        for name in dict.fromkeys(name for each in wanted for name in each.below):
            nested.ask.want(name)
    return ask


def _by_relation(chosen: Sequence[Field]) -> Mapping[str, list[Field]]:
    found: dict[str, list[Field]] = {}
    for each in chosen:
        if each.relation is not None:
            found.setdefault(each.relation, []).append(each)
    return found
