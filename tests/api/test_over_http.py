"""GraphQL over HTTP, rule by rule; `make audit` runs the specification's own suite over a socket."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.api.conftest import Client, Member

pytestmark = pytest.mark.on("sqlite")

GRAPHQL, JSON = "application/graphql-response+json", "application/json"
TYPENAME = '{"query":"{ __typename }"}'


async def send(client: Client, content: str | bytes = TYPENAME, *, member: Member | None = None, **headers: str) -> httpx.Response:
    sent = {name.replace("_", "-"): value for name, value in {"content_type": JSON, **headers}.items() if value}
    if member:
        sent["authorization"] = f"Bearer {member.access}"
    return await client.http.post("/graphql", content=content, headers=sent)


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (GRAPHQL, GRAPHQL),
        (JSON, JSON),
        ("*/*", JSON),
        ("", JSON),
        ("application/*", JSON),
        (f"{JSON};q=0.9, {GRAPHQL}", GRAPHQL),
        (f"{GRAPHQL};q=0.1, {JSON}", JSON),
        (f"{GRAPHQL}; charset=utf-8, {JSON};q=0.9", GRAPHQL),
    ],
)
async def test_the_best_accepted_type_is_answered(client: Client, accept: str, expected: str) -> None:
    answer = await client.http.post("/graphql", content=TYPENAME, headers={"content-type": JSON, "accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == f"{expected}; charset=utf-8"
    assert answer.json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize("accept", ["text/plain", "application/xml", f"{JSON};q=0"])
async def test_no_acceptable_type_is_406(client: Client, accept: str) -> None:
    assert (await send(client, accept=accept)).status_code == 406


@pytest.mark.parametrize("kind", ["", "text/plain", "application/graphql", "application/x-www-form-urlencoded", f"{JSON}; charset=gbk"])
async def test_other_content_is_415(client: Client, kind: str) -> None:
    assert (await send(client, content_type=kind)).status_code == 415


@pytest.mark.parametrize("kind", [JSON, f"{JSON}; charset=utf-8", f'{JSON};charset="UTF-8"', "Application/JSON"])
async def test_json_in_utf8_is_taken(client: Client, kind: str) -> None:
    assert (await send(client, content_type=kind)).status_code == 200


@pytest.mark.parametrize(
    "content",
    [
        "", "{", '{ "not a JSON', b"\xff\xfe", "[]", '[{"query":"{ __typename }"}]', "1", "null", "{}", '{"qeury":"{ __typename }"}',
        '{"query":1}', '{"query":{}}', '{"query":["a"]}', '{"query":"  "}', '{"query":null}',
        '{"query":"{ __typename }","operationName":1}', '{"query":"{ __typename }","operationName":["a"]}',
        '{"query":"{ __typename }","variables":"x"}', '{"query":"{ __typename }","variables":[1]}',
        '{"query":"{ __typename }","variables":0}',
        '{"query":"{ __typename }","extensions":"x"}', '{"query":"{ __typename }","extensions":false}',
    ],
)  # fmt: skip
@pytest.mark.parametrize("accept", [GRAPHQL, JSON])
async def test_a_malformed_request_is_400_for_every_type(client: Client, content: str | bytes, accept: str) -> None:
    answer = await send(client, content, accept=accept)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
    assert "data" not in answer.json()


@pytest.mark.parametrize("name", ["variables", "operationName", "extensions"])
async def test_null_parameters_are_as_good_as_none(client: Client, name: str) -> None:
    answer = await send(client, json.dumps({"query": "{ __typename }", name: None}), accept=GRAPHQL)
    assert answer.json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        ("{", None),
        ("{ nothingOfThisName }", None),
        ("query ($id: ID!) { node(id: $id) { id } }", {"id": None}),
        ("query A { __typename } query B { __typename }", None),
    ],
)
async def test_a_failed_request_is_400_or_200_by_type_and_has_no_data(client: Client, ada: Member, document: str, variables: Any) -> None:
    content = json.dumps({"query": document, "variables": variables})
    for accept, status in ((GRAPHQL, 400), (JSON, 200)):
        answer = await send(client, content, member=ada, accept=accept)
        assert answer.status_code == status
        assert "data" not in answer.json()
        assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


async def test_an_unknown_operation_name_is_refused(client: Client, ada: Member) -> None:
    answer = await send(client, json.dumps({"query": "query A { __typename }", "operationName": "B"}), member=ada, accept=GRAPHQL)
    assert answer.status_code == 400
    assert "data" not in answer.json()


async def test_an_error_of_a_field_is_200_and_keeps_data(client: Client, ada: Member) -> None:
    answer = await client.post('{ customers(first: 1, after: "nonsense") { totalCount } }', access=ada.access)
    assert answer.status_code == 200
    assert answer.json()["data"] is None
    assert answer.json()["errors"][0]["path"] == ["customers"]


async def test_get_takes_queries_only(client: Client, ada: Member) -> None:
    headers = {"authorization": f"Bearer {ada.access}", "accept": GRAPHQL}
    query = "query Q($n: String!) { __type(name: $n) { name } }"
    got = await client.http.get("/graphql", params={"query": query, "variables": '{"n":"Customer"}', "operationName": "Q"}, headers=headers)
    assert got.json() == {"data": {"__type": {"name": "Customer"}}}
    for bad in ({"query": query, "variables": "{"}, {"query": query, "variables": "[]"}, {}, {"query": ""}):
        assert (await client.http.get("/graphql", params=bad, headers=headers)).status_code == 400
    mutation = await client.http.get("/graphql", params={"query": "mutation { staffLogout { ended } }"}, headers=headers)
    assert (mutation.status_code, mutation.headers["allow"]) == (405, "POST")
    assert (await client.post("{ viewer { name } }", access=ada.access)).json()["data"]["viewer"]["name"] == "Ada Lovelace"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
async def test_other_methods_are_405(client: Client, method: str) -> None:
    answer = await client.http.request(method, "/graphql")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")


async def test_a_body_above_the_limit_is_413_however_it_comes(client: Client) -> None:
    large = b'{"query":"{ __typename }","pad":"' + b"x" * 1024**2 + b'"}'

    async def chunks() -> Any:
        for at in range(0, len(large), 65536):
            yield large[at : at + 65536]

    assert (await send(client, large)).status_code == 413
    streamed = await client.http.post("/graphql", content=chunks(), headers={"content-type": JSON})
    assert streamed.status_code == 413


async def test_the_request_id_comes_back_or_is_made(client: Client) -> None:
    assert (await send(client, x_request_id="front-end-42")).headers["x-request-id"] == "front-end-42"
    made = {(await send(client, x_request_id=given)).headers["x-request-id"] for given in ("", "no spaces\x0b!", "x" * 65)}
    assert len(made) == 3
    assert all(len(each) == 32 for each in made)


async def test_a_browser_gets_graphiql_from_here_and_nothing_from_elsewhere(client: Client) -> None:
    page = await client.http.get("/graphql", headers={"accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "script-src 'self';" in page.headers["content-security-policy"]
    assert "://" not in page.text
    for part in ("graphiql.min.js", "graphiql.min.css", "react.production.min.js", "react-dom.production.min.js", "start.js", "start.css"):
        assert f"/static/graphiql/{part}" in page.text
        assert (await client.http.get(f"/static/graphiql/{part}")).status_code == 200
    assert (await client.http.get("/static/../app.py")).status_code == 404


async def test_other_origins_may_call_only_when_named(client: Client) -> None:
    refused = await send(client, origin="https://evil.example")
    assert "access-control-allow-origin" not in refused.headers
    client.app.graphql.cors = type(client.app.graphql.cors).of("https://shop.example, https://admin.example/")
    preflight = await client.http.options("/graphql", headers={"origin": "https://admin.example"})
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == "https://admin.example"
    assert (await send(client, origin="https://shop.example")).headers["access-control-allow-origin"] == "https://shop.example"
