"""How a refusal reaches the client: as `userErrors` of a payload, or as an error with `extensions.code`."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Awaitable, Callable, Sequence
from enum import Enum
from typing import Concatenate, ParamSpec, TypeVar, cast, get_type_hints

import strawberry
import structlog
from graphql import GraphQLError
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_camel_case

from siyu.privacy.refusal import CALLER_CODES, Refusal
from siyu.schema.context import Info

log = structlog.get_logger("siyu.schema")


@strawberry.enum(description="Why an input was refused.")
class UserErrorCode(Enum):
    """The domain's codes but those that are about the caller (a test holds the two equal)."""

    INVALID = "INVALID"
    BLANK = "BLANK"
    TOO_LONG = "TOO_LONG"
    TAKEN = "TAKEN"
    NOT_FOUND = "NOT_FOUND"
    CONFLICT = "CONFLICT"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    WRONG_STATE = "WRONG_STATE"
    EXPIRED = "EXPIRED"
    SUPPRESSED = "SUPPRESSED"
    CONSENT_REQUIRED = "CONSENT_REQUIRED"
    LEGAL_HOLD = "LEGAL_HOLD"
    RESTRICTED = "RESTRICTED"
    INSUFFICIENT_POINTS = "INSUFFICIENT_POINTS"
    OUT_OF_STOCK = "OUT_OF_STOCK"
    IN_USE = "IN_USE"
    SECOND_PERSON_REQUIRED = "SECOND_PERSON_REQUIRED"


@strawberry.type(description="Why a mutation did not do what was asked. Expected, safe to show.")
class UserError:
    field: list[str] | None = strawberry.field(description="Path to the input that is at fault; null when it is none in particular.")
    message: str = strawberry.field(description="One sentence for people.")
    code: UserErrorCode = strawberry.field(description="The reason, for programs.")


@strawberry.interface(
    description="What every mutation answers with. Nothing was done when there are user errors; of a batch, nothing of the items they name."
)
class Payload:
    user_errors: list[UserError] = strawberry.field(default_factory=list, description="Empty when it was done, of a batch all of it.")


P = ParamSpec("P")
T = TypeVar("T", bound=Payload)
S = TypeVar("S")
R = TypeVar("R")


def query(resolver: Callable[Concatenate[S, Info, P], Awaitable[R]]) -> StrawberryField:
    """A query's field: its docstring is the description; a `Refusal` becomes an error with `extensions.code`."""
    return cast(StrawberryField, strawberry.field(resolver=resolver, description=inspect.getdoc(resolver)))


def mutation(resolver: Callable[Concatenate[S, Info, P], Awaitable[T]]) -> StrawberryField:
    """A mutation's field: its docstring is the description, a `Refusal` becomes the payload's `userErrors`.

    The resolver's return annotation names the payload, whose every field has a default. Refusals that are
    about the caller (`CALLER_CODES`) are raised and become errors of the request.
    """

    @functools.wraps(resolver)
    async def guarded(self: S, info: Info, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await resolver(self, info, *args, **kwargs)
        except Refusal as refusal:
            if refusal.code in CALLER_CODES:
                raise
            payload = cast(type[T], get_type_hints(resolver)["return"])
            return payload(user_errors=user_errors(refusal))

    return strawberry.mutation(guarded, description=inspect.getdoc(resolver))


def user_errors(refusal: Refusal) -> list[UserError]:
    """The refusals in `refusal`, with the SDL's spelling of their paths."""
    return [
        UserError(field=[to_camel_case(step) for step in one.path] or None, message=one.message, code=UserErrorCode[one.code.name])
        for one in refusal.each()
    ]


def refused(refusals: Sequence[Refusal]) -> list[UserError]:
    """The items of a batch that were refused, for a payload that says what became of the others."""
    return [error for refusal in refusals for error in user_errors(refusal)]


def presented(errors: Sequence[GraphQLError], correlation: str) -> list[dict[str, object]]:
    """Errors as they are sent: refusals and the client's own mistakes as they are, bugs masked and logged.

    Each carries `extensions.code`: a refusal's own, `BAD_REQUEST` for a document or variables that don't fit,
    `INTERNAL` with the correlation id for everything else. The log gets types and places, never values.
    """
    return [_presented(error, correlation) for error in errors]


def _presented(error: GraphQLError, correlation: str) -> dict[str, object]:
    cause = _cause(error)
    shown: dict[str, object] = {"message": error.message}
    if error.locations:
        shown["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
    if error.path is not None:
        shown["path"] = list(error.path)
    if isinstance(cause, Refusal):
        shown["message"] = cause.message
        shown["extensions"] = {"code": cause.code.value}
    elif isinstance(cause, GraphQLError):
        shown["extensions"] = {"code": "BAD_REQUEST", **(error.extensions or {})}
    else:
        shown["message"] = "Something went wrong on our side."
        shown["extensions"] = {"code": "INTERNAL", "correlationId": correlation}
        log_bug(cause, correlation, path=".".join(str(step) for step in error.path or ()))
    return shown


def _cause(error: BaseException) -> BaseException:
    while isinstance(error, GraphQLError) and error.original_error is not None:
        error = error.original_error
    return error


def log_bug(bug: BaseException, correlation: str, **where: str) -> None:
    """One line about an unexpected exception. Our logs write it as types and places; its text may hold a value, so it stays out."""
    log.error("bug", exc_info=bug, correlation=correlation, **where)
