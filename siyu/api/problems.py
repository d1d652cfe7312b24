"""Errors of the plain HTTP routes: JSON with a code and a sentence, as `userErrors` have."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from siyu.api.json import JSON
from siyu.privacy.refusal import Code, Refusal

_STATUS = {
    Code.UNAUTHENTICATED: 401,
    Code.FORBIDDEN: 403,
    Code.NOT_FOUND: 404,
    Code.CONFLICT: 409,
    Code.WRONG_STATE: 409,
    Code.LIMIT_EXCEEDED: 413,
    Code.RATE_LIMITED: 429,
}


async def refused(_: Request, refusal: Exception) -> Response:
    """The answer to a refusal."""
    assert isinstance(refusal, Refusal)
    headers = {"www-authenticate": 'Bearer realm="siyu"'} if refusal.code is Code.UNAUTHENTICATED else {}
    errors = [{"code": one.code, "message": one.message} for one in refusal.each()]
    return JSON({"errors": errors}, _STATUS.get(refusal.code, 400), headers)


async def unknown(_: Request, __: Exception) -> Response:
    """The answer where there is no route."""
    return JSON({"errors": [{"code": "NOT_FOUND", "message": "There is nothing here."}]}, 404)
