"""Requests that may come twice: the caller's idempotency key, and what came with it, as they are kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import orjson

from siyu.privacy import keyring
from siyu.privacy.refusal import Code, Refusal

#: Letters of an idempotency key.
KEY_MAX: Final = 200
_PATH: Final = ("input", "idempotency_key")


def key(noun: str, text: str, path: Sequence[str] = _PATH) -> bytes:
    """What is stored of an idempotency key: 32 bytes under a key of the house's own, another one for each noun. Refuses a blank one."""
    if not text.strip():
        raise Refusal("This can't be blank.", path=path, code=Code.BLANK)
    if len(text) > KEY_MAX:
        raise Refusal(f"At most {KEY_MAX} characters.", path=path, code=Code.TOO_LONG)
    return keyring.current().index_key(noun, "idempotency_key").of(text.encode("utf-8", "surrogatepass"))


def digest(noun: str, *values: object) -> bytes:
    """What is stored of an input, to know it again: 32 bytes under a key of the house's own. Values as JSON has them; ids too."""
    return keyring.current().index_key(noun, "input").of(orjson.dumps(values, default=str))


def same(known: bytes | None, given: bytes, path: Sequence[str] = _PATH) -> None:
    """Refuse (`CONFLICT`) a key that was used with another input."""
    if known is None or bytes(known) != given:
        raise Refusal("This key was used with another input.", path=path, code=Code.CONFLICT)
