"""Rules of write keys: pure."""

from __future__ import annotations

import re

from siyu.domain.kernel import normal
from siyu.privacy.refusal import Code, Refusal

NAME_LENGTH_MAX = 100
_CHANNEL = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")


def name(text: str) -> str:
    """A key's name as it is shown."""
    shown = normal.name(text)
    if not shown:
        raise Refusal("A name is needed.", path=("input", "name"), code=Code.BLANK)
    if len(shown) > NAME_LENGTH_MAX:
        raise Refusal(f"A name has at most {NAME_LENGTH_MAX} characters.", path=("input", "name"), code=Code.TOO_LONG)
    return shown


def channel(text: str) -> str:
    """A channel as events carry it: `web`, `mini-program`, `store.shanghai`."""
    spelled = normal.line(text).lower()
    if not spelled:
        raise Refusal("A channel is needed.", path=("input", "channel"), code=Code.BLANK)
    if not _CHANNEL.fullmatch(spelled):
        raise Refusal("A channel is at most 40 letters, digits, dots and dashes, such as `mini-program`.", path=("input", "channel"))
    return spelled
