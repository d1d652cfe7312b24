"""Why somebody is in a segment, or is not."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, cast
from uuid import UUID

from siyu.domain import rules
from siyu.domain.customers import CUSTOMER
from siyu.domain.kernel import database
from siyu.domain.kernel.dialect import Kind, Statement, decoder
from siyu.domain.kernel.operation import operation
from siyu.domain.kernel.reading import Reader
from siyu.domain.rules import Rule, Verdict
from siyu.domain.segments.tables import Override, Segment, SegmentMember, SegmentOverride
from siyu.privacy import consent
from siyu.privacy.actor import Actor, ActorKind, Scope
from siyu.privacy.refusal import NotFound, Refusal

#: Conditions that one statement is asked about: each is a column or several of its one row.
_CONDITIONS_MAX: Final = 200
_FIELDS: Final = ("SegmentExplanation.member", "SegmentExplanation.override", "SegmentExplanation.nodes")

Tree = dict[str, object]


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

    Values that the actor may not read are None. A token is not told the verdicts on them either: such nodes are left out. It is audited.
    A few statements, for rules of very many conditions in all a few more.
    """
    there = await Reader(actor).reaches(CUSTOMER, customer_id)
    under = await consent.grant(actor, [customer_id] if there else [], fields=_FIELDS, sealed=False)
    if customer_id not in under.subject_ids:
        return dict.fromkeys(segment_ids, NotFound("There is no such customer.", path=("customer",)))
    standing = await _standing(segment_ids, customer_id)
    trees = {segment_id: rules.loaded(tree) for segment_id, (_, _, tree) in standing.items() if tree is not None}
    verdicts = await _verdicts(actor, trees, customer_id)
    return {
        segment_id: Explanation(member, override, _told(actor, verdicts.get(segment_id, [])))
        for segment_id, (member, override, _) in standing.items()
    }


async def _standing(segment_ids: Collection[UUID], customer_id: UUID) -> dict[UUID, tuple[bool, Override | None, Tree | None]]:
    """Of each segment whether the customer is in it, what was decided by hand, and the rule. One statement."""
    statement = Statement(database.dialect())
    who, among = statement.bind(customer_id, Kind.ID), statement.among("s.id", list(segment_ids), Kind.ID)
    rows = await database.rows(
        f"select s.id, m.id, o.override, s.rule from {Segment._meta.db_table} s"  # noqa: S608  # bound values only
        f" left join {SegmentMember._meta.db_table} m on m.segment_id = s.id and m.customer_id = {who}"
        f" left join {SegmentOverride._meta.db_table} o on o.segment_id = s.id and o.customer_id = {who} where {among}",
        statement.args,
    )
    json = decoder(statement.dialect, Kind.JSON) or (lambda value: value)
    return {
        UUID(str(row[0])): (row[1] is not None, Override(row[2]) if row[2] else None, cast(Tree, json(row[3])) if row[3] else None)
        for row in rows
    }


async def _verdicts(actor: Actor, wanted: Mapping[UUID, Rule], customer_id: UUID) -> dict[UUID, list[Verdict]]:
    """Each rule's verdicts, as many rules at once as one statement has room for."""
    found: dict[UUID, list[Verdict]] = {}
    for some in _batches(wanted):
        for each in await rules.explained(actor, Rule(all=[wanted[key] for key in some]), customer_id):
            if each.path:  # `all`, the rule's number, and the path in that rule
                found.setdefault(some[int(each.path[1])], []).append(replace(each, path=each.path[2:]))
    return found


def _batches(wanted: Mapping[UUID, Rule]) -> Iterator[list[UUID]]:
    some: list[UUID] = []
    count = 0
    for key, rule in wanted.items():
        size = sum(1 for _ in rules.conditions(rule))
        if some and count + size > _CONDITIONS_MAX:
            yield some
            some, count = [], 0
        some.append(key)
        count += size
    if some:
        yield some


def _told(actor: Actor, verdicts: Sequence[Verdict]) -> list[Node]:
    """What a partner may not read, it does not learn bit by bit from verdicts, of a branch neither; staff are told these."""
    hidden = [each.path for each in verdicts if actor.kind is ActorKind.TOKEN and not all(actor.may(scope) for scope in each.scopes)]
    told = [each for each in verdicts if not any(path[: len(each.path)] == each.path for path in hidden)]
    return [Node(".".join(each.path), each.condition, each.matched, each.actual) for each in told]
