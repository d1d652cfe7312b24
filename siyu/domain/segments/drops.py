"""Sudden losses of members: noticed as members are kept, and told with the condition that lost them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from siyu.domain import rules
from siyu.domain.kernel import clock, days
from siyu.domain.kernel.operation import operation
from siyu.domain.rules import Held, Kept, Rule
from siyu.domain.segments.tables import SegmentChange, SegmentDrop, SegmentMember, SegmentSize
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
#: Drops that are told of a segment: the newest, where it isn't said since when of so long.
TOLD: Final = 20
TOLD_SINCE: Final = timedelta(days=400)


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


async def notice(actor: Actor, held: Held, kept: Kept) -> None:
    """Write down, and log, that a segment has lost many within one day of the organisation's; less costs one statement, no loss none.

    Inside the transaction that kept the members, after their number was written down, whoever was looked at. A loss that goes on is
    still one of that day and rule; it is logged again when as much is lost again.
    """
    if not kept.left:
        return
    midnight = days.ago(0, at=kept.at, zone=days.here())
    size = await SegmentSize.get(segment_id=held.id, day=days.day_of(kept.at, days.here()))
    just_before, opening = size.count - kept.entered + kept.left, size.count - size.entered + size.left
    if not sudden(max(just_before, opening), size.count):
        return
    drop = await SegmentDrop.filter(segment_id=held.id, rule_version=held.version, created_at__gte=midnight).order_by("-created_at").first()
    before = max(just_before, drop.after if drop else opening)
    if not sudden(before, size.count):
        return
    drop = drop or SegmentDrop(segment_id=held.id, before=before, rule_version=held.version, created_at=kept.at)
    drop.before, drop.after = max(drop.before, before), size.count
    blamed = await _blamed(actor, held.rule, held.id, midnight) if held.rule is not None else None
    path, condition, share = blamed or (None, None, None)
    lost = None if share is None else round(share * (drop.before - drop.after))
    drop.update_from_dict({"path": path, "condition": condition, "lost": lost})
    await drop.save()
    told = {"segment_id": str(held.id), "before": drop.before, "after": drop.after, "rule_version": held.version, "path": path}
    log.warning("segment_dropped", **told)


async def _blamed(actor: Actor, rule: Rule, segment_id: UUID, since: datetime) -> tuple[str, str, float] | None:
    """The condition that most of those lost since then do not meet: its path, its text and their share."""
    left = SegmentChange.filter(segment_id=segment_id, at__gte=since, entered=False).order_by("-at").limit(LOOKED_AT)
    gone = {row[0] for row in await left.values_list("customer_id")}
    back = await SegmentMember.filter(segment_id=segment_id, customer_id__in=list(gone)).values_list("customer_id")
    stay = await SegmentMember.filter(segment_id=segment_id).limit(LOOKED_AT).values_list("customer_id")
    lost = await _failing(actor, rule, list(gone - {row[0] for row in back}))
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
    rows = SegmentDrop.filter(segment_id__in=list(segment_ids), created_at__gte=since or clock.now() - TOLD_SINCE)
    reached = await reach(actor.purpose)
    found: defaultdict[UUID, list[Drop]] = defaultdict(list)
    for row in await rows.order_by("-created_at", "-id"):
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
