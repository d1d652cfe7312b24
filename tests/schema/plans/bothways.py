"""Running one operation by plan and by the engine, to hold the two answers equal."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson

from siyu.api import limits
from siyu.domain.kernel import database
from siyu.privacy.actor import Actor
from siyu.schema.context import Context
from siyu.schema.documents import Documents
from siyu.schema.errors import presented
from siyu.schema.plans import Planner
from tests.schema.conftest import schema


@dataclass(frozen=True, slots=True)
class Both:
    """What each way answered; `planned` is None where the planner left it to the engine."""

    engine: dict[str, Any]
    planned: dict[str, Any] | None
    why: str
    #: What the planner sent.
    statements: list[str]


@cache
def documents() -> Documents:
    return Documents(schema()._schema, limits.rules(limits.Limits(12, 15, page=250)), 2_000)


async def both_ways(planner: Planner, actor: Actor, text: str, variables: dict[str, Any]) -> Both:
    """Run the only operation of a valid document both ways."""
    document = documents().get(text)
    assert not document.errors, document.errors
    operation = document.operation(None)
    engine = Context(caller=actor, correlation="engine")
    got = await schema().execute(text, variable_values=variables, context_value=engine)
    answer = {"data": got.data, "errors": _plain(presented(got.errors or [], "same")), "denied": _denied(engine)}
    planned = Context(caller=actor, correlation="planned")
    planner.counters.fallbacks.clear()
    with database.counting() as count:
        found = await planner.answer(document, operation, variables, planned)
    why = ", ".join(planner.counters.fallbacks)
    answer = orjson.loads(orjson.dumps(answer))
    if found is None:
        return Both(answer, None, why, count.statements)
    written = orjson.dumps({"data": found.data, "errors": [], "denied": _denied(planned)}, option=orjson.OPT_UTC_Z)
    return Both(answer, orjson.loads(written), why, count.statements)


def _plain(errors: list[dict[str, object]]) -> list[dict[str, object]]:
    return sorted(errors, key=str)


def _denied(context: Context) -> list[str]:
    return sorted({f"{'.'.join(each.path)} {each.reason} {each.scope} {each.count}" for each in context.denied})
