"""What rules speak of, kept: for renaming and deleting with care, and for knowing whom a change concerns."""

from __future__ import annotations

from collections.abc import Collection
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
    return (await dependants_each(actor, change, [name]))[name]


@operation()
async def dependants_each(actor: Actor, change: Change, names: Collection[str]) -> dict[str, list[tuple[HolderKind, UUID]]]:
    """The same of several names at once. One statement."""
    found: dict[str, list[tuple[HolderKind, UUID]]] = {name: [] for name in names}
    rows = RuleReference.filter(change=change.value, name__in=list(found)).order_by("id")
    for name, kind, holder_id in await rows.values_list("name", "holder_kind", "holder_id"):
        found[name].append((HolderKind(kind), holder_id))
    return found


@operation()
async def codes(actor: Actor, rule: Rule) -> dict[UUID, str]:
    """The codes of the segments of which a rule speaks, for spelling it as text. One statement, none without segments."""
    wanted = {str(each) for _, node in nodes(rule) if node.segment for each in [*(node.segment.in_ or ()), *(node.segment.not_in or ())]}
    return {found.id: found.name for found in (await named(actor, Change.SEGMENT, wanted)).values()}
