"""What a document may cost, and what the cache of documents keeps."""

from __future__ import annotations

import pytest
from graphql import build_schema, get_introspection_query, parse, validate

from siyu.api.limits import Limits, rules
from siyu.schema.documents import Documents
from tests.api.conftest import Client, Member

SCHEMA = build_schema("type Query { a: Query b(first: Int, last: Int): String }")
RULES = rules(Limits(depth=4, aliases=3, directives=2, page=250))


def problems(document: str) -> list[str]:
    return [error.message for error in validate(SCHEMA, parse(document), RULES)]


@pytest.mark.parametrize(
    "document",
    [
        "{ a { a { a { b } } } }",
        "{ a { ... { a { ... on Query { a { b } } } } } }",
        "{ a { ...F } } fragment F on Query { a { a { b } } }",
        "{ x: b y: b z: b }",
        "{ b(first: 250) }",
        "{ b @include(if: true) @skip(if: false) }",
    ],
)
def test_what_is_within_the_limits_is_fine(document: str) -> None:
    assert problems(document) == []


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("{ a { a { a { a { b } } } } }", "nests 5 levels deep; 4"),
        ("{ a { a { ...F } } } fragment F on Query { a { ...G } } fragment G on Query { a { b } }", "nests 5 levels deep; 4"),
        ("{ x: b y: b z: b w: b }", "4 aliases; 3"),
        ("{ ...F } fragment F on Query { x: b y: b z: b w: b }", "4 aliases; 3"),
        ("{ b(first: 251) }", "at most 250"),
        ("{ b(last: 99999999999999999999) }", "at most 250"),
        ("{ b @include(if: true) a { b @include(if: true) a { b @include(if: true) } } }", "3 directives; 2"),
    ],
)
def test_what_exceeds_a_limit_is_said(document: str, said: str) -> None:
    found = problems(document)
    assert any(said in each for each in found), found


def test_cycles_end_and_are_refused() -> None:
    assert any("within itself" in each for each in problems("{ ...F } fragment F on Query { a { ...F } }"))


def test_introspection_has_a_depth_of_its_own() -> None:
    assert problems(get_introspection_query()) == []


def documents(*, entries_max: int = 1_000, characters_max: int = 1024**2) -> Documents:
    return Documents(SCHEMA, RULES, 100, entries_max, characters_max)


def test_a_document_is_validated_once() -> None:
    cache = documents()
    assert cache.get("{ b }") is cache.get("{ b }")
    assert (cache.counters.hits, cache.counters.misses, len(cache)) == (1, 1, 1)


def test_the_least_recently_used_goes_first() -> None:
    cache = documents(entries_max=2)
    first, second = cache.get("{ b }"), cache.get("{ a { b } }")
    assert cache.get("{ b }") is first
    cache.get("{ x: b }")
    assert (cache.counters.evictions, len(cache)) == (1, 2)
    assert cache.get("{ b }") is first
    assert cache.get("{ a { b } }") is not second


def test_memory_is_bounded_by_characters_too() -> None:
    cache = documents(characters_max=400)
    for n in range(50):
        cache.get("{ b } #" + str(n).rjust(60))
    assert len(cache) <= 6
    assert not cache.get("{ b } #" + "x" * 200).errors
    assert len(cache) <= 6


def test_invalid_documents_evict_nothing() -> None:
    cache = documents(entries_max=1)
    kept = cache.get("{ b }")
    for n in range(5):
        assert cache.get(f"{{ c{n} }}").errors
    assert cache.get("{ b }") is kept
    assert cache.counters.invalid == 5


@pytest.mark.on("sqlite")
async def test_the_limits_hold_over_http(client: Client, ada: Member) -> None:
    assert (await client.post("{ customers { nodes { id } } }", access=ada.access)).status_code == 200
    for document in (
        "{ " + " ".join(f"a{n}: __typename" for n in range(16)) + " }",
        "{ customers(first: 251) { totalCount } }",
        "{ " + " ".join(["__typename"] * 2001) + " }",
    ):
        answer = await client.post(document, access=ada.access)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["extensions"]["code"] in ("TOO_COMPLEX", "BAD_REQUEST")
    by_variable = await client.run("query ($n: Int) { customers(first: $n) { totalCount } }", {"n": 251}, access=ada.access)
    assert by_variable["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"


@pytest.mark.on("sqlite")
async def test_members_may_introspect(client: Client, ada: Member) -> None:
    answer = await client.run(get_introspection_query(input_value_deprecation=True), access=ada.access)
    assert "errors" not in answer
    assert any(each["name"] == "Customer" for each in answer["data"]["__schema"]["types"])
