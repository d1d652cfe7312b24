"""What else names a segment: other nouns say so here, and it is not deleted while they do.

@segments.uses
async def used(segment_id: UUID) -> Sequence[str]: ...
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final
from uuid import UUID

#: What of a noun names the segment, in words for people that hold nothing personal: `the earning rule Double May`.
Uses = Callable[[UUID], Awaitable[Sequence[str]]]

_USES: Final[list[Uses]] = []


def uses(function: Uses) -> Uses:
    """Have `function` asked before a segment is deleted; a noun says so once, as it is imported."""
    _USES.append(function)
    return function


async def used(segment_id: UUID) -> list[str]:
    """What names the segment."""
    return [text for function in _USES for text in await function(segment_id)]
