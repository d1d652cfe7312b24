"""JSON answers of the plain routes, by the one encoder of the house."""

from __future__ import annotations

import orjson
from starlette.responses import JSONResponse


class JSON(JSONResponse):
    """A JSON answer that no cache keeps."""

    def init_headers(self, headers: dict[str, str] | None = None) -> None:  # type: ignore[override]  # narrower than Starlette's mapping
        super().init_headers({"cache-control": "no-store", **(headers or {})})

    def render(self, content: object) -> bytes:
        return orjson.dumps(content)
