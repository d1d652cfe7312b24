"""Running documents against the schema, as the edge does it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from graphql import GraphQLError

from siyu.domain.kernel.boot import House
from siyu.domain.kernel.reading import Denial
from siyu.privacy.actor import Actor
from siyu.schema import Schema, build
from siyu.schema.context import Context
from siyu.schema.errors import presented


@dataclass(frozen=True, slots=True)
class Answer:
    data: Any
    errors: list[dict[str, Any]]
    denied: list[Denial]

    @property
    def codes(self) -> list[str]:
        return [error["extensions"]["code"] for error in self.errors]


Run = Callable[..., Awaitable[Answer]]


@cache
def schema() -> Schema:
    return build()


@pytest.fixture
def run(house: House) -> Run:
    async def run(actor: Actor | None, document: str, **variables: object) -> Answer:
        context = Context(caller=actor, correlation="test")
        got = await schema().execute(document, variable_values=variables, context_value=context)
        errors: list[GraphQLError] = got.errors or []
        return Answer(got.data, presented(errors, "test"), context.denied)

    return run
