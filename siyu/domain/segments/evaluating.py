"""Applying rules, of segments and of tags: to everybody, or to just the people whom a change concerns."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog

from siyu.domain import rules
from siyu.domain.kernel import boot, clock, database
from siyu.domain.kernel.operation import operation, touch
from siyu.domain.kernel.touching import Change, Touched
from siyu.domain.rules import HOLDERS, Evaluation, Held, HolderKind, Kept, Owner, Wish
from siyu.domain.segments.rules import moved_by_time
from siyu.domain.work import Progress
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Refusal
from siyu.privacy.tables import Consent, ConsentState

log = structlog.get_logger("siyu.rules")

#: People of one transaction.
STEP: Final = 500
#: What a rule that was once checked may fail with later: what it speaks of has gone, or the database gives it up.
_FAILED: Final = (Refusal, *database.FAILURES, LookupError, ValueError, ArithmeticError)
_FOLLOWED: Final = {HolderKind.SEGMENT: Change.SEGMENT, HolderKind.TAG: Change.TAG}
_FAILURE_MAX: Final = 300


@operation(Scope.JOBS_RUN)
async def evaluate(actor: Actor, owner: Owner) -> Kept | None:
    """Apply the rule of a segment or tag to everybody, in one transaction. None where there is nothing to apply, or it failed.

    A failure leaves the last good members, and is written down and logged; it is no error of the caller's.
    """
    nested = database.within()
    try:
        applied = await _apply(actor, owner)
    except _FAILED as error:
        log.warning("evaluation_failed", kind=owner[0].value, id=str(owner[1]), error=type(error).__name__)
        await _fail(actor, [owner], error)
        return None
    if applied is None:
        return None
    held, kept = applied
    if kept.entered and not nested:
        await rules.tidy(actor, held.keeping, held.id, kept)
    return kept


@operation(Scope.JOBS_RUN, writes=True)
async def _apply(actor: Actor, owner: Owner) -> tuple[Held, Kept] | None:
    kind, owner_id = owner
    begun = time.monotonic()
    async with database.transaction():  # inside another operation, a failure undoes no more than this
        await HOLDERS[kind].begin(actor, owner_id)
        found = await HOLDERS[kind].held(actor, [owner_id])
        if not found:
            return None
        held = found[0]
        kept = await rules.keep(actor, held.keeping, owner_id, held.rule)
        milliseconds = round((time.monotonic() - begun) * 1000)
        await HOLDERS[kind].kept(actor, held, kept, whole=True)
        await HOLDERS[kind].evaluated(actor, owner_id, Evaluation(at=kept.at, milliseconds=milliseconds))
        await _tell(actor, owner, kept)
    return held, kept


@operation(Scope.JOBS_RUN, writes=True)
async def _fail(actor: Actor, owners: Collection[Owner], error: BaseException) -> None:
    words = error.message if isinstance(error, Refusal) else f"The rule could not be applied ({type(error).__name__})."
    for kind, owner_id in owners:
        evaluation = Evaluation(at=clock.now(), milliseconds=0, failure=words[:_FAILURE_MAX])
        await HOLDERS[kind].evaluated(actor, owner_id, evaluation)


async def _tell(actor: Actor, owner: Owner, kept: Kept) -> None:
    """Have those follow whose rules speak of this one."""
    kind, owner_id = owner
    if kept.entered_ids is not None and kept.left_ids is not None:
        if kept.changed:
            touch(_FOLLOWED[kind], [*kept.entered_ids, *kept.left_ids], str(owner_id))
        return
    await mark(actor, await rules.dependants(actor, _FOLLOWED[kind], str(owner_id)))


@operation(Scope.JOBS_RUN, writes=True)
async def mark(actor: Actor, owners: Collection[Owner]) -> None:
    """Have these be due: the next run applies them to everybody."""
    for kind, holder in HOLDERS.items():
        mine = [owner_id for of, owner_id in owners if of is kind]
        if mine:
            await holder.mark(actor, mine)


@operation(Scope.JOBS_RUN)
async def follow(actor: Actor, touched: Sequence[Touched]) -> int:
    """Bring the people who were touched in line with the rules that this concerns; how many rules that was.

    Its cost depends on the number of these people and rules, not on how many customers there are.
    """
    people = sorted({each for one in touched for each in one.customer_ids})
    owners = await _everything(actor) if _stands_anew(touched) else await rules.concerned(actor, touched)
    if not owners:
        return 0
    ordered = await rules.levels(actor, owners)
    for start in range(0, len(people), STEP):
        for level in ordered:
            await _move(actor, level, people[start : start + STEP])
    return len(owners)


def _stands_anew(touched: Sequence[Touched]) -> bool:
    """Whether somebody is restricted, merged, or no longer so, which also concerns what is kept by hand."""
    return any(each.change is Change.STANDING and each.names for each in touched)


@operation(Scope.JOBS_RUN, writes=True)
async def _everything(actor: Actor) -> set[Owner]:
    return {(kind, held.id) for kind, holder in HOLDERS.items() for held in await holder.held(actor, None)}


async def _move(actor: Actor, owners: Sequence[Owner], people: Sequence[UUID]) -> None:
    """All rules at once; where one of them fails, each by itself, so that the others hold."""
    try:
        await keep_people(actor, owners, people)
    except _FAILED as error:
        if len(owners) > 1:
            for owner in owners:
                await _move(actor, [owner], people)
            return
        log.warning("following_failed", kind=owners[0][0].value, id=str(owners[0][1]), error=type(error).__name__)
        await _fail(actor, owners, error)


@operation(Scope.JOBS_RUN, writes=True)
async def keep_people(actor: Actor, owners: Sequence[Owner], people: Sequence[UUID]) -> None:
    """Bring these people in line with the rules of these segments and tags, none of which speaks of another."""
    await rules.hold_things(actor, [owner_id for _, owner_id in owners])
    held: dict[UUID, tuple[HolderKind, Held]] = {}
    for kind, holder in HOLDERS.items():
        mine = [owner_id for of, owner_id in owners if of is kind]
        held |= {each.id: (kind, each) for each in (await holder.held(actor, mine) if mine else [])}
    wishes = {owner_id: Wish(each.keeping, each.rule) for owner_id, (_, each) in held.items()}
    kept = await rules.keep_people(actor, wishes, people) if wishes else {}
    for owner_id in sorted(kept):  # in one order, so that no two wait for each other
        if kept[owner_id].changed:
            kind, each = held[owner_id]
            await HOLDERS[kind].kept(actor, each, kept[owner_id], whole=False)
            await _tell(actor, (kind, owner_id), kept[owner_id])


@operation(Scope.JOBS_RUN)
async def evaluate_due(actor: Actor, *, progress: Progress | None = None) -> int:
    """Apply all rules that are due, in the order of dependence: those of which much has changed, that failed, or that time has moved.

    How many were applied. One that fails does not hold up the others.
    """
    found = await _all(actor)
    depending = await rules.depending(actor, found)
    order = [owner for level in await rules.levels(actor, found) for owner in level]
    changed: set[Owner] = set()
    applied = 0
    for number, owner in enumerate(order):
        if await _needed(found[owner]) or depending.get(owner, set()) & changed:
            kept = await evaluate(actor, owner)
            applied += 1
            changed |= {owner} if kept is not None and kept.changed else set()
        if progress is not None:
            await progress(number + 1, len(order))
    return applied


@operation(Scope.JOBS_RUN, writes=True)
async def _all(actor: Actor) -> dict[Owner, Held]:
    return {(kind, held.id): held for kind, holder in HOLDERS.items() for held in await holder.held(actor, None)}


async def _needed(held: Held) -> bool:
    now, zone = clock.now(), ZoneInfo(boot.current().settings.timezone)
    if held.due or held.failure is not None or moved_by_time(held, now, zone):
        return True
    return held.evaluated_at is not None and await _consent_ended(held, held.evaluated_at, now)


async def _consent_ended(held: Held, since: datetime, until: datetime) -> bool:
    """Whether a consent of which the rule speaks has expired meanwhile."""
    purposes = {node.consent.purpose for _, node in rules.nodes(held.rule) if node.consent} if held.rule is not None else set()
    if not purposes:
        return False
    ended = {"purpose__in": sorted(purposes), "state": ConsentState.GRANTED, "expires_at__gt": since, "expires_at__lte": until}
    return bool(await Consent.filter(**ended).exists())
