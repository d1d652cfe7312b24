"""What may be said of a segment, and when its rule must be applied again. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import ciso8601

from siyu.domain.kernel.wording import required_code, required_line
from siyu.domain.rules import Held
from siyu.privacy.refusal import Code, Refusal

CODE_MAX: Final = 40
NAME_MAX: Final = 80
DESCRIPTION_MAX: Final = 500
REASON_MAX: Final = 500
#: Customers a call that names them one by one.
CUSTOMERS_MAX: Final = 1_000

_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def code(text: str, path: tuple[str, ...]) -> str:
    """A segment's code in its normal spelling; refused where it is none, or could be taken for an id."""
    spelled = required_code(text, path, most=CODE_MAX)
    required_line(spelled, path, most=CODE_MAX)
    if not _CODE.fullmatch(spelled) or _is_id(spelled):
        raise Refusal("Letters A to Z, digits, `.`, `_` and `-`; it begins with a letter or digit, and is no id.", path=path)
    return spelled


def reason(text: str, path: tuple[str, ...]) -> str:
    """Why something was decided."""
    spelled = text.strip()
    if not spelled:
        raise Refusal("Say why.", path=path, code=Code.BLANK)
    if len(spelled) > REASON_MAX:
        raise Refusal(f"At most {REASON_MAX} characters.", path=path, code=Code.TOO_LONG)
    return spelled


def moved_by_time(held: Held, now: datetime, zone: ZoneInfo) -> bool:
    """Whether who it holds for may have changed by time alone since it was last applied: a day or a fixed window has begun or ended."""
    if held.tree is None:
        return held.evaluated_at is None
    if held.evaluated_at is None or _day(held.evaluated_at, zone) != _day(now, zone):
        return True
    since = held.evaluated_at
    return any(since < instant <= now for instant in _instants(held.tree))


def _instants(tree: object) -> Iterator[datetime]:
    """The ends of the fixed windows in a stored rule."""
    if isinstance(tree, dict):
        window = tree.get("window")
        if isinstance(window, dict):
            yield from (ciso8601.parse_datetime(window[name]) for name in ("from", "before") if name in window)
        tree = list(tree.values())
    if isinstance(tree, list):
        for each in tree:
            yield from _instants(each)


def _day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
