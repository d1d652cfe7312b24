"""Making, changing, applying and deleting segments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from tortoise.exceptions import IntegrityError

from siyu.domain import rules, work
from siyu.domain.kernel import clock, database
from siyu.domain.kernel.inputs import UNSET
from siyu.domain.kernel.operation import after_commit, operation
from siyu.domain.kernel.touching import Change
from siyu.domain.kernel.wording import optional_line, required_line
from siyu.domain.rules import HOLDERS, Checked, HolderKind, Owner
from siyu.domain.segments import evaluating, overriding
from siyu.domain.segments.inputs import SegmentCreate, SegmentDelete, SegmentEvaluate, SegmentUpdate
from siyu.domain.segments.rules import DESCRIPTION_MAX, NAME_MAX, code
from siyu.domain.segments.tables import (
    Override,
    Segment,
    SegmentChange,
    SegmentDrop,
    SegmentKind,
    SegmentMember,
    SegmentOverride,
    SegmentSize,
)
from siyu.domain.segments.using import used
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, NotFound, Refusal, Taken

_READ: Final = {HolderKind.SEGMENT: Scope.SEGMENTS_READ, HolderKind.TAG: Scope.TAGS_READ}

APPLY_JOB: Final = "apply_rule"
EVALUATE_JOB: Final = "evaluate_segment"
#: With so many customers a rule is applied while the caller waits; with more, by a job.
AT_ONCE_MAX: Final = 20_000
#: A rule is applied once more so long after it has changed: what was written meanwhile by processes that did not know of it is then in.
SETTLED_AFTER: Final = timedelta(seconds=3)


@operation(Scope.SEGMENTS_WRITE, writes=True)
async def create(actor: Actor, new: SegmentCreate) -> UUID:
    """A new segment, with a rule or with the customers that are named; its id.

    Its rule is applied at once, or by a job where there are many customers. Refuses what does not fit, all faults of a rule at once.
    """
    path = ("input",)
    row = Segment(
        code=code(new.code, (*path, "code")),
        name=required_line(new.name, (*path, "name"), most=NAME_MAX),
        description=optional_line(new.description, (*path, "description"), most=DESCRIPTION_MAX),
        kind=SegmentKind.STATIC,
    )
    checked = await _checked(actor, new.rule, new.expression, None)
    if checked is not None:
        if new.customer_ids:
            raise Refusal(
                "A segment has a rule or named customers; single ones are put in with segmentOverride.", path=(*path, "customer_ids")
            )
        row.kind, row.rule, row.expression = SegmentKind.DYNAMIC, checked.tree, checked.expression
    await _save(row)
    if checked is not None:
        await _applied(actor, row.id, checked)
    elif new.customer_ids:
        await overriding.decide(actor, row.id, new.customer_ids, Override.INCLUDE, None, path=path)
    return row.id


@operation(Scope.SEGMENTS_WRITE, writes=True)
async def update(actor: Actor, change: SegmentUpdate) -> UUID:
    """Change what is given; the id. Another rule makes another version, and is applied as a new segment's; the same one changes nothing."""
    row = await _held(change.id)
    path = ("input",)
    if change.name is not None:
        row.name = required_line(change.name, (*path, "name"), most=NAME_MAX)
    if change.description is not UNSET:
        row.description = optional_line(change.description, (*path, "description"), most=DESCRIPTION_MAX)
    checked = await _checked(actor, change.rule, change.expression, row.id)
    if checked is not None and row.kind is SegmentKind.STATIC:
        given = "rule" if change.rule is not None else "expression"
        raise Refusal("A static segment has no rule: make a new one.", path=(*path, given), code=Code.WRONG_STATE)
    another = checked is not None and checked.tree != row.rule
    if checked is not None and another:
        row.rule, row.expression = checked.tree, checked.expression
        row.rule_version += 1
    row.updated_at = clock.now()
    await row.save()
    if checked is not None and another:
        await _applied(actor, row.id, checked)
    return row.id


