"""The report: what was measured last, or measured now where that is quick."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Final, cast
from uuid import UUID

from siyu.domain import work
from siyu.domain.kernel.operation import operation
from siyu.domain.quality.measuring import FEW, Group, Measured, measure
from siyu.domain.quality.tables import QualitySnapshot
from siyu.privacy.actor import Actor, ActorKind, Scope
from siyu.privacy.reach import reach
from siyu.privacy.refusal import Code, Refusal
from siyu.privacy.tables import LegalBasis

#: What took no longer is measured anew whenever somebody asks.
QUICK_MS: Final = 250
#: Snapshots are kept so long.
KEPT: Final = timedelta(days=31)


@operation(Scope.DATA_QUALITY_READ)
async def report(actor: Actor) -> Measured:
    """How good the data is. Where measuring took long the last time, what it found then.

    To a partner no number tells of fewer than ten people: 1 to 9 is shown as none, and all but 1 to 9 as all, and a sum that differs by
    as few from what is shown of its parts is the sum of these. Refused under a purpose that needs consent, since the numbers are about
    everybody.
    """
    if (await reach(actor.purpose)).basis is LegalBasis.CONSENT:
        raise Refusal("These numbers are about everybody; your purpose reaches those who consented.", code=Code.CONSENT_REQUIRED)
    last = await QualitySnapshot.all().order_by("-created_at").first()
    found = await measure(actor) if last is None or last.took_ms <= QUICK_MS else _read(last)
    return _coarse(found) if actor.kind is ActorKind.TOKEN else found


@operation(Scope.DATA_QUALITY_WRITE, writes=True)
async def snapshot(actor: Actor) -> None:
    """Measure, and keep it; what is older than `KEPT` goes."""
    found = await measure(actor)
    said = {**asdict(found), "measured_at": found.measured_at.isoformat()}
    await QualitySnapshot.create(report=said, took_ms=found.took_ms)
    await QualitySnapshot.filter(created_at__lt=found.measured_at - KEPT).delete()


@operation(Scope.DATA_QUALITY_WRITE, writes=True)
async def remeasure(actor: Actor) -> UUID:
    """Have a job look at what changed and measure anew; the work's id."""
    return await work.start(actor, "measure_quality")


def _read(row: QualitySnapshot) -> Measured:
    said = row.report
    total, by_source = cast("dict[str, object]", said["total"]), cast("list[dict[str, object]]", said["by_source"])
    return Measured(
        Group(**total),  # type: ignore[arg-type]  # as `snapshot` wrote it
        [Group(**each) for each in by_source],  # type: ignore[arg-type]  # as above
        cast(int, said["duplicates"]),
        cast(int, said["stale_days"]),
        datetime.fromisoformat(cast(str, said["measured_at"])),
        row.took_ms,
    )


def _coarse(found: Measured) -> Measured:
    pairs = found.duplicates if found.duplicates >= FEW else 0
    by_source = [_coarse_group(each) for each in found.by_source]
    return replace(found, total=_sum(_coarse_group(found.total), by_source), by_source=by_source, duplicates=pairs)


def _sum(total: Group, parts: Sequence[Group]) -> Group:
    """The sum of all, such that nobody learns by subtraction what is hidden in one of its parts."""

    def shown(counts: Mapping[str, int], of: Sequence[Mapping[str, int]]) -> dict[str, int]:
        return {name: _near(count, sum(each.get(name, 0) for each in of)) for name, count in counts.items()}

    return replace(
        total,
        filled=shown(total.filled, [each.filled for each in parts]),
        invalid=shown(total.invalid, [each.invalid for each in parts]),
        rejected=shown(total.rejected, [each.rejected for each in parts]),
        stale=_near(total.stale, sum(each.stale for each in parts)),
    )


def _near(count: int, parts: int) -> int:
    return parts if abs(count - parts) < FEW else count


def _coarse_group(group: Group) -> Group:
    whole = group.customers if group.customers >= FEW else 0

    def shown(counts: Mapping[str, int]) -> dict[str, int]:
        return {name: _shown(count, whole) for name, count in counts.items()}

    rejected = {name: count if count >= FEW else 0 for name, count in group.rejected.items()}
    return replace(
        group,
        customers=whole,
        filled=shown(group.filled),
        invalid=shown(group.invalid),
        rejected=rejected,
        stale=_shown(group.stale, whole),
    )


def _shown(count: int, whole: int) -> int:
    if count < FEW:
        return 0
    return whole if whole - count < FEW else count
