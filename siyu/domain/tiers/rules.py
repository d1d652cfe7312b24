"""How a tier follows from what somebody earned and spent, and for how long it holds. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from siyu.domain.kernel import days
from siyu.domain.kernel.dialect import MONEY_SCALE
from siyu.domain.tiers.tables import TierQualification

#: What a multiplier is kept as: whole ten-thousandths.
MULTIPLIER_SCALE: Final = 10_000
WINDOWED: Final = frozenset({TierQualification.POINTS_IN_WINDOW, TierQualification.SPEND_IN_WINDOW})

#: What is measured of a customer: by which qualification, and in how many days. Points, or spend in ten-thousandths.
Measure = tuple[TierQualification, int | None]


@dataclass(frozen=True, slots=True)
class Rung:
    """A tier, as it is applied."""

    id: UUID
    code: str
    name: str
    rank: int
    threshold: int
    qualification: TierQualification
    window_days: int | None
    grace_days: int
    multiplier_e4: int = MULTIPLIER_SCALE

    @property
    def measure(self) -> Measure:
        """What of a customer is held against the threshold."""
        return self.qualification, self.window_days

    @property
    def needed(self) -> int:
        """The threshold, as it is measured."""
        return self.threshold * MONEY_SCALE if self.qualification is TierQualification.SPEND_IN_WINDOW else self.threshold

    @property
    def multiplier(self) -> Decimal:
        """What points that rules give are multiplied by."""
        return Decimal(self.multiplier_e4) / MULTIPLIER_SCALE

    def reached(self, measured: Mapping[Measure, int]) -> bool:
        """Whether what is measured of somebody is enough."""
        return measured[self.measure] >= self.needed


@dataclass(frozen=True, slots=True)
class Standing:
    """At which tier somebody is, since when, and until when at least. Without a tier all are None."""

    tier_id: UUID | None = None
    since: datetime | None = None
    #: None: for as long as it is reached.
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """The next tier above somebody's own, and how much more is needed for it: points, or units of the currency, rounded up."""

    tier_id: UUID
    remaining: int


def placed(rungs: Sequence[Rung], was: Standing, measured: Mapping[Measure, int], *, at: datetime, zone: ZoneInfo) -> Standing:
    """Where somebody is now, who was there.

    Up at once, to the highest tier that is reached. Down only when the tier's time is over. Of a tier with a window that is its period,
    the day on which it was reached and the window's days after it, and then the days of grace; whoever reaches it at the end of that
    keeps it for another period. A tier without a window holds for as long as it is reached, and then to the end of the day and for the
    days of grace.
    """
    best = max((rung for rung in rungs if rung.reached(measured)), key=lambda rung: rung.rank, default=None)
    own = next((rung for rung in rungs if rung.id == was.tier_id), None)
    if own is None or (best is not None and best.rank > own.rank):
        return _entered(best, at, zone)
    reached = own.reached(measured)
    if own.window_days is None:
        if reached:
            return Standing(own.id, was.since, None)
        until = was.until or _ends(0, own, at, zone)
    else:
        until = was.until or _ends(own.window_days, own, at, zone)
        if until <= at and reached:
            until = _ends(own.window_days, own, at, zone)
    return Standing(own.id, was.since, until) if at < until else _entered(best, at, zone)


def _entered(rung: Rung | None, at: datetime, zone: ZoneInfo) -> Standing:
    if rung is None:
        return Standing()
    return Standing(rung.id, at, None if rung.window_days is None else _ends(rung.window_days, rung, at, zone))


def _ends(period_days: int, rung: Rung, at: datetime, zone: ZoneInfo) -> datetime:
    """The midnight after today, the days of the period and those of grace."""
    return days.begins(days.day_of(at, zone) + timedelta(days=period_days + rung.grace_days + 1), zone)


def progress(rungs: Iterable[Rung], tier_id: UUID | None, measured: Mapping[Measure, int]) -> Progress | None:
    """What is missing for the next tier by rank; None at the top, and where there is no tier above."""
    ordered = sorted(rungs, key=lambda rung: rung.rank)
    rank = next((rung.rank for rung in ordered if rung.id == tier_id), None)
    following = next((rung for rung in ordered if rank is None or rung.rank > rank), None)
    if following is None:
        return None
    missing = max(0, following.needed - measured[following.measure])
    scale = MONEY_SCALE if following.qualification is TierQualification.SPEND_IN_WINDOW else 1
    return Progress(following.id, -(-missing // scale))
