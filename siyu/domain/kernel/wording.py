"""Short texts as they are stored in the clear: one line, not too long, nobody's number or address."""

from __future__ import annotations

from collections.abc import Sequence

from siyu.domain.kernel import normal
from siyu.privacy.refusal import Code, Refusal


def optional_line(text: str | None, path: Sequence[str], *, most: int, impersonal: bool = True) -> str | None:
    """One line in its normal spelling; a blank one is None. `impersonal` refuses what looks like a number or address of somebody."""
    if text is None:
        return None
    spelled = normal.line(text)
    if len(spelled) > most:
        raise Refusal(f"At most {most} characters.", path=path, code=Code.TOO_LONG)
    if impersonal and normal.looks_personal(spelled):
        raise Refusal("This looks like somebody's number or address; it can't be stored here in the clear.", path=path)
    return spelled or None


def required_line(text: str, path: Sequence[str], *, most: int, impersonal: bool = True) -> str:
    """The same, where a blank one is refused."""
    spelled = optional_line(text, path, most=most, impersonal=impersonal)
    if spelled is None:
        raise Refusal("This can't be blank.", path=path, code=Code.BLANK)
    return spelled


def required_code(text: str, path: Sequence[str], *, most: int) -> str:
    """A number of an order or an article: no spaces in it, case kept; a blank one is refused."""
    spelled = normal.code(text)
    if not spelled:
        raise Refusal("This can't be blank.", path=path, code=Code.BLANK)
    if len(spelled) > most:
        raise Refusal(f"At most {most} characters.", path=path, code=Code.TOO_LONG)
    return spelled