@operation(Scope.SEGMENTS_WRITE, writes=True)
async def delete(actor: Actor, wish: SegmentDelete) -> UUID:
    """Delete a segment with its members and their history; the id. Refused (`IN_USE`) while rules or other things name it, as it says."""
    row = await _held(wish.id)
    speaking = await rules.dependants(actor, Change.SEGMENT, str(row.id))
    if speaking:
        raise Refusal(f"Rules speak of it: {await _named(actor, speaking)}. Change these first.", path=("input", "id"), code=Code.IN_USE)
    if using := await used(row.id):
        raise Refusal(f"It is named by {', '.join(using)}. Change these first.", path=("input", "id"), code=Code.IN_USE)
    await rules.forget(actor, row.id)
    await rules.hold_alone(actor, row.id)
    for table in (SegmentMember, SegmentChange, SegmentOverride, SegmentSize, SegmentDrop):
        await table.filter(segment_id=row.id).delete()
    await row.delete()
    return row.id


@operation(Scope.SEGMENTS_WRITE, writes=True)
async def evaluate(actor: Actor, wish: SegmentEvaluate) -> UUID | None:
    """Apply the segment's rule to everybody now. With many customers a job does it: its work's id; None where it is done."""
    row = await _held(wish.id)
    if await _few():
        await evaluating.evaluate(worker(actor), (HolderKind.SEGMENT, row.id))
        return None
    return await work.start(actor, EVALUATE_JOB, str(row.id))


def worker(actor: Actor) -> Actor:
    """The machine that keeps members, in the name of somebody's request."""
    return Actor.worker("segments", Scope.JOBS_RUN, request=actor.request)


async def _named(actor: Actor, owners: Sequence[Owner]) -> str:
    """These segments and tags in words; what the actor may not see is counted."""
    names: list[str] = []
    for kind, holder in HOLDERS.items():
        mine = [key for of, key in owners if of is kind]
        if actor.may(_READ[kind]):
            names += sorted((await holder.named(actor, mine)).values())
        elif mine:
            names.append(f"{len(mine)} that you may not see")
    return ", ".join(names)


async def _held(segment_id: UUID) -> Segment:
    row = await Segment.filter(id=segment_id).select_for_update().get_or_none()
    if row is None:
        raise NotFound("There is no such segment.", path=("input", "id"))
    return row


async def _checked(actor: Actor, rule: rules.Rule | None, expression: str | None, segment_id: UUID | None) -> Checked | None:
    """The rule that was given, if any."""
    if rule is None and expression is None:
        return None
    if rule is not None and expression is not None:
        raise Refusal("Give the rule as a tree or as text, not both.", path=("input", "expression"))
    holder = (HolderKind.SEGMENT, segment_id) if segment_id is not None else None
    return await rules.check(actor, rule, expression, path=("input",), holder=holder)


async def _save(row: Segment) -> None:
    try:
        async with database.transaction():
            await row.save(force_create=True)
    except IntegrityError:
        raise Taken("Another segment has this code.", path=("input", "code")) from None


async def _applied(actor: Actor, segment_id: UUID, checked: Checked) -> None:
    """Apply a new rule: at once where that is quick, else by a job; and once more when every process knows of it."""
    await rules.refer(actor, HolderKind.SEGMENT, segment_id, checked)
    args = (HolderKind.SEGMENT.value, str(segment_id))
    if await _few():
        await evaluating.evaluate(worker(actor), (HolderKind.SEGMENT, segment_id))
    else:
        await Segment.filter(id=segment_id).update(due=True)
        after_commit(APPLY_JOB, *args)
    after_commit(APPLY_JOB, *args, at=clock.now() + SETTLED_AFTER)


async def _few() -> bool:
    sql = f"select count(*) from (select 1 from customers limit {AT_ONCE_MAX + 1}) few"  # noqa: S608  # a number of ours
    return int((await database.rows(sql))[0][0]) <= AT_ONCE_MAX
