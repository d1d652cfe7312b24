"""Running one operation by plan and by the engine, to hold the two answers equal."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import orjson
from graphql import execute
from strawberry.utils.await_maybe import await_maybe

from siyu.api import limits
from siyu.domain.kernel import database
from siyu.privacy.actor import Actor
from siyu.schema import Schema
from siyu.schema.context import Context
from siyu.schema.documents import Document, Documents
from siyu.schema.errors import presented
from siyu.schema.plans import Executor, Planner
from tests.schema.conftest import schema


@dataclass(frozen=True, slots=True)
class Both:
    """What each way answered; `planned` is None where the planner left it to the engine, `mixed` where it didn't."""

    engine: dict[str, Any]
    planned: dict[str, Any] | None
    #: The engine's answer where the planner reads what it can of it.
    mixed: dict[str, Any] | None
    why: str
    #: What the planner sent.
    statements: list[str]


@cache
def documents(of: Schema | None = None) -> Documents:
    return Documents((of or schema())._schema, limits.rules(limits.Limits(12, 15, page=250)), 2_000)


async def both_ways(planner: Planner, actor: Actor, text: str, variables: dict[str, Any]) -> Both:
    """Run the only operation of a valid document both ways."""
    known = planner.schema
    document = documents(known).get(text)
    assert not document.errors, document.errors
    engine = await _executed(known, document, variables, Context(caller=actor, correlation="engine"))
    planned = Context(caller=actor, correlation="planned")
    planner.counters.fallbacks.clear()
    with database.counting() as count:
        found = await planner.answer(document, document.operation(None), variables, planned)
    why = ", ".join(planner.counters.fallbacks)
    if found is None:
        mixed = await _executed(known, document, variables, Context(caller=actor, correlation="mixed", finisher=planner))
        return Both(engine, None, mixed, why, count.statements)
    return Both(engine, _sent(found.data, [], planned), None, why, count.statements)


def same(got: Both) -> None:
    """The same answer, in the same order."""
    other = got.mixed if got.planned is None else got.planned
    if other is not None and other["data"] is None and got.engine["data"] is None:
        # Of several root fields that fail, the engine tells those that failed before it stopped: which ones is chance.
        assert any(each in got.engine["errors"] for each in other["errors"])
        return
    assert other == got.engine
    assert orjson.dumps(other) == orjson.dumps(got.engine)


async def _executed(known: Schema, document: Document, variables: dict[str, Any], context: Context) -> dict[str, Any]:
    """As the edge has it executed."""
    running = execute(known._schema, document.ast, variable_values=variables, context_value=context, executor_class=Executor)
    got = await await_maybe(running)
    return _sent(got.data, _plain(presented(got.errors or [], "same")), context)


def _sent(data: object, errors: list[dict[str, object]], context: Context) -> dict[str, Any]:
    # Where an error took all of it along, the engine stops reading wherever it is: what was denied so far is chance.
    denied = _denied(context) if data is not None else []
    written = orjson.dumps({"data": data, "errors": errors, "denied": denied}, option=orjson.OPT_UTC_Z)
    return cast(dict[str, Any], orjson.loads(written))


def _plain(errors: list[dict[str, object]]) -> list[dict[str, object]]:
    return sorted(errors, key=str)


def _denied(context: Context) -> list[str]:
    return sorted({f"{'.'.join(each.path)} {each.reason} {each.scope} {each.count}" for each in context.denied})
