"""The program: how points work here, and from when until when new ones count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from siyu.domain.kernel import database, days
from siyu.domain.kernel.inputs import UNSET, changes
from siyu.domain.kernel.operation import operation
from siyu.domain.points.inputs import PointsProgramUpdate
from siyu.domain.points.tables import NegativeBalancePolicy, PointsProgram
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, Refusal, Refusals

ONLY: Final = 1
NAME_MAX: Final = 80
DAYS_MAX: Final = 36_500
_LOCK: Final = "points program"


@dataclass(frozen=True, slots=True)
class Program:
    """`expire_after_days` and `pending_days` count days of the organisation's calendar."""

    name: str = "Points"
    expire_after_days: int | None = None
    pending_days: int = 0
    negative_balance: NegativeBalancePolicy = NegativeBalancePolicy.ALLOW
    version: int = 0

    def available_at(self, at: datetime) -> datetime:
        """From when points that come now can be spent: at once, or from the midnight that begins the last day of waiting."""
        return at if not self.pending_days else days.ago(-self.pending_days, at=at, zone=days.here())

    def expires_at(self, available_at: datetime) -> datetime | None:
        """When points expire that can be spent from then on: at the midnight after the last of their days; None is never."""
        if self.expire_after_days is None:
            return None
        return days.begins(days.day_of(available_at, days.here()) + timedelta(days=self.expire_after_days + 1), days.here())


DEFAULT: Final = Program()


@operation()
async def program(actor: Actor) -> Program:
    """The program as it is; one that nobody has changed is the default's."""
    row = await PointsProgram.get_or_none(id=ONLY)
    if row is None:
        return DEFAULT
    return Program(row.name, row.expire_after_days, row.pending_days, NegativeBalancePolicy(row.negative_balance), row.version)


@operation(Scope.POINTS_READ)
async def read_program(actor: Actor) -> Program:
    """The same for whoever may read points."""
    return await program(actor)


@operation(Scope.POINTS_WRITE, writes=True)
async def update_program(actor: Actor, wish: PointsProgramUpdate) -> Program:
    """Change the program for what comes from now on; points that are there keep their days. Raises all that does not fit at once."""
    await database.alone(_LOCK)
    now, wanted = await program(actor), changes(wish)
    _check(wish)
    if isinstance(wish.name, str):
        wanted["name"] = wish.name.strip()
    if all(getattr(now, name) == value for name, value in wanted.items()):
        return now
    names = ("name", "expire_after_days", "pending_days", "negative_balance")
    row = PointsProgram(id=ONLY, version=now.version + 1, **{name: wanted.get(name, getattr(now, name)) for name in names})
    await PointsProgram.bulk_create([row], on_conflict=["id"], update_fields=[*names, "version"])
    return await program(actor)


def _check(wish: PointsProgramUpdate) -> None:
    found = []
    if isinstance(wish.name, str) and not wish.name.strip():
        found.append(Refusal("Give it a name.", path=("input", "name"), code=Code.BLANK))
    if isinstance(wish.name, str) and len(wish.name.strip()) > NAME_MAX:
        found.append(Refusal(f"At most {NAME_MAX} characters.", path=("input", "name"), code=Code.TOO_LONG))
    for name, least in (("expire_after_days", 1), ("pending_days", 0)):
        value = getattr(wish, name)
        if value is not UNSET and value is not None and not least <= value <= DAYS_MAX:
            found.append(Refusal(f"Between {least} and {DAYS_MAX:,} days.", path=("input", name)))
    if found:
        raise Refusals(found)


def span(known: Program, at: datetime, available_at: datetime | None, expires_at: datetime | None) -> tuple[datetime, datetime | None]:
    """From when until when points count that come at the moment. Refuses an expiry that is past or before they can be spent, as INVALID."""
    since = max(available_at or known.available_at(at), at)
    until = expires_at or known.expires_at(since)
    if until is not None and until <= since:
        raise Refusal("Points expire after they can be spent, and not in the past.", path=("input", "expires_at"))
    return since, until
