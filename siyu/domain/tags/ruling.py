"""How the tags that have rules are kept, for the machine that keeps whatever has a rule."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final
from uuid import UUID

from siyu.domain import rules
from siyu.domain.kernel.dialect import Kind
from siyu.domain.kernel.operation import touch
from siyu.domain.kernel.touching import Change
from siyu.domain.rules import Decided, Evaluation, Held, HolderKind, Keeping, Kept, Wish
from siyu.domain.tags.tables import Tag, TagAssignment, TagEnd, TagKind, TagSource
from siyu.domain.tags.writing import end, exclusives
from siyu.privacy.actor import Actor

#: Who never has a tag by its rule: from whom it was taken by hand, and in an exclusive group who has another one of it. So two workers
#: that put on one each, at once, are put right by the next run.
_NEVER: Final = Decided(
    "(select e.customer_id, e.tag_id from tag_exclusions e union all"
    " select a.customer_id, x.id as tag_id from tag_assignments a join tags y on y.id = a.tag_id"
    " join tag_groups g on g.id = y.group_id join tags x on x.group_id = y.group_id and x.id <> y.id where g.exclusive)"
)
#: The name under which the log says who it was.
_BY: Final = "rule"


class RuleTags:
    """Tags that have a rule and are in use."""

    async def held(self, actor: Actor, ids: Collection[UUID] | None) -> list[Held]:
        """These, or all; in the order in which they were made, which decides in an exclusive group."""
        found = Tag.filter(kind=TagKind.RULE, archived_at=None)
        rows = await (found if ids is None else found.filter(id__in=list(ids))).order_by("id")
        return [_held(row) for row in rows]

    async def begin(self, actor: Actor, owner_id: UUID) -> None:
        """It is about to be applied to everybody."""
        await Tag.filter(id=owner_id).update(due=False)

    async def kept(self, actor: Actor, held: Held, kept: Kept, *, whole: bool) -> None:
        """In an exclusive group, those who got a tag lose the others, and those who lost it may get another."""
        tag = await Tag.get(id=held.id)
        if tag.group_id is None or not await exclusives([tag.group_id]):
            return
        rivals = await Tag.filter(group_id=tag.group_id, archived_at=None).exclude(id=tag.id)
        if whole:
            await self.mark(actor, [rival.id for rival in rivals] if kept.left else [])
        else:
            await _leave_one(kept.entered_ids or (), [tag, *rivals])
            await _next_one(actor, kept.left_ids or (), tag, rivals)

    async def evaluated(self, actor: Actor, owner_id: UUID, evaluation: Evaluation) -> None:
        """It was applied to everybody, or could not be, and says why."""
        if evaluation.failure is None:
            await Tag.filter(id=owner_id).update(failure=None, evaluated_at=evaluation.at)
        else:
            await Tag.filter(id=owner_id).update(failure=evaluation.failure[:300])

    async def mark(self, actor: Actor, ids: Collection[UUID]) -> None:
        """Have these be due."""
        await Tag.filter(id__in=list(ids), kind=TagKind.RULE, archived_at=None).update(due=True)

    async def named(self, actor: Actor, ids: Collection[UUID]) -> Mapping[UUID, str]:
        """What people call them."""
        return {tag_id: f"tag {name}" for tag_id, name in await Tag.filter(id__in=list(ids)).values_list("id", "name")}


rules.holds(HolderKind.TAG, RuleTags())


def _held(tag: Tag) -> Held:
    return Held(
        id=tag.id,
        version=tag.rule_version or 1,
        tree=tag.rule,
        keeping=_keeping(tag),
        due=tag.due,
        failure=tag.failure,
        evaluated_at=tag.evaluated_at,
    )


def _keeping(tag: Tag) -> Keeping:
    return Keeping(
        table="tag_assignments",
        changes="tag_changes",
        owner="tag_id",
        entered="assigned",
        since="assigned_at",
        row={
            "source": (TagSource.RULE.value, Kind.TEXT),
            "rule_version": (tag.rule_version, Kind.INT),
        },
        log={"why": ((TagSource.RULE.value, Kind.TEXT), (TagEnd.RULE.value, Kind.TEXT))},
        mine=f"m.source = '{TagSource.RULE}'",
        never=_NEVER,
    )


async def _leave_one(people: Sequence[UUID], group: Sequence[Tag]) -> None:
    """Two rules of one exclusive group may hold for the same people: what came by hand stays, else what came first."""
    if people:
        await end(_lesser(await TagAssignment.filter(customer_id__in=list(people), tag_id__in=[tag.id for tag in group])), TagEnd.REPLACED)


async def _next_one(actor: Actor, people: Sequence[UUID], tag: Tag, rivals: Sequence[Tag]) -> None:
    """Whoever has lost a tag may meet the rule of another one of its group."""
    ruled = [rival for rival in rivals if rival.kind is TagKind.RULE and rival.rule is not None]
    if not people or not ruled:
        return
    wishes = {rival.id: Wish(_keeping(rival), rules.loaded(rival.rule)) for rival in ruled if rival.rule is not None}
    for rival_id, moved in (await rules.keep_people(actor, wishes, people)).items():
        if moved.entered_ids:
            await _leave_one(moved.entered_ids, [tag, *rivals])
            touch(Change.TAG, moved.entered_ids, str(rival_id))


def _lesser(rows: Sequence[TagAssignment]) -> list[TagAssignment]:
    """Of each customer all but one, which stays."""
    best: dict[UUID, TagAssignment] = {}
    for row in sorted(rows, key=lambda row: (row.source is TagSource.RULE, row.assigned_at, row.tag_id)):
        best.setdefault(row.customer_id, row)
    return [row for row in rows if best[row.customer_id] is not row]
