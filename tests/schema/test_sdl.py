"""The SDL: committed as it is printed, described throughout, and at least what the contract says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLType,
    Undefined,
    build_schema,
    get_named_type,
)
from graphql.type import GraphQLArgument, GraphQLField, is_specified_scalar_type

from tests.schema.conftest import schema
from tests.schema.unbuilt import UNBUILT

ROOT = Path(__file__).parents[2]
SDL = ROOT / "schema.graphql"
CONTRACT = ROOT.parent / "shared" / "contract" / "schema.graphql"

Member = GraphQLField | GraphQLInputField
WithFields = GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType


def ours() -> GraphQLSchema:
    return schema()._schema


def types(found: GraphQLSchema) -> Iterator[GraphQLNamedType]:
    return (each for each in found.type_map.values() if not each.name.startswith("__") and not is_specified_scalar_type(each))


def members(type_: GraphQLNamedType) -> dict[str, Member]:
    return dict(type_.fields) if isinstance(type_, WithFields) else {}


def arguments(member: Member) -> dict[str, GraphQLArgument]:
    return member.args if isinstance(member, GraphQLField) else {}


def test_the_committed_sdl_is_what_is_printed() -> None:
    printed = schema().as_str() + "\n"
    assert SDL.read_text(encoding="utf-8") == printed, (
        "The SDL has changed: run `make schema`, and look at the diff before it is committed."
    )


def test_everything_is_described() -> None:
    bare = [each.name for each in types(ours()) if not each.description]
    for each in types(ours()):
        for name, member in members(each).items():
            bare += [] if member.description else [f"{each.name}.{name}"]
            bare += [f"{each.name}.{name}({key}:)" for key, argument in arguments(member).items() if not argument.description]
    bare += [f"@{each.name}" for each in ours().directives if not each.description]
    assert bare == [], "Describe each; an argument that means the same everywhere in siyu/schema/arguments.py."


@pytest.fixture(scope="module")
def contract() -> GraphQLSchema:
    if not CONTRACT.exists():
        pytest.skip("the contract is not beside the repository: ../shared/contract/schema.graphql")
    return build_schema(CONTRACT.read_text(encoding="utf-8"))


def test_what_is_built_of_the_contract_is_as_it_says(contract: GraphQLSchema) -> None:
    problems = [problem for each in types(contract) if each.name in ours().type_map for problem in differences(each)]
    assert problems == []


def test_the_list_of_the_unbuilt_only_gets_shorter(contract: GraphQLSchema) -> None:
    known = {f"{each.name}.{name}" for each in types(contract) for name in members(each)}
    assert sorted(UNBUILT - known) == [], "tests/schema/unbuilt.py names what the contract doesn't have."
    built = {f"{each.name}.{name}" for each in types(ours()) for name in members(each)}
    assert sorted(UNBUILT & built) == [], "These are built: take them off tests/schema/unbuilt.py."


def test_nothing_else_of_the_contract_is_missing(contract: GraphQLSchema) -> None:
    """Every type that can be reached without going through the unbuilt is there."""
    waiting = [each for each in (contract.query_type, contract.mutation_type, contract.subscription_type) if each]
    reached: dict[str, GraphQLNamedType] = {}
    while waiting:
        each: GraphQLNamedType = waiting.pop()
        if each.name in reached:
            continue
        reached[each.name] = each
        for name, member in members(each).items():
            if f"{each.name}.{name}" not in UNBUILT:
                waiting += [get_named_type(part.type) for part in (member, *arguments(member).values())]  # type: ignore[misc]  # of all kinds
    there = ours().type_map
    absent = [
        name for name, each in reached.items() if name not in there and not {f"{name}.{key}" for key in members(each) or "-"} <= UNBUILT
    ]
    assert absent == [], "Build them, or list in tests/schema/unbuilt.py what leads to them."


def test_directives_of_the_contract_are_there(contract: GraphQLSchema) -> None:
    known = {each.name: each for each in ours().directives}
    for each in contract.directives:
        assert each.name in known
        assert set(each.locations) <= set(known[each.name].locations)
        assert {name: str(argument.type) for name, argument in each.args.items()} == {
            name: str(argument.type) for name, argument in known[each.name].args.items()
        }


def differences(contracted: GraphQLNamedType) -> Iterator[str]:
    """How our type of this name falls short of the contract's."""
    own = ours().type_map[contracted.name]
    if not isinstance(own, type(contracted)):
        yield f"{own.name} is another kind of type"
    elif isinstance(contracted, GraphQLEnumType) and isinstance(own, GraphQLEnumType):
        yield from (f"{own.name}.{value} is missing" for value in contracted.values if value not in own.values)
    else:
        yield from _interfaces(contracted, own)
        mine = members(own)
        for name, wanted in members(contracted).items():
            place = f"{own.name}.{name}"
            if name in mine:
                yield from _member(place, wanted, mine[name])
            elif place not in UNBUILT:
                yield f"{place} is missing"
        for name, extra in mine.items():
            if isinstance(extra, GraphQLInputField) and name not in members(contracted) and _required(extra):
                yield f"{own.name}.{name} must be given, which the contract doesn't know"


