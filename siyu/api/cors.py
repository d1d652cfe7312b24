"""Which pages of other origins may call the API. There are no cookies, so a bearer secret is all that a page can send."""

from __future__ import annotations

from dataclasses import dataclass

from siyu.api.wire import Headers

_ALLOWED = [
    (b"access-control-allow-methods", b"GET, POST"),
    (b"access-control-allow-headers", b"authorization, content-type, x-request-id, x-siyu-cost"),
    (b"access-control-max-age", b"600"),
]


@dataclass(frozen=True, slots=True)
class Cors:
    """The origins of the setting, exactly as browsers spell them."""

    origins: frozenset[str]

    @classmethod
    def of(cls, setting: str) -> Cors:
        """From origins between commas."""
        return cls(frozenset(origin.strip().rstrip("/") for origin in setting.split(",") if origin.strip()))

    def headers(self, origin: str, *, preflight: bool = False) -> Headers:
        """The headers for an answer to a page of this origin; none for one that may not call."""
        if not origin or origin not in self.origins:
            return []
        own = [(b"access-control-allow-origin", origin.encode("latin-1")), (b"vary", b"origin")]
        return own + _ALLOWED if preflight else [*own, (b"access-control-expose-headers", b"x-request-id")]
