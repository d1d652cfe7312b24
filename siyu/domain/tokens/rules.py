"""Rules of access tokens: pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from siyu.domain.kernel import normal
from siyu.privacy.actor import Scope
from siyu.privacy.refusal import Code, Refusal, Refusals

NAME_LENGTH_MAX = 100
OVERLAP_SECONDS_DEFAULT = 3600
OVERLAP_SECONDS_MAX = 7 * 86400


def label(text: str, field: str) -> str:
    """A name of a token or a partner as it is shown."""
    shown = normal.name(text)
    if not shown:
        raise Refusal(f"A {field} is needed.", path=("input", field), code=Code.BLANK)
    if len(shown) > NAME_LENGTH_MAX:
        raise Refusal(f"A {field} has at most {NAME_LENGTH_MAX} characters.", path=("input", field), code=Code.TOO_LONG)
    return shown


def scopes(wanted: Sequence[str], *, held: Collection[Scope]) -> tuple[Scope, ...]:
    """The scopes by their names: all known, all held by whoever gives them away."""
    if not wanted:
        raise Refusal("Name at least one scope.", path=("input", "scopes"), code=Code.BLANK)
    known = {scope.value: scope for scope in Scope}
    problems = [
        Refusal(_why(known.get(name)), path=("input", "scopes", str(at)))
        for at, name in enumerate(wanted)
        if name not in known or known[name] not in held
    ]
    if problems:
        raise Refusals(problems)
    return tuple(sorted({known[name] for name in wanted}))


def _why(scope: Scope | None) -> str:
    return "There is no such scope." if scope is None else f"You don't hold {scope}, so you can't give it away."


def expiry(at: datetime, *, now: datetime, longest: timedelta) -> datetime:
    """A moment at which a token may end: in the future, not later than the longest that is allowed."""
    if at <= now:
        raise Refusal("This is in the past.", path=("input", "expires_at"))
    if at > now + longest:
        raise Refusal(f"A token lives {longest.days} days at most.", path=("input", "expires_at"), code=Code.LIMIT_EXCEEDED)
    return at


def overlap(seconds: int | None) -> timedelta:
    """How long the old secret works beside the new one."""
    asked = OVERLAP_SECONDS_DEFAULT if seconds is None else seconds
    if not 0 <= asked <= OVERLAP_SECONDS_MAX:
        raise Refusal(f"Between 0 and {OVERLAP_SECONDS_MAX} seconds.", path=("input", "overlap_seconds"), code=Code.LIMIT_EXCEEDED)
    return timedelta(seconds=asked)
