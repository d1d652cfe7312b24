"""GraphQL over HTTP, the pure part: what a request asks, which media type it gets, which status says how it went.

After the specification of the GraphQL Foundation (draft of 2025). Batches are not taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from urllib.parse import parse_qsl

import orjson


class Media(StrEnum):
    """What an answer may be."""

    GRAPHQL = "application/graphql-response+json"
    JSON = "application/json"
    HTML = "text/html"


class Malformed(Exception):
    """The request is no GraphQL request; `status` says of what kind the mistake is."""

    def __init__(self, status: int, message: str, *, allow: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.allow = allow


@dataclass(frozen=True, slots=True)
class Asked:
    """The parameters of a well-formed request."""

    query: str
    operation_name: str | None = None
    variables: Mapping[str, object] = field(default_factory=dict)
    extensions: Mapping[str, object] = field(default_factory=dict)


@lru_cache(maxsize=256)
def media(accept: str, *, html: bool) -> Media:
    """The media type that the client likes best of those that we have; raises `Malformed` (406) when it likes none.

    Nothing said, and `*/*`, mean JSON. `html` says whether a page for people is among those that we have.
    """
    if not accept.strip():
        return Media.JSON
    best: tuple[float, Media] | None = None
    for part in accept.lower().split(","):
        kind, *parameters = (piece.strip() for piece in part.split(";"))
        quality = _quality(parameters)
        offered = _OFFERS.get(kind)
        if offered is None or quality <= 0 or (offered is Media.HTML and not html):
            continue
        if best is None or quality > best[0]:
            best = (quality, offered)
    if best is None:
        raise Malformed(406, f"Accept {Media.GRAPHQL} or {Media.JSON}.")
    return best[1]


_OFFERS = {
    "application/graphql-response+json": Media.GRAPHQL,
    "application/json": Media.JSON,
    "application/*": Media.JSON,
    "*/*": Media.JSON,
    "text/html": Media.HTML,
    "application/xhtml+xml": Media.HTML,
}


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


def posted(content_type: str, body: bytes) -> Asked:
    """What a POST asks. Raises `Malformed`: 415 for another type or charset than JSON in UTF-8, 400 for what isn't a request."""
    if content_type != "application/json":
        _check_type(content_type)
    return asked(_json(body, "The body"))


def _check_type(content_type: str) -> None:
    kind, *parameters = (piece.strip().lower() for piece in content_type.split(";"))
    if kind != Media.JSON:
        raise Malformed(415, f"Send {Media.JSON}.")
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "charset" and value.strip().strip('"') not in ("utf-8", "utf8"):
            raise Malformed(415, "Send UTF-8.")


def queried(query_string: bytes) -> Asked:
    """What a GET asks, from its query string."""
    try:
        given: dict[str, object] = dict(parse_qsl(query_string.decode("ascii"), keep_blank_values=True, max_num_fields=20, errors="strict"))
    except ValueError as error:
        raise Malformed(400, "The query string can't be read.") from error
    for name in ("variables", "extensions"):
        text = given.get(name)
        if isinstance(text, str):
            given[name] = _json(text, f"`{name}`") if text else None
    return asked(given)


def asked(given: object) -> Asked:
    """The parameters, each of its type."""
    if isinstance(given, list):
        raise Malformed(400, "Batches are not taken: send one request each.")
    if not isinstance(given, dict):
        raise Malformed(400, "The body must be a JSON object.")
    query, name = given.get("query"), given.get("operationName")
    if not isinstance(query, str) or not query.strip():
        raise Malformed(400, "`query` must be a string that holds a GraphQL document.")
    if name is not None and not isinstance(name, str):
        raise Malformed(400, "`operationName` must be a string.")
    return Asked(query, name or None, _map(given, "variables"), _map(given, "extensions"))


def _map(given: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = given.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Malformed(400, f"`{name}` must be an object.")
    return value


def _json(text: bytes | str, what: str) -> object:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Malformed(400, f"{what} is not valid JSON in UTF-8.") from error


def status(answer: Mapping[str, object], kind: Media) -> int:
    """200 when something was executed, whatever came of it; otherwise 400, but 200 for those who only accept plain JSON."""
    return 200 if "data" in answer or kind is Media.JSON else 400
