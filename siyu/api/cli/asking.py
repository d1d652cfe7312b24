"""How a command asks the API itself, in this process: what it shows is what the API shows its caller."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, Final

import typer
from graphql import GraphQLError

from siyu import schema
from siyu.api import auth, process
from siyu.domain import staff
from siyu.domain.kernel import boot
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.settings import Settings
from siyu.jobs import queue
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Refusal, Refusals
from siyu.schema.context import Context

Token = Annotated[str, typer.Option("--token", envvar="SIYU_TOKEN", help="The access token under whose grants it is done.")]
AsStaff = Annotated[str, typer.Option("--as", help="Instead of a token: email address of the member of staff who it is done for.")]

_CLI: Final = Actor.worker("command-line", Scope.STAFF_READ)


@asynccontextmanager
async def calling(found: Settings, token: str, as_staff: str) -> AsyncIterator[tuple[House, Actor]]:
    """The open house, and the caller whom a token or an email address names; raises `Refusal` where it names none."""
    await process.made_current(found)
    async with boot.running(found) as house:
        queue.discover()
        caller = await auth.required(f"Bearer {token}", request="command-line") if token else await staff.acting(_CLI, email=as_staff)
        yield house, caller


async def asked(caller: Actor, document: str, **variables: object) -> dict[str, Any]:
    """The data of the answer to a document; raises the refusal of what was refused, of a payload's user errors as well."""
    got = await schema.build().execute(
        document, variable_values=variables, context_value=Context(caller=caller, correlation="command-line")
    )
    if got.errors:
        raise _refusal(got.errors[0])
    assert got.data is not None, "an answer without errors has data"
    for payload in got.data.values():
        if isinstance(payload, dict) and payload.get("userErrors"):
            raise Refusals([Refusal(each["message"], path=each["field"] or ()) for each in payload["userErrors"]])
    return got.data


def _refusal(error: GraphQLError) -> BaseException:
    cause: BaseException = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return Refusal(cause.message) if isinstance(cause, GraphQLError) else cause
