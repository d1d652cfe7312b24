"""Searching: the customers who changed since the last search, a few hundred at a time, each compared with whom they share a token with.

Killed at any moment, it goes on after the last few hundred that were committed; nothing is found twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from siyu.domain import customers, work
from siyu.domain.customers import Stop
from siyu.domain.duplicates import blocking, keys, opened, pairs, rules
from siyu.domain.duplicates.inputs import DuplicateSearchStart
from siyu.domain.duplicates.tables import DuplicateSearch
from siyu.domain.kernel import clock
from siyu.domain.kernel.operation import operation
from siyu.domain.work import Progress, WorkState
from siyu.privacy import audit
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, Refusal

#: Customers a step: each is one transaction.
STEP: Final = 500
#: A search begins so long before the place where the last one ended: a change may be committed later than its time says.
OVERLAP: Final = timedelta(minutes=5)

_JOB: Final = "search_duplicates"
_OVER: Final = frozenset({WorkState.SUCCEEDED, WorkState.FAILED, WorkState.CANCELLED})


class Overtaken(Refusal):
    """Another worker went on with this search meanwhile: this one lets go."""

    code = Code.WRONG_STATE


@operation(Scope.DATA_QUALITY_WRITE, writes=True)
async def search(actor: Actor, wish: DuplicateSearchStart | None = None) -> UUID:
    """Have a job look for duplicates among those who changed since the last search; the id of its work.

    While one runs its own work is given; one that was broken off goes on where it stopped.
    """
    last = await DuplicateSearch.all().order_by("-created_at").first()
    if last is not None and last.finished_at is None and last.work_id is not None:
        running = await work.find(actor, last.work_id)
        if running is not None and running.state not in _OVER:
            return last.work_id
    if last is None or last.finished_at is not None or (wish is not None and wish.everybody) or last.version != rules.VERSION:
        last = await _opened(everybody=wish is not None and wish.everybody)
    last.work_id = await work.start(actor, _JOB, str(last.id))
    await last.save(update_fields=["work_id"])
    await audit.record(actor, "duplicates.search", detail={"search": str(last.id), "everybody": last.place is None})
    return last.work_id


async def _opened(*, everybody: bool) -> DuplicateSearch:
    before = await DuplicateSearch.filter(finished_at__isnull=False).order_by("-created_at").first()
    known = before is not None and before.version == rules.VERSION and not everybody
    place = before.place - OVERLAP if before is not None and before.place is not None and known else None
    return await DuplicateSearch.create(version=rules.VERSION, place=place)


@operation(Scope.DATA_QUALITY_WRITE)
async def run(actor: Actor, search_id: UUID, *, progress: Progress) -> None:
    """Search to the end. Twice is the same as once; a finished search is left alone."""
    record = await DuplicateSearch.get_or_none(id=search_id)
    if record is None or record.finished_at is not None:
        return
    total = record.done + await customers.changed_count(actor, after=record.place)
    while stops := await customers.changed(actor, after=record.place, most=STEP):
        for start in range(0, len(stops), STEP):
            await _step(actor, record, stops[start : start + STEP], last=start + STEP >= len(stops))
        await progress(record.done, max(total, record.done), _summary(record))
    await _finish(actor, record)


async def _step(actor: Actor, record: DuplicateSearch, stops: Sequence[Stop], *, last: bool) -> None:
    """Compare these customers with all whom they share a token with. Values are opened here, and gone when it returns."""
    changed = [stop.customer_id for stop in stops]
    people = await opened.people(actor, changed)
    tokens = {each: keys.hashed(blocking.tokens(people[each])) if each in people else {} for each in changed}
    met = await keys.meet(tokens)
    people.update(await opened.people(actor, sorted({each for pair in met.pairs for each in pair} - people.keys())))
    compared = {pair: rules.compare(people[pair[0]], people[pair[1]]) for pair in met.pairs if people.keys() >= {*pair}}
    found = {pair: likeness for pair, likeness in compared.items() if likeness.score >= rules.THRESHOLD}
    await _store(actor, record, stops, tokens, found, met.crowded, last=last)


@operation(Scope.DATA_QUALITY_WRITE, writes=True)
async def _store(
    actor: Actor,
    record: DuplicateSearch,
    stops: Sequence[Stop],
    tokens: dict[UUID, dict[int, str]],
    found: dict[pairs.Pair, rules.Likeness],
    crowded: int,
    *,
    last: bool,
) -> None:
    now = await customers.hold(actor, {*tokens, *(each for pair in found for each in pair)})
    held = {each for each, stands in now.items() if each == stands}
    await keys.replace({each: token for each, token in tokens.items() if each in held})
    still = {pair: likeness for pair, likeness in found.items() if pair[0] in held and pair[1] in held}
    fresh = await pairs.keep(actor, still, of=list(tokens))
    after = {
        "done": record.done + len(stops),
        "found": record.found + fresh,
        "crowded": record.crowded + crowded,
        "place": stops[-1].updated_at if last else record.place,
    }
    # Whoever moved the search on meanwhile wins; this transaction goes back with all that it stored.
    if not await DuplicateSearch.filter(id=record.id, done=record.done, finished_at__isnull=True).update(**after):
        raise Overtaken("Another worker went on with this search.")
    record.update_from_dict(after)


@operation(Scope.DATA_QUALITY_WRITE, writes=True)
async def _finish(actor: Actor, record: DuplicateSearch) -> None:
    await DuplicateSearch.filter(id=record.id).update(finished_at=clock.now())
    await DuplicateSearch.filter(finished_at__isnull=False, created_at__lt=record.created_at).delete()
    detail: audit.Detail = {"search": str(record.id), "compared": record.done, "found": record.found, "crowded": record.crowded}
    await audit.record(actor, "duplicates.searched", detail=detail)


def _summary(record: DuplicateSearch) -> str:
    said = f"{record.found} new pairs"
    return f"{said}; {record.crowded} groups were too large to compare" if record.crowded else said
