"""Bad input is answered as the engine answers it: by name, without a trace, without a statement sent for it."""

from __future__ import annotations

import pytest

from siyu.domain.kernel import database
from tests.api.conftest import Client, Member

DEEP = "{ customers { nodes { " + "orders { nodes { customer { " * 3 + "id" + " } } }" * 3 + " } } }"
CYCLE = "{ customers { nodes { ...a } } } fragment a on Customer { orders { nodes { customer { ...b } } } } fragment b on Customer { ...a }"
MANY = "{ customers { nodes { " + " ".join(f"a{n}: id" for n in range(40)) + " } } }"
LONG = "{ customers { nodes { " + "id " * 3_000 + "} } }"
IDS = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
PAGE = "query ($n: Int) { customers(first: $n) { nodes { id } } }"


@pytest.mark.parametrize(
    ("document", "variables", "code"),
    [
        ("{ customers { nodes { nonsense } } }", None, "BAD_REQUEST"),
        ("{ customers(nonsense: 1) { nodes { id } } }", None, "BAD_REQUEST"),
        ("{ customers(filter: { city: 1 }) { nodes { id } } }", None, "BAD_REQUEST"),
        ("{ customers { nodes { id }", None, "BAD_REQUEST"),
        (PAGE, {"n": "three"}, "BAD_REQUEST"),
        (PAGE, {"n": 2**40}, "BAD_REQUEST"),
        (PAGE, {"n": {"first": 1}}, "BAD_REQUEST"),
        ("query ($id: ID!) { customer(id: $id) { id } }", {}, "BAD_REQUEST"),
        ("query ($n: Nonsense) { customers(first: $n) { nodes { id } } }", {"n": 1}, "BAD_REQUEST"),
        (PAGE, {"n": 251}, "LIMIT_EXCEEDED"),
        (IDS, {"ids": ["x"] * 251}, "LIMIT_EXCEEDED"),
        (CYCLE, None, "BAD_REQUEST"),
        (DEEP, None, "TOO_COMPLEX"),
        (MANY, None, "TOO_COMPLEX"),
        (LONG, None, None),
    ],
)
async def test_it_is_refused_before_anything_is_read(
    client: Client, ada: Member, document: str, variables: dict[str, object] | None, code: str | None
) -> None:
    await client.run("{ viewer { name } }", access=ada.access)  # so that the door asks nothing below
    with database.counting() as count:
        answer = await client.post(document, variables, access=ada.access)
    body = answer.json()
    assert body["errors"]
    assert "Traceback" not in answer.text
    assert ".py" not in answer.text
    assert not body.get("data")
    if code is not None:
        assert {error["extensions"]["code"] for error in body["errors"]} == {code}
    assert [sql for sql in count.statements if "customers" in sql.lower()] == []


async def test_a_flood_of_documents_leaves_the_caches_bounded(client: Client, ada: Member) -> None:
    planner, documents = client.app.planner, client.app.documents
    planner.entries_max = documents.entries_max = 20
    for n in range(60):
        await client.run(f"query Q{n} {{ customers(first: 1) {{ nodes {{ a{n}: id }} }} }}", access=ada.access)
    assert len(planner) <= 20
    assert len(documents) <= 20
    assert planner.counters.evictions >= 40
