"""`siyu explain`, as a person and as a script read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.cli.calling import siyu, told

PAGE = """query Page($first: Int, $city: [String!]) {
  customers(first: $first, filter: { city: $city, phone: "13800000001" }) { totalCount nodes { id displayName phone } }
}
query Other { viewer { name } }
"""


@pytest.fixture
def page(tmp_path: Path) -> str:
    file = tmp_path / "page.graphql"
    file.write_text(PAGE, encoding="utf-8")
    return str(file)


def test_a_plan_is_told_without_values(page: str, tmp_path: Path) -> None:
    (tmp_path / "given.json").write_text('{"first": 20, "city": ["杭州"]}', encoding="utf-8")
    arguments = ("explain", page, "--operation", "Page", "--variables", f"@{tmp_path / 'given.json'}")
    found = told(*arguments, "--role", "admin")
    assert found["cost"] == {
        "requested": 30, "limit": 100_000, "parts": [{"path": "customers", "parents": 1, "each": 20, "cost": 30}]
    }  # fmt: skip
    (step,) = found["steps"]
    assert step["opened"] == ["display_name", "phone"]
    assert found["engine"] == {}
    shown = siyu(*arguments, "--role", "admin").stdout
    assert "Cost 30 of 100,000" in shown
    assert "select" in shown
    for said in (shown, str(found)):
        assert "13800000001" not in said
        assert "杭州" not in said
    refused = siyu(*arguments, "--role", "analyst").stdout
    assert "customer.phone:read" in refused


def test_a_token_sees_what_it_may(page: str) -> None:
    told("staff", "create", "li@example.com", "--name", "Li Na")
    token = told("token", "create", "--name", "Site", "--scope", "customers:read", "--as", "li@example.com")["secret"]
    file = Path(page)
    file.write_text("{ customers { nodes { phone } } }", encoding="utf-8")
    (step,) = told("explain", page, "--token", token)["steps"]
    assert [each["scope"] for each in step["denied"]] == ["customer.phone:read"]
    assert "phone" not in "".join(step["sql"])
    assert "token" in siyu("explain", page, "--token", "siyu_nonsense", code=1).output


def test_what_the_engine_answers_is_said(page: str) -> None:
    said = siyu("explain", page, "--operation", "Other", "--role", "admin").stdout
    assert "The engine answers viewer: Query.viewer has a resolver of its own" in said


@pytest.mark.parametrize(("text", "place"), [("{ customers {\n  nodes { nothing } } }", ":2:11: "), ("{\n  customers {", ":2:14: ")])
def test_mistakes_have_a_place(page: str, text: str, place: str) -> None:
    Path(page).write_text(text, encoding="utf-8")
    assert f"{page}{place}" in siyu("explain", page, "--role", "admin", code=1).output.replace("\n", "")


@pytest.mark.parametrize(
    "wrong",
    [[], ["--role", "admin", "--variables", "{"], ["--role", "admin", "--variables", "[1]"], ["--role", "admin", "--variables", "@no"]],
)
def test_a_wrong_call_is_said(page: str, wrong: list[str]) -> None:
    siyu("explain", page, "--operation", "Page", *wrong, code=2)


def test_an_operation_must_be_named(page: str) -> None:
    assert "operation name" in siyu("explain", page, "--role", "admin", code=1).output