def _interfaces(contracted: GraphQLNamedType, own: GraphQLNamedType) -> Iterator[str]:
    if isinstance(contracted, GraphQLObjectType) and isinstance(own, GraphQLObjectType):
        mine = {each.name for each in own.interfaces}
        yield from (f"{own.name} doesn't implement {each.name}" for each in contracted.interfaces if each.name not in mine)


def _member(place: str, wanted: Member, own: Member) -> Iterator[str]:
    fits = _accepts(own.type, wanted.type) if isinstance(wanted, GraphQLInputField) else _gives(own.type, wanted.type)
    if not fits:
        yield f"{place} is {own.type}; the contract says {wanted.type}"
    mine = arguments(own)
    for name, argument in arguments(wanted).items():
        if name not in mine:
            yield f"{place}({name}:) is missing"
        elif not _accepts(mine[name].type, argument.type):
            yield f"{place}({name}:) is {mine[name].type}; the contract says {argument.type}"
    for name, argument in mine.items():
        if name not in arguments(wanted) and _required(argument):
            yield f"{place}({name}:) must be given, which the contract doesn't know"


def _required(given: GraphQLInputField | GraphQLArgument) -> bool:
    return isinstance(given.type, GraphQLNonNull) and given.default_value is Undefined


def _gives(own: GraphQLType, wanted: GraphQLType) -> bool:
    """Whether whoever expects `wanted` can read `own`: the same, or with fewer nulls."""
    if isinstance(wanted, GraphQLNonNull):
        return isinstance(own, GraphQLNonNull) and _gives(own.of_type, wanted.of_type)
    if isinstance(own, GraphQLNonNull):
        return _gives(own.of_type, wanted)
    if isinstance(wanted, GraphQLList) or isinstance(own, GraphQLList):
        return isinstance(own, GraphQLList) and isinstance(wanted, GraphQLList) and _gives(own.of_type, wanted.of_type)
    return str(own) == str(wanted)


def _accepts(own: GraphQLType, wanted: GraphQLType) -> bool:
    """Whether whatever fits `wanted` may be given for `own`."""
    return _gives(wanted, own)


@pytest.mark.parametrize(
    ("own", "wanted", "gives"),
    [
        ("String!", "String", True),
        ("String", "String!", False),
        ("[Int!]!", "[Int]", True),
        ("[Int]", "[Int!]", False),
        ("Int", "[Int]", False),
    ],
)
def test_an_answer_may_be_stricter_and_an_input_laxer(own: str, wanted: str, gives: bool) -> None:
    fields = build_schema(f"type Query {{ own: {own} wanted: {wanted} }}").type_map["Query"]
    assert isinstance(fields, GraphQLObjectType)
    mine, theirs = fields.fields["own"].type, fields.fields["wanted"].type
    assert _gives(mine, theirs) is gives
    assert _accepts(theirs, mine) is gives
