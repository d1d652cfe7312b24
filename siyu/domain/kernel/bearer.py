"""Opaque bearer secrets: `siyu_<kind and id>_<32 random bytes><checksum>`, shown once, stored as a keyed hash.

The id finds the row, the checksum tells a typing error from a wrong secret before any database is asked, and the hash is
HMAC-SHA-256 under a pepper that lives with the keys: a stolen table opens nothing.
"""

from __future__ import annotations

import hmac
import re
import secrets
import zlib
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from siyu.privacy import keyring

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_VALUES = {digit: value for value, digit in enumerate(_DIGITS)}
_ID_DIGITS, _SECRET_DIGITS, _CHECKSUM_DIGITS = 22, 43, 6
_SHAPE = re.compile(rf"siyu_([a-z])([0-9A-Za-z]{{{_ID_DIGITS}}})_[0-9A-Za-z]{{{_SECRET_DIGITS + _CHECKSUM_DIGITS}}}")


class Kind(StrEnum):
    """What a secret opens: the letter before the id."""

    TOKEN = "t"  # noqa: S105  # a letter
    SESSION = "s"
    REFRESH = "r"
    INVITE = "i"
    DOWNLOAD = "d"
    WRITE_KEY = "w"


@dataclass(frozen=True, slots=True)
class Minted:
    """A new secret. `text` is shown once and never stored; the rest may be."""

    text: str = field(repr=False)
    digest: bytes = field(repr=False)
    prefix: str
    last_four: str


@dataclass(frozen=True, slots=True)
class Presented:
    """A secret that somebody sent: of the right shape, not yet known to be true."""

    kind: Kind
    id: UUID
    digest: bytes = field(repr=False)


def mint(kind: Kind, row_id: UUID) -> Minted:
    """A new secret for the row with this id."""
    prefix = f"siyu_{kind}{_base62(row_id.int, _ID_DIGITS)}"
    body = f"{prefix}_{_base62(int.from_bytes(secrets.token_bytes(32)), _SECRET_DIGITS)}"
    text = body + _checksum(body)
    return Minted(text, digest(text), prefix, text[-4:])


def present(text: str) -> Presented | None:
    """What `text` claims to be, or None when it was never one of ours. Its digest is to be compared with `same`."""
    shape = _SHAPE.fullmatch(text)
    if shape is None or _checksum(text[:-_CHECKSUM_DIGITS]) != text[-_CHECKSUM_DIGITS:] or shape[1] not in _KINDS:
        return None
    number = _number(shape[2])
    return Presented(Kind(shape[1]), UUID(int=number), digest(text)) if number < 1 << 128 else None


def same(stored: bytes | None, presented: bytes) -> bool:
    """Whether two digests are equal, in constant time."""
    return hmac.compare_digest(bytes(stored or b""), presented)


_KINDS = frozenset(Kind)


def digest(text: str) -> bytes:
    """What is stored of a secret, and compared."""
    return hmac.digest(keyring.current().system_key("token-pepper"), text.encode(), "sha256")


def _checksum(text: str) -> str:
    return _base62(zlib.crc32(text.encode()), _CHECKSUM_DIGITS)


def _base62(number: int, width: int) -> str:
    digits = []
    for _ in range(width):
        number, value = divmod(number, 62)
        digits.append(_DIGITS[value])
    assert number == 0, "the number needs more digits"
    return "".join(reversed(digits))


def _number(text: str) -> int:
    number = 0
    for digit in text:
        number = number * 62 + _VALUES[digit]
    return number
