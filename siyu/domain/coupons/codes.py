"""Codes of coupons: eighty random bits, in letters that people don't mistake for each other."""

from __future__ import annotations

from typing import Final

from siyu.privacy import vault

#: Crockford's base 32: no I, L, O and U.
_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS: Final = str.maketrans("OIL", "011", "- ")
_BYTES: Final = 10
#: Letters of a code, without what groups them.
LENGTH: Final = 16


def fresh() -> str:
    """A new code: four groups of four letters."""
    number = int.from_bytes(vault.random(_BYTES))
    letters = "".join(_LETTERS[(number >> (5 * place)) & 31] for place in range(LENGTH))
    return "-".join(letters[start : start + 4] for start in range(0, LENGTH, 4))


def plain(text: str) -> str | None:
    """A code as it is compared: without blanks and hyphens, O read as 0, I and L as 1. None where it can't be a code."""
    letters = text.strip().upper().translate(_READ_AS)
    return letters if len(letters) == LENGTH and all(each in _LETTERS for each in letters) else None
