"""Rules of staff: pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from siyu.domain.kernel import normal
from siyu.privacy.refusal import Code, Refusal, Refusals

NAME_LENGTH_MAX = 100
PASSWORD_LENGTH_MIN = 12
PASSWORD_LENGTH_MAX = 256
LOCK_DOUBLINGS_MAX = 5


def staff_name(text: str) -> str:
    """A name as it is shown."""
    name = normal.name(text)
    if not name:
        raise Refusal("A name is needed.", path=("input", "name"), code=Code.BLANK)
    if len(name) > NAME_LENGTH_MAX:
        raise Refusal(f"A name has at most {NAME_LENGTH_MAX} characters.", path=("input", "name"), code=Code.TOO_LONG)
    return name


def email(text: str) -> str:
    """An email address in its usual form; a refusal names the field."""
    try:
        return normal.email(text)
    except Refusal as refusal:
        raise Refusal(refusal.message, path=("input", "email"), code=refusal.code) from refusal


def password(text: str, *, about: Sequence[str]) -> str:
    """A password that may be set: long, varied, and not made of what is known `about` its owner."""
    problems: list[Refusal] = []
    path = ("input", "password")
    if len(text) < PASSWORD_LENGTH_MIN:
        problems.append(Refusal(f"A password has at least {PASSWORD_LENGTH_MIN} characters.", path=path))
    if len(text) > PASSWORD_LENGTH_MAX:
        problems.append(Refusal(f"A password has at most {PASSWORD_LENGTH_MAX} characters.", path=path, code=Code.TOO_LONG))
    if len(set(text)) < min(6, PASSWORD_LENGTH_MIN):
        problems.append(Refusal("A password has at least 6 different characters.", path=path))
    known = [part.casefold() for part in about if len(part) >= 4]
    if any(part in text.casefold() for part in known):
        problems.append(Refusal("A password doesn't contain its owner's name or email address.", path=path))
    if problems:
        raise Refusals(problems)
    return text


def lock(failures: int, *, allowed: int, first: timedelta) -> timedelta | None:
    """How long a login stays locked after so many wrong passwords in a row: None up to `allowed`, then `first`, doubling."""
    if failures < allowed:
        return None
    factor: int = 2 ** min(failures - allowed, LOCK_DOUBLINGS_MAX)
    return first * factor
