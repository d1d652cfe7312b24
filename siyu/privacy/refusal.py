"""Saying no with a type: a `Refusal` is expected and safe to show; anything else is a bug and stays masked."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum


class Code(StrEnum):
    """What a refusal is about. All but the last four are shown as `userErrors` of a mutation."""

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
    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    RATE_LIMITED = "RATE_LIMITED"
    TOO_COMPLEX = "TOO_COMPLEX"


#: Codes that never become `userErrors`: the caller, not the input, is at fault.
CALLER_CODES = frozenset({Code.UNAUTHENTICATED, Code.FORBIDDEN, Code.RATE_LIMITED, Code.TOO_COMPLEX})


class Refusal(Exception):
    """An expected no.

    `message` is shown as it is and so holds no personal value; `path` names the input's field in the
    domain's spelling (`("input", "owner_id")`), which the edge turns into the SDL's.
    """

    code: Code = Code.INVALID

    def __init__(self, message: str, *, path: Sequence[str | int] = (), code: Code | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.path: tuple[str, ...] = tuple(str(step) for step in path)
        if code is not None:
            self.code = code

    def each(self) -> tuple[Refusal, ...]:
        """The single refusals in this one."""
        return (self,)


class Refusals(Refusal):
    """Several refusals of one call, all of them shown."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        assert refusals, "no refusals to raise"
        super().__init__(refusals[0].message, path=refusals[0].path, code=refusals[0].code)
        self.refusals = tuple(refusals)

    def each(self) -> tuple[Refusal, ...]:
        return self.refusals


class Unauthenticated(Refusal):
    """Nobody is signed in, or the token is unknown, expired or revoked."""

    code = Code.UNAUTHENTICATED


class Forbidden(Refusal):
    """The caller lacks a scope."""

    code = Code.FORBIDDEN


class NotFound(Refusal):
    """There is no such thing, or none that this caller may know of."""

    code = Code.NOT_FOUND


class Taken(Refusal):
    """Another row holds this unique value."""

    code = Code.TAKEN
