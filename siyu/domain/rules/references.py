"""What rules speak of, kept: for renaming and deleting with care, and for knowing whom a change concerns."""

from __future__ import annotations

from uuid import UUID

from siyu.domain.kernel.operation import announce, operation
from siyu.domain.kernel.touching import Change
from siyu.domain.rules.catalogue import named
from siyu.domain.rules.checking import Checked
from siyu.domain.rules.inputs import Rule
from siyu.domain.rules.tables import HolderKind, RuleReference
from siyu.domain.rules.tree import nodes
from siyu.domain.rules.watching import WATCHED
from siyu.privacy.actor import Actor


@operation(writes=True)
async def refer(actor: Actor, kind: HolderKind, holder_id: UUID, checked: Checked) -> None:
    """Keep what the rule of a segment or tag speaks of, in place of what was kept of it."""
    await RuleReference.filter(holder_id=holder_id).delete()
    await RuleReference.bulk_create(
        [
            RuleReference(holder_kind=kind, holder_id=holder_id, change=change.value, name=name)
            for change, name in sorted(checked.references)
        ]
    )
    announce(WATCHED)


@operation(writes=True)
async def forget(actor: Actor, holder_id: UUID) -> None:
    """What this segment or tag spoke of is no matter any more: it is gone, or has no rule now."""
    await RuleReference.filter(holder_id=holder_id).delete()
    announce(WATCHED)


@operation()
async def dependants(actor: Actor, change: Change, name: str) -> list[tuple[HolderKind, UUID]]:
    """The segments and tags whose rules speak of this: of a tag or segment by its id as text, of an event by its name, of an attribute by
    its key, of a purpose by its code; of orders and the like by "". One statement."""
    found = await RuleReference.filter(change=change.value, name=name).order_by("id").values_list("holder_kind", "holder_id")
    return [(HolderKind(kind), holder_id) for kind, holder_id in found]


@operation()
async def codes(actor: Actor, rule: Rule) -> dict[UUID, str]:
    """The codes of the segments of which a rule speaks, for spelling it as text. One statement, none without segments."""
    wanted = {str(each) for _, node in nodes(rule) if node.segment for each in [*(node.segment.in_ or ()), *(node.segment.not_in or ())]}
    return {found.id: found.name for found in (await named(actor, Change.SEGMENT, wanted)).values()}
