"""ASGI without a framework, for the one route where its cost would show: headers in, bytes out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

import uuid_utils
from starlette.types import Receive, Scope, Send

Headers = list[tuple[bytes, bytes]]

_WANTED = frozenset({b"accept", b"authorization", b"content-length", b"content-type", b"origin", b"x-request-id", b"x-siyu-cost"})
_CORRELATION = re.compile(r"[A-Za-z0-9._-]{8,64}")
_SENT = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))


class BodyTooLarge(Exception):
    """More bytes came than are taken."""


class Disconnected(Exception):
    """The client left before its request was complete."""


class Head(NamedTuple):
    """The headers that we look at; empty where absent."""

    accept: str = ""
    authorization: str = ""
    content_length: str = ""
    content_type: str = ""
    origin: str = ""
    #: The client's own id of the request when it is a plain one, else a new one: names it in logs, audit and answer.
    correlation: str = ""
    #: Anything here asks for `extensions.cost`.
    cost: str = ""


def head(scope: Scope) -> Head:
    """The head of a request. A header that is sent twice is joined by a comma, as HTTP says."""
    found: dict[bytes, str] = {}
    for name, value in scope["headers"]:
        if name in _WANTED:
            text = value.decode("latin-1")
            found[name] = f"{found[name]}, {text}" if name in found else text
    return Head(
        accept=found.get(b"accept", ""),
        authorization=found.get(b"authorization", ""),
        content_length=found.get(b"content-length", ""),
        content_type=found.get(b"content-type", ""),
        origin=found.get(b"origin", ""),
        correlation=correlation(found.get(b"x-request-id", "")),
        cost=found.get(b"x-siyu-cost", ""),
    )


def correlation(given: str) -> str:
    """The client's id of a request when it is one of plain characters, else a new one."""
    return given if given and _CORRELATION.fullmatch(given) else uuid_utils.uuid7().hex


async def body(receive: Receive, *, announced: str, bytes_max: int) -> bytes:
    """The whole body. Raises `BodyTooLarge` as soon as more is announced or comes than is taken."""
    if announced.isdigit() and int(announced) > bytes_max:
        raise BodyTooLarge
    message = await receive()
    chunk: bytes = message.get("body", b"")
    if not message.get("more_body", False):
        if message["type"] == "http.disconnect":
            raise Disconnected
        if len(chunk) > bytes_max:
            raise BodyTooLarge
        return chunk
    parts = bytearray(chunk)
    while message.get("more_body", False):
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        parts += message.get("body", b"")
        if len(parts) > bytes_max:
            raise BodyTooLarge
    return bytes(parts)


async def answer(send: Send, status: int, content_type: bytes, content: bytes, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
    """Send a complete answer."""
    sent = [
        (b"content-type", content_type),
        (b"content-length", str(len(content)).encode()),
        *_SENT,
        *headers,
    ]
    await send({"type": "http.response.start", "status": status, "headers": sent})
    await send({"type": "http.response.body", "body": content})
