"""Human passwords: argon2id, in a few threads of its own, for one check takes a fifth of a second."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher()
_THREADS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="passwords")


async def hash(plain: str) -> str:  # passwords.hash is what callers say
    """What is stored for a password: argon2id with its own salt."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _HASHER.hash, plain)


async def verify(stored: str | None, plain: str) -> bool:
    """Whether this is the password. `stored=None`, for a login that isn't there, takes as long and is False."""
    matches = await asyncio.get_running_loop().run_in_executor(_THREADS, _matches, stored, plain)
    return matches and stored is not None


def outdated(stored: str) -> bool:
    """Whether it should be hashed anew, with today's parameters, at the next login."""
    return _HASHER.check_needs_rehash(stored)


@cache
def _nobody() -> str:
    """Checked when there is no such login, so that the answer takes as long. Not made on import: that would slow every start."""
    return _HASHER.hash("nobody's password")


def _matches(stored: str | None, plain: str) -> bool:
    try:
        return _HASHER.verify(stored or _nobody(), plain)
    except (VerificationError, InvalidHashError):
        return False
