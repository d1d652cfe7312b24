"""Why somebody is in a segment, or is not."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from siyu.domain import rules
from siyu.domain.customers import CUSTOMER
from siyu.domain.kernel.operation import operation
from siyu.domain.kernel.reading import Reader
from siyu.domain.rules import Verdict
from siyu.domain.segments.tables import Override, Segment, SegmentMember, SegmentOverride
from siyu.privacy import consent
from siyu.privacy.actor import Actor, ActorKind, Scope
from siyu.privacy.refusal import NotFound, Refusal

_FIELDS: Final = ("SegmentExplanation.member", "SegmentExplanation.override", "SegmentExplanation.nodes")


@dataclass(frozen=True, slots=True)
class Node:
    """One node of the rule, for one person. `path` leads to it (`all.1.not`; empty for the root), `actual` is what decided a condition."""

    path: str
    condition: str
    matched: bool
    actual: object


@dataclass(frozen=True, slots=True)
class Explanation:
    """Whether a person is a member, what was decided by hand, and the rule's nodes as they hold now; none for a segment without a rule."""

    member: bool
    override: Override | None
    nodes: list[Node] = field(default_factory=list)


@operation(Scope.SEGMENTS_READ, Scope.CUSTOMERS_READ)
async def explain(actor: Actor, segment_ids: Collection[UUID], *, customer_id: UUID) -> dict[UUID, Explanation | Refusal]:
    """Of each of these segments, why this customer is in it or not; one whom the actor's purpose doesn't reach is refused (`NOT_FOUND`).

    Values that the actor may not read are None. A token is not told the verdicts on them either: such nodes are left out. It is
    audited. A few statements, and one or two for each segment with a rule.
    """
    there = await Reader(actor).reaches(CUSTOMER, customer_id)
    under = await consent.grant(actor, [customer_id] if there else [], fields=_FIELDS, sealed=False)
    if customer_id not in under.subject_ids:
        return dict.fromkeys(segment_ids, NotFound("There is no such customer.", path=("customer",)))
    wanted = list(segment_ids)
    about = {"segment_id__in": wanted, "customer_id": customer_id}
    members = set(await SegmentMember.filter(**about).values_list("segment_id", flat=True))
    overrides = dict(await SegmentOverride.filter(**about).values_list("segment_id", "override"))
    found: dict[UUID, Explanation | Refusal] = {}
    for segment_id, tree in await Segment.filter(id__in=wanted).values_list("id", "rule"):
        verdicts = await rules.explained(actor, rules.loaded(tree), customer_id) if tree is not None else []
        found[segment_id] = Explanation(segment_id in members, overrides.get(segment_id), _told(actor, verdicts))
    return found


def _told(actor: Actor, verdicts: Sequence[Verdict]) -> list[Node]:
    """What a partner may not read, it does not learn bit by bit from verdicts, of a branch neither; staff are told these."""
    hidden = [each.path for each in verdicts if actor.kind is ActorKind.TOKEN and not all(actor.may(scope) for scope in each.scopes)]
    told = [each for each in verdicts if not any(path[: len(each.path)] == each.path for path in hidden)]
    return [Node(".".join(each.path), each.condition, each.matched, each.actual) for each in told]
