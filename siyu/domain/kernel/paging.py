"""Pages by keyset: what may be asked for, and the cursors that say where a page ended."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Final

import orjson

from siyu.privacy.refusal import Code, Refusal

#: Rows of a page when the caller names no size, and the most that it may ask for.
PAGE_DEFAULT: Final = 50
PAGE_MAX: Final = 250


@dataclass(frozen=True, slots=True)
class Slice:
    """Which part of a list: `first` after `after`, or `last` before `before`."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None

    def __post_init__(self) -> None:
        for name in ("first", "last"):
            size = getattr(self, name)
            if size is not None and not 0 <= size <= PAGE_MAX:
                raise Refusal(f"Ask for 0 to {PAGE_MAX} at once; `after` and `before` lead on.", path=(name,), code=Code.LIMIT_EXCEEDED)
        if self.first is not None and self.last is not None:
            raise Refusal("Give `first` or `last`, not both.", path=("last",))

    @property
    def backward(self) -> bool:
        """Read from the end."""
        return self.last is not None or (self.before is not None and self.first is None and self.after is None)

    @property
    def begins(self) -> bool:
        """Whether no cursor leaves anything out."""
        return self.after is None and self.before is None

    @property
    def size(self) -> int:
        """Rows of the page at the most."""
        asked = self.last if self.backward else self.first
        return PAGE_DEFAULT if asked is None else asked


def cursor(sort: str, *key: object) -> str:
    """An opaque mark of a row's place in a list sorted by `sort`; holds sort keys only, never a sealed value."""
    return base64.urlsafe_b64encode(orjson.dumps([sort, *key], default=str)).decode().rstrip("=")


def place(text: str, sort: str, *, keys: int, name: str) -> list[str | int]:
    """The sort keys in a cursor; `name` is the argument that a refusal points at."""
    try:
        found = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error):
        found = None
    if not isinstance(found, list) or len(found) != keys + 1 or not all(isinstance(part, str | int) for part in found):
        raise Refusal("This is no cursor of this list; take one from `pageInfo` or an edge.", path=(name,))
    if found[0] != sort:
        raise Refusal(f"This cursor belongs to the order {found[0]}; keep the order while paging.", path=(name,))
    return found[1:]
