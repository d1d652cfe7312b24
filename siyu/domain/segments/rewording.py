"""Rules of segments that speak of a tag whose name has changed."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from siyu.domain import rules
from siyu.domain.kernel.operation import operation
from siyu.domain.kernel.touching import Change
from siyu.domain.segments.tables import Segment
from siyu.privacy.actor import Actor


@operation(writes=True)
async def reword(actor: Actor, segment_ids: Sequence[UUID], old: str, new: str) -> None:
    """Have the rules of these segments say the tag's new name; what they mean, and their version, stay. The caller has checked a scope."""
    for segment in await Segment.filter(id__in=list(segment_ids)) if segment_ids else []:
        assert segment.rule is not None, "what has a reference has a rule"
        codes = await rules.codes(actor, rules.loaded(segment.rule))
        segment.rule, segment.expression = rules.renamed(segment.rule, Change.TAG, old, new, codes)
        await segment.save(update_fields=["rule", "expression"])
