"""Sudden losses of members: noticed as a rule is applied to everybody, and told with the condition that lost them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog

from siyu.domain import rules
from siyu.domain.kernel.operation import operation
from siyu.domain.rules import Held, Kept, Rule
from siyu.domain.segments.tables import SegmentChange, SegmentDrop, SegmentMember
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.reach import Reach, reach
from siyu.privacy.small import shown
from siyu.privacy.tables import LegalBasis

log = structlog.get_logger("siyu.segments")

#: A loss of fewer people, or of a smaller part of those who were in, is nothing sudden.
LEAST: Final = 20
LEAST_PERCENT: Final = 20
#: What lost people is looked for among so many of them.
LOOKED_AT: Final = 2_000
#: Drops that are told of a segment, the newest.
TOLD: Final = 20


@dataclass(frozen=True, slots=True)
class Drop:
    """One sudden loss. `before` and `after` are None where the actor's purpose leaves people out; the ratio is told all the same."""

    at: datetime
    #: What part of the members was lost, from 0 to 1.
    ratio: float
    before: int | None
    after: int | None
    rule_version: int
    #: The condition that most of the lost no longer meet: where it is in the rule (`all.1`, empty for the whole rule), its text, and
    #: for what part of them, from 0 to 1. None where it is no one condition.
    path: str | None
    condition: str | None
    share: float | None


def leaves_out(reached: Reach) -> bool:
    """Whether people decide about being reached under this purpose, so that numbers of everybody are not its numbers."""
    return reached.basis in (None, LegalBasis.CONSENT, LegalBasis.LEGITIMATE_INTEREST)


def sudden(before: int, after: int) -> bool:
    """Whether that is a drop to tell of."""
    lost = before - after
    return lost >= LEAST and lost * 100 >= before * LEAST_PERCENT


async def notice(actor: Actor, held: Held, kept: Kept, *, after: int) -> None:
    """Write down, and log, that applying the rule to everybody lost many at once; anything less costs no statement.

    Inside the transaction that kept the members; `after` is how many there are now.
    """
    before = after - kept.entered + kept.left
    if not sudden(before, after):
        return
    blamed = await _blamed(actor, held.rule, held, kept) if held.rule is not None else None
    drop = SegmentDrop(segment_id=held.id, before=before, after=after, rule_version=held.version, created_at=kept.at)
    if blamed is not None:
        drop.path, drop.condition, share = blamed
        drop.lost = round(share * (before - after))
    await drop.save(force_create=True)
    log.warning("segment_dropped", segment_id=str(held.id), before=before, after=after, rule_version=held.version, path=drop.path)


async def _blamed(actor: Actor, rule: Rule, held: Held, kept: Kept) -> tuple[str, str, float] | None:
    """The condition that most of the lost do not meet: its path, its text and their share."""
    gone = await SegmentChange.filter(segment_id=held.id, at=kept.at, entered=False).limit(LOOKED_AT).values_list("customer_id")
    stay = await SegmentMember.filter(segment_id=held.id).limit(LOOKED_AT).values_list("customer_id")
    lost = await _failing(actor, rule, [row[0] for row in gone])
    others = await _failing(actor, rule, [row[0] for row in stay])
    return culprit(lost, {path: share for path, (_, share) in others.items()})


async def _failing(actor: Actor, rule: Rule, people: Sequence[UUID]) -> dict[str, tuple[str, float]]:
    """By each condition's path, its text and the part of these people who fail it."""
    if not people:
        return {}
    found = await rules.lost(actor, rule, people)
    return {".".join(path): (condition, count / len(people)) for path, (condition, count) in found.items()}


def culprit(lost: Mapping[str, tuple[str, float]], others: Mapping[str, float]) -> tuple[str, str, float] | None:
    """Of the conditions that more than half of the lost fail, the one that tells them best from those who stayed. Pure.

    `lost` holds each condition's text and the part of the lost who fail it, `others` the part of those who stayed.
    """
    failed = [(share - others.get(path, 0.0), share, path) for path, (_, share) in lost.items() if share > 0.5]
    if not failed:
        return None
    _, share, path = max(failed, key=lambda each: each[:2])
    return path, lost[path][0], share


@operation(Scope.SEGMENTS_READ)
async def drops(actor: Actor, segment_ids: Collection[UUID], *, since: datetime | None = None) -> dict[UUID, list[Drop]]:
    """The newest sudden losses of each of these segments, newest first. One statement."""
    rows = SegmentDrop.filter(segment_id__in=list(segment_ids))
    reached = await reach(actor.purpose)
    found: defaultdict[UUID, list[Drop]] = defaultdict(list)
    for row in await (rows.filter(created_at__gte=since) if since else rows).order_by("-created_at", "-id"):
        if len(found[row.segment_id]) < TOLD:
            found[row.segment_id].append(_told(actor, reached, row))
    return {segment_id: found[segment_id] for segment_id in segment_ids}


def _told(actor: Actor, reached: Reach, row: SegmentDrop) -> Drop:
    after, partly = shown(actor, row.after), leaves_out(reached)
    return Drop(
        at=row.created_at,
        ratio=round((row.before - after) / row.before, 4),
        before=None if partly else row.before,
        after=None if partly else after,
        rule_version=row.rule_version,
        path=row.path,
        condition=row.condition,
        share=None if row.lost is None else round(row.lost / (row.before - row.after), 2),
    )
