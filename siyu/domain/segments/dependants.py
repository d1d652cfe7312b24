"""Whose rules speak of a segment: what stands in the way of deleting it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from uuid import UUID

from siyu.domain import rules
from siyu.domain.kernel.operation import operation
from siyu.domain.kernel.touching import Change
from siyu.domain.rules import HolderKind
from siyu.privacy.actor import Actor, Scope

#: The noun of each kind, and what a caller needs to see it.
_NOUNS: Final = {HolderKind.SEGMENT: ("Segment", Scope.SEGMENTS_READ), HolderKind.TAG: ("Tag", Scope.TAGS_READ)}


@operation(Scope.SEGMENTS_READ)
async def dependants(actor: Actor, segment_ids: Collection[UUID]) -> dict[UUID, list[tuple[str, UUID]]]:
    """The segments and tags, by noun and key, whose rules speak of each of these segments, as far as the actor may see them.

    One statement.
    """
    found = await rules.dependants_each(actor, Change.SEGMENT, [str(each) for each in segment_ids])
    return {each: [(_NOUNS[kind][0], key) for kind, key in found[str(each)] if actor.may(_NOUNS[kind][1])] for each in segment_ids}
