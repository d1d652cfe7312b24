"""Scalars at their edges, and refusals on their way to the client."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
import strawberry
from graphql import GraphQLError, print_schema
from strawberry.schema.config import StrawberryConfig

from siyu.privacy.refusal import CALLER_CODES, Code, Forbidden, Refusal, Refusals, Taken
from siyu.schema import Schema
from siyu.schema.context import Context, Info
from siyu.schema.errors import Payload, UserErrorCode, mutation, presented
from siyu.schema.scalars import JSON, SCALARS, date_text, datetime_text, decimal_text


@strawberry.type
class NumberPayload(Payload):
    number: int = 0


@strawberry.type
class Query:
    @strawberry.field
    def moment(self, at: datetime) -> datetime:
        return at

    @strawberry.field
    def day(self, at: date) -> date:
        return at

    @strawberry.field
    def amount(self, at: Decimal) -> Decimal:
        return at

    @strawberry.field
    def anything(self, at: JSON) -> JSON:
        return at

    @strawberry.field
    def naive(self) -> datetime:
        return datetime(2026, 1, 1)


@strawberry.type
class Mutation:
    @mutation
    async def number(self, info: Info, why: str) -> NumberPayload:
        """Says a number, or why not."""
        refusals: dict[str, Refusal] = {
            "taken": Taken("Taken.", path=("input", "owner_id")),
            "several": Refusals([Taken("One.", path=("a_b", 0)), Refusal("Two.")]),
            "forbidden": Forbidden("Not you."),
        }
        if why in refusals:
            raise refusals[why]
        if why == "bug":
            raise KeyError("a value")
        return NumberPayload(number=len(info.context.actor.name))


SCHEMA = Schema(Query, Mutation, config=StrawberryConfig(scalar_map=SCALARS))


async def run(document: str, **variables: object) -> tuple[Any, list[dict[str, Any]]]:
    got = await SCHEMA.execute(document, variable_values=variables, context_value=Context(caller=None))
    return got.data, presented(got.errors or [], "c")


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("2026-01-31T09:30:00+08:00", "2026-01-31T01:30:00Z"),
        ("2026-01-31T01:30:00Z", "2026-01-31T01:30:00Z"),
        ("2026-01-31t01:30:00.123456z", "2026-01-31T01:30:00.123456Z"),
        ("2026-01-31 01:30+0000", "2026-01-31T01:30:00Z"),
    ],
)
async def test_a_moment_comes_back_in_utc(given: str, shown: str) -> None:
    for document, variables in ((f'{{ moment(at: "{given}") }}', {}), ("query ($at: DateTime!) { moment(at: $at) }", {"at": given})):
        assert (await run(document, **variables))[0] == {"moment": shown}


@pytest.mark.parametrize(
    ("field", "kind", "given"),
    [
        *(("moment", "DateTime", bad) for bad in ("2026-01-31T09:30:00", "2026-01-31", "yesterday", 1, "", True)),
        *(("moment", "DateTime", bad) for bad in ("2026-02-30T00:00:00Z", "0001-01-01T00:00:00+14:00")),
        *(("day", "Date", bad) for bad in ("2026-02-30", "31.1.2026", "2026-1-31", "20260131", 20260131, "2026-01-31T00:00:00Z")),
        *(("amount", "Decimal", bad) for bad in (1.5, "1e5", "NaN", "Infinity", "", "1,5", True, "1" * 41, "--1", [1])),
    ],
)
async def test_what_is_no_such_thing_is_a_mistake_of_the_request(field: str, kind: str, given: object) -> None:
    data, errors = await run(f"query ($at: {kind}!) {{ {field}(at: $at) }}", at=given)
    assert data is None
    assert [error["extensions"]["code"] for error in errors] == ["BAD_REQUEST"]


@pytest.mark.parametrize(("given", "shown"), [("12.50", "12.50"), (3, "3"), ("-0.0001", "-0.0001"), ("+7", "7"), (10**20, str(10**20))])
async def test_a_decimal_keeps_its_digits(given: object, shown: str) -> None:
    assert (await run("query ($at: Decimal!) { amount(at: $at) }", at=given))[0] == {"amount": shown}


async def test_any_json_passes_through_and_literals_too() -> None:
    value = {"a": [1, 2.5, None, {"b": "c"}], "d": True}
    assert (await run("query ($at: JSON!) { anything(at: $at) }", at=value))[0] == {"anything": value}
    assert (await run("query ($v: JSON) { anything(at: {a: [1, 2.5, null, {b: $v}], d: true}) }", v="c"))[0] == {"anything": value}


def test_texts() -> None:
    assert datetime_text(datetime(2026, 1, 1, 8, tzinfo=timezone(timedelta(hours=8)))) == "2026-01-01T00:00:00Z"
    assert date_text(date(2026, 1, 1)) == "2026-01-01"
    assert (decimal_text(Decimal("1E+3")), decimal_text(Decimal("0.10"))) == ("1000", "0.10")
    with pytest.raises(TypeError):
        date_text(datetime.now(UTC))


async def test_a_naive_time_is_a_bug_not_an_answer() -> None:
    data, errors = await run("{ naive }")
    assert (data, errors[0]["extensions"]) == (None, {"code": "INTERNAL", "correlationId": "c"})


async def test_refusals_are_user_errors_with_the_sdls_paths() -> None:
    document = "mutation ($why: String!) { number(why: $why) { number userErrors { field message code } } }"
    data, errors = await run(document, why="taken")
    assert (data["number"]["number"], errors) == (0, [])
    assert data["number"]["userErrors"] == [{"field": ["input", "ownerId"], "message": "Taken.", "code": "TAKEN"}]
    several = (await run(document, why="several"))[0]["number"]["userErrors"]
    assert [(e["field"], e["code"]) for e in several] == [(["aB", "0"], "TAKEN"), (None, "INVALID")]


@pytest.mark.parametrize(("why", "code"), [("forbidden", "FORBIDDEN"), ("bug", "INTERNAL"), ("", "UNAUTHENTICATED")])
async def test_what_is_about_the_caller_or_a_bug_is_an_error_of_the_request(why: str, code: str) -> None:
    data, errors = await run("mutation ($why: String!) { number(why: $why) { number } }", why=why)
    assert data is None
    assert [(error["extensions"]["code"], error["path"]) for error in errors] == [(code, ["number"])]
    assert "a value" not in str(errors)


def test_user_error_codes_are_the_domains_but_those_of_the_caller() -> None:
    assert {code.name for code in UserErrorCode} == {code.name for code in Code if code not in CALLER_CODES}


def test_a_mutation_is_described_by_its_docstring() -> None:
    assert '"""Says a number, or why not."""' in print_schema(SCHEMA._schema)


def test_a_clients_own_extensions_of_an_error_stay() -> None:
    assert presented([GraphQLError("x", extensions={"code": "TOO_COMPLEX"})], "c")[0]["extensions"] == {"code": "TOO_COMPLEX"}
