"""Rules that speak of each other in a circle, which would have no meaning."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from uuid import UUID

from siyu.domain.kernel import database
from siyu.domain.kernel.touching import Change
from siyu.domain.rules.problems import Problem
from siyu.domain.rules.tables import HolderKind, RuleReference
from siyu.privacy.refusal import Code

#: What has rules itself.
_HOLDING: Final = (Change.SEGMENT.value, Change.TAG.value)


async def found(references: Collection[tuple[Change, str]], holder: tuple[HolderKind, UUID]) -> list[Problem]:
    """The refusal of a rule that speaks of what speaks of its holder, if it does. One statement for each step that rules are apart.

    Inside a transaction nobody else closes a circle meanwhile.
    """
    if database.within():
        await database.alone("circles of rules")
    reached: set[str] = set()
    waiting = {name for change, name in references if change.value in _HOLDING}
    while waiting:
        if str(holder[1]) in waiting:
            return [Problem("This rule speaks of what speaks of it: rules must not go in a circle.", code=Code.CONFLICT)]
        reached |= waiting
        below = RuleReference.filter(holder_id__in=[UUID(name) for name in waiting], change__in=_HOLDING)
        waiting = {str(name) for name in await below.values_list("name", flat=True)} - reached
    return []
