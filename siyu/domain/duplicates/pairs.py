"""Keeping who may be one person: what a search found, what a rule of joining suspects, what people said of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final, cast
from uuid import UUID

from tortoise.expressions import Q

from siyu.domain import customers
from siyu.domain.duplicates import rules
from siyu.domain.duplicates.inputs import DuplicateDismiss
from siyu.domain.duplicates.rules import Likeness
from siyu.domain.duplicates.tables import CandidateState, DuplicateCandidate
from siyu.domain.kernel import clock, joining
from siyu.domain.kernel.operation import operation
from siyu.privacy import audit
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import NotFound

Pair = tuple[UUID, UUID]

#: Ranks are scores in ten-thousandths.
_SCALE: Final = 10_000


@operation(Scope.CUSTOMERS_MERGE, writes=True)
async def dismiss(actor: Actor, wish: DuplicateDismiss) -> UUID:
    """Remember that these two are not one person; a repeated call changes nothing. The candidate's id.

    They are shown again only when something material speaks for it that did not then: see `rules.comes_back`.
    """
    found = await DuplicateCandidate.get_or_none(id=wish.id)
    if found is None:
        raise NotFound("There is no such pair: somebody has merged them, or one of them was erased.", path=("input", "id"))
    if found.state is CandidateState.OPEN:
        found.state, found.dismissed_at, found.dismissed_by = CandidateState.DISMISSED, clock.now(), actor.name
        found.dismissed_rank, found.dismissed_reasons = found.rank, found.reasons
        await found.save()
        await audit.record(actor, "duplicate.dismissed", subjects=[found.left_id, found.right_id])
    return found.id


@operation(writes=True)
async def suspect(actor: Actor, left: UUID, right: UUID, score: float, reasons: Sequence[str]) -> None:
    """A rule says that these two may be one person: show them, unless somebody has said that they are not. The caller checked a scope.

    `score` is from 0 to 1; `reasons` hold no value of anybody.
    """
    assert left != right, "Nobody is suspected of being themselves."
    now = await customers.hold(actor, [left, right])
    if left in now and right in now and now[left] != now[right]:
        await keep(actor, {_ordered(now[left], now[right]): Likeness(score, tuple(reasons))}, said=True)


async def keep(actor: Actor, found: Mapping[Pair, Likeness], *, of: Collection[UUID] = (), said: bool = False) -> int:
    """Store what was found, in the caller's transaction, and drop what was found before of the people `of` and isn't now.

    How many pairs are new. What a rule said stays. Both people of each pair are held (`customers.hold`).
    """
    people = {*of, *(each for pair in found for each in pair)}
    stored = await DuplicateCandidate.filter(Q(left_id__in=people) | Q(right_id__in=people)) if people else []
    known = {(row.left_id, row.right_id): row for row in stored}
    gone = [
        row.id for pair, row in known.items() if pair not in found and not row.said and row.state is CandidateState.OPEN and {*pair} & {*of}
    ]
    if gone:
        await DuplicateCandidate.filter(id__in=gone).delete()
    for pair in found.keys() & known.keys():
        await _again(known[pair], found[pair], said=said)
    fresh = [_made(pair, likeness, said=said) for pair, likeness in found.items() if pair not in known]
    if fresh:
        await DuplicateCandidate.bulk_create(fresh)
    return len(fresh)


def _made(pair: Pair, likeness: Likeness, *, said: bool) -> DuplicateCandidate:
    left, right = pair
    return DuplicateCandidate(left_id=left, right_id=right, rank=round(likeness.score * _SCALE), reasons=[*likeness.reasons], said=said)


async def _again(row: DuplicateCandidate, likeness: Likeness, *, said: bool) -> None:
    if row.state is CandidateState.DISMISSED:
        back = rules.comes_back(
            likeness.score,
            likeness.reasons,
            dismissed_score=cast(int, row.dismissed_rank) / _SCALE,
            dismissed_reasons=row.dismissed_reasons or (),
        )
        if not back:
            return
        row.state = CandidateState.OPEN
    rank, reasons = round(likeness.score * _SCALE), [*likeness.reasons]
    if row.said and not said:
        # What the rule said stands; the search may add to it.
        rank, reasons = max(rank, row.rank), list(dict.fromkeys([*row.reasons, *reasons]))
    row.rank, row.reasons, row.said = rank, reasons, row.said or said
    await row.save()


def _ordered(left: UUID, right: UUID) -> Pair:
    return (left, right) if left < right else (right, left)


@joining.refreshes
async def follow_merge(actor: Actor, customer_ids: Sequence[UUID]) -> None:
    """Whom somebody said not to be the merged customer, is not the kept one either. What is open hides behind the merge (`source`)."""
    now = await customers.hold(actor, customer_ids)
    for merged, kept in now.items():
        if merged != kept:
            said = await DuplicateCandidate.filter(Q(left_id=merged) | Q(right_id=merged), state=CandidateState.DISMISSED)
            others = {row.right_id if row.left_id == merged else row.left_id: row for row in said}
            await _inherit(kept, {other: row for other, row in others.items() if other != kept})


async def _inherit(kept: UUID, said: Mapping[UUID, DuplicateCandidate]) -> None:
    for other, row in said.items():
        left, right = _ordered(kept, other)
        columns = ("rank", "reasons", "state", "dismissed_rank", "dismissed_reasons", "dismissed_at", "dismissed_by")
        if not await DuplicateCandidate.exists(left_id=left, right_id=right):
            await DuplicateCandidate.create(left_id=left, right_id=right, **{name: getattr(row, name) for name in columns})
