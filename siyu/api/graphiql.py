"""Pages for people: GraphiQL and the invitation. They say nothing of the schema; the API answers once somebody has signed in.

All of it is served from here: no script, style or font comes from another host, and the policy sent along forbids it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from starlette.types import Send

from siyu.api import wire

STATIC: Final = Path(__file__).parent / "static"

#: GraphiQL sets styles from script, so inline styles are allowed; inline script is not.
POLICY: Final = (
    b"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
    b"connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

HEADERS: Final = (
    (b"content-security-policy", POLICY),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
)

_PAGE = (STATIC / "graphiql" / "index.html").read_bytes()


async def page(send: Send, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
    """Send GraphiQL."""
    await wire.answer(send, 200, b"text/html; charset=utf-8", _PAGE, (*HEADERS, *headers))
