"""What operators watch, and what a bug looks like from outside."""

from __future__ import annotations

import logging
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from siyu.api.logs import SAFE
from siyu.domain import staff
from tests.api.conftest import LOGIN, Client, Member


async def test_up_and_ready(client: Client) -> None:
    assert (await client.http.get("/healthz")).json() == {"status": "up"}
    ready = await client.http.get("/readyz")
    checks = ready.json()["checks"]
    assert {name: checks[name] for name in ("database", "keystore", "queue")} == {"database": True, "keystore": True, "queue": True}
    assert ready.status_code == (200 if checks["migrations"] else 503)


@pytest.mark.on("sqlite")
async def test_not_ready_without_its_queue(client: Client) -> None:
    client.app.health.redis = None
    answer = await client.http.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["queue"]) == (503, False)


@pytest.mark.on("sqlite")
async def test_metrics_count_what_happened(client: Client, ada: Member) -> None:
    for document in ("{ viewer { name } }", "{ viewer { name } }", "{ viewer { nam } }"):
        await client.run(document, access=ada.access)
    await client.run("{ viewer { name } }")
    lines = (await client.http.get("/metrics")).text.splitlines()
    assert 'siyu_requests_total{kind="query",outcome="done"} 2.0' in lines
    assert 'siyu_requests_total{kind="none",outcome="refused"} 2.0' in lines
    assert 'siyu_documents_total{event="hits"} 1.0' in lines
    assert 'siyu_documents_total{event="misses"} 2.0' in lines
    assert 'siyu_documents_total{event="invalid"} 1.0' in lines
    assert "siyu_documents_kept 1.0" in lines
    assert 'siyu_jobs{state="waiting"} 0.0' in lines
    assert any(line.startswith('siyu_request_seconds_bucket{kind="query",le="0.001"}') for line in lines)
    assert float(next(line for line in lines if line.startswith("siyu_statements_total")).split()[1]) > 0


@pytest.mark.on("sqlite")
async def test_metrics_are_for_this_machine_or_the_token(client: Client) -> None:
    assert (await client.http.get("/metrics", headers={"x-forwarded-for": "203.0.113.9"})).status_code == 404
    transport = httpx.ASGITransport(app=client.app, client=("203.0.113.9", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://siyu.test") as far:
        assert (await far.get("/metrics")).status_code == 404
        client.app.health.settings = client.app.health.settings.model_copy(update={"metrics_token": SecretStr("watch me")})
        assert (await far.get("/metrics")).status_code == 404
        assert (await far.get("/metrics", headers={"authorization": "Bearer watch me"})).status_code == 200
    assert (await client.http.get("/metrics")).status_code == 404


@pytest.mark.on("sqlite")
async def test_a_bug_is_masked_and_logged_without_its_words(client: Client, ada: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: Any) -> None:
        raise ValueError("of ada@example.com")

    monkeypatch.setattr(staff, "login", broken)
    with capture_logs(processors=SAFE) as logs:
        answer = await client.post(LOGIN, {"input": {"email": "ada@example.com", "password": "x"}}, **{"x-request-id": "request-1"})
    error = answer.json()["errors"][0]
    assert error["message"] == "Something went wrong on our side."
    assert error["extensions"] == {"code": "INTERNAL", "correlationId": "request-1"}
    assert [(line["event"], line["correlation"], line["exception"][0]["type"]) for line in logs] == [("bug", "request-1", "ValueError")]
    assert "ada@example.com" not in str(logs)
    assert "ada@example.com" not in answer.text


@pytest.mark.on("sqlite")
async def test_a_bug_outside_graphql_is_masked_too(
    client: Client, ada: Member, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: Any, **__: Any) -> None:
        raise ValueError("of ada@example.com")

    monkeypatch.setattr("siyu.api.auth.caller", broken)
    with capture_logs(processors=SAFE) as logs, caplog.at_level(logging.DEBUG):
        graphql = await client.post("{ viewer { name } }", access=ada.access)
        upload = await client.http.post("/uploads", content=b"x")
    assert (graphql.status_code, graphql.json()["errors"][0]["extensions"]["code"]) == (500, "INTERNAL")
    assert upload.status_code == 500
    assert len(logs) == 2
    assert "ada@example.com" not in str(logs) + caplog.text + graphql.text + upload.text


@pytest.mark.on("sqlite")
async def test_there_is_nothing_elsewhere(client: Client) -> None:
    for path in ("/nothing", "/graphql/", "/uploads", "/static", "/downloads"):
        answer = await client.http.get(path)
        assert answer.status_code in (404, 307)
        assert "x-request-id" in answer.headers
    assert (await client.http.get("/")).headers["location"] == "/graphql"
