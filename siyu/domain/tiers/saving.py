"""Making tiers and changing them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Final
from uuid import UUID

from siyu.domain.kernel import clock, database
from siyu.domain.kernel.inputs import Unset
from siyu.domain.kernel.operation import after_commit, announce, operation
from siyu.domain.kernel.wording import required_code, required_line
from siyu.domain.tiers.inputs import BENEFIT_MAX, BENEFITS_MAX, DAYS_MAX, MULTIPLIER_MAX, RANK_MAX, THRESHOLD_MAX, TierSave
from siyu.domain.tiers.memory import CHANGED
from siyu.domain.tiers.rules import MULTIPLIER_SCALE, WINDOWED
from siyu.domain.tiers.tables import CODE_MAX, NAME_MAX, Tier, TierLadder, TierQualification
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, NotFound, Refusal, Refusals, Taken

APPLY_JOB: Final = "apply_tiers"
#: The tiers are few: whoever changes one has them alone.
LOCK: Final = "tiers"
ONLY: Final = 1
TIERS_MAX: Final = 50
_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_APPLIED: Final = ("rank", "threshold", "qualification", "window_days", "grace_days")


@operation(Scope.POINTS_WRITE, writes=True)
async def save(actor: Actor, wish: TierSave) -> UUID:
    """Make a tier, or change one; its id. Where it decides otherwise from now on, a job brings everybody in line with it.

    All that does not fit is refused at once; a code or a rank that another tier has as `TAKEN`, another code for a tier as `WRONG_STATE`.
    """
    await database.alone(LOCK)
    others = {row.id: row for row in await Tier.all()}
    row = others.pop(wish.id, None) if wish.id is not None else None
    if wish.id is not None and row is None:
        raise NotFound("There is no such tier.", path=("input", "id"))
    if row is None and len(others) >= TIERS_MAX:
        raise Refusal(f"There are at most {TIERS_MAX} tiers.", path=("input",), code=Code.LIMIT_EXCEEDED)
    code = _code(wish.code)
    _fits(wish)
    if row is not None and row.code != code:
        raise Refusal("The code of a tier stays: rules speak of it.", path=("input", "code"), code=Code.WRONG_STATE)
    if any(each.code == code for each in others.values()):
        raise Taken("Another tier has this code.", path=("input", "code"))
    if any(each.rank == wish.rank for each in others.values()):
        raise Taken("Another tier has this rank.", path=("input", "rank"))
    before = None if row is None else [getattr(row, name) for name in _APPLIED]
    row = _written(row or Tier(code=code, benefits=[]), wish)
    row.updated_at = clock.now()
    await row.save(force_create=before is None)
    announce(CHANGED)
    if before != [getattr(row, name) for name in _APPLIED]:
        await due(actor)
    return row.id


@operation(writes=True)
async def due(actor: Actor) -> None:
    """Have a job bring everybody in line with the tiers as they are now."""
    if not await TierLadder.filter(id=ONLY).exists():
        await TierLadder.create(id=ONLY, version=0)
    ladder = await TierLadder.get(id=ONLY)
    await TierLadder.filter(id=ONLY).update(version=ladder.version + 1)
    after_commit(APPLY_JOB)


def _code(text: str) -> str:
    spelled = required_code(text, ("input", "code"), most=CODE_MAX)
    required_line(spelled, ("input", "code"), most=CODE_MAX)
    if not _CODE.fullmatch(spelled):
        raise Refusal("Letters A to Z, digits, `.`, `_` and `-`; it begins with a letter or digit.", path=("input", "code"))
    return spelled


def _fits(wish: TierSave) -> None:
    refusals = [
        Refusal(f"This is from {least} to {most:,}.", path=("input", name))
        for name, value, least, most in (
            ("rank", wish.rank, 1, RANK_MAX),
            ("threshold", wish.threshold, 0, THRESHOLD_MAX),
            ("window_days", wish.window_days, 1, DAYS_MAX),
            ("grace_days", wish.grace_days, 0, DAYS_MAX),
        )
        if value is not None and not isinstance(value, Unset) and not least <= value <= most
    ]
    if (wish.window_days is not None) is not (wish.qualification in WINDOWED):
        said = "Say in how many days." if wish.window_days is None else f"{wish.qualification} has no window."
        code = Code.BLANK if wish.window_days is None else Code.INVALID
        refusals.append(Refusal(said, path=("input", "window_days"), code=code))
    if isinstance(wish.earning_multiplier, Decimal) and not _multiplies(wish.earning_multiplier):
        said = f"This is from 0 to {MULTIPLIER_MAX}, with at most four decimals."
        refusals.append(Refusal(said, path=("input", "earning_multiplier")))
    if refusals:
        raise Refusals(refusals)


def _multiplies(number: Decimal) -> bool:
    return number.is_finite() and 0 <= number <= MULTIPLIER_MAX and number * MULTIPLIER_SCALE % 1 == 0


def _written(row: Tier, wish: TierSave) -> Tier:
    row.name = required_line(wish.name, ("input", "name"), most=NAME_MAX)
    row.rank, row.threshold = wish.rank, wish.threshold
    row.qualification, row.window_days = TierQualification(wish.qualification), wish.window_days
    if not isinstance(wish.grace_days, Unset):
        row.grace_days = wish.grace_days or 0
    if not isinstance(wish.benefits, Unset):
        row.benefits = _benefits(wish.benefits or [])
    if not isinstance(wish.earning_multiplier, Unset):
        row.earning_multiplier_e4 = int((Decimal(1) if wish.earning_multiplier is None else wish.earning_multiplier) * MULTIPLIER_SCALE)
    return row


def _benefits(lines: Sequence[str]) -> list[str]:
    if len(lines) > BENEFITS_MAX:
        raise Refusal(f"At most {BENEFITS_MAX}.", path=("input", "benefits"), code=Code.LIMIT_EXCEEDED)
    return [required_line(line, ("input", "benefits", str(number)), most=BENEFIT_MAX) for number, line in enumerate(lines)]
