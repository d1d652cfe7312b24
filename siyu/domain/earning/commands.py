"""Making and changing what points are given for, version by version."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Final, TypeVar
from uuid import UUID

from siyu.domain import segments
from siyu.domain.earning import rules
from siyu.domain.earning.inputs import EarningRuleSave
from siyu.domain.earning.known import CHANGED, terms_of
from siyu.domain.earning.rules import Terms
from siyu.domain.earning.tables import NAME_MAX, EarningRule, EarningRuleVersion, EarningTrigger
from siyu.domain.kernel import clock, ids
from siyu.domain.kernel.dialect import money_to_e4
from siyu.domain.kernel.inputs import Unset
from siyu.domain.kernel.operation import after_commit, announce, operation
from siyu.domain.kernel.wording import optional_line, required_line
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, NotFound, Refusal

#: The job that goes through what happened since a rule began, by its name.
SINCE_JOB: Final = "earn_since"
_DECIMALS: Final = 4

T = TypeVar("T")


@operation(Scope.POINTS_WRITE, writes=True)
async def save(actor: Actor, wish: EarningRuleSave) -> UUID:
    """Make a rule or change one; its id. Each change that is one makes another version, which is kept; what was earned stays.

    Left out, what a rule says stays; null clears. One that begins in the past takes in the orders since, by a job. Refuses terms that make
    no sense, each where it is wrong, and an unknown rule or segment.
    """
    now = clock.now()
    row = await _row(wish)
    before = None if wish.id is None else (row.name, terms_of(row))
    _apply(row, wish, now)
    rules.fitting(terms_of(row))
    if row.segment_id is not None and (before is None or before[1].segment_id != row.segment_id):
        await segments.require(actor, row.segment_id, path=("input", "segment_id"))
    after = (row.name, terms_of(row))
    if before == after:
        return row.id
    row.version = 1 if before is None else row.version + 1
    row.updated_at = now
    await row.save(force_create=before is None)
    await EarningRuleVersion.bulk_create(
        [EarningRuleVersion(id=ids.uuid7(), rule_id=row.id, version=row.version, terms=told(after[1]), changed_by=actor.name)]
    )
    announce(CHANGED)
    if row.enabled and row.trigger is EarningTrigger.ORDER_PAID and row.active_from is not None and row.active_from < now:
        after_commit(SINCE_JOB, str(row.id))
    return row.id


@operation(Scope.JOBS_RUN)
async def begun(actor: Actor, rule_id: UUID) -> datetime | None:
    """Since when a rule is in force; None where it is not, or gone."""
    row = await EarningRule.get_or_none(id=rule_id)
    return row.active_from if row is not None and row.enabled else None


@segments.uses
async def named(segment_id: UUID) -> list[str]:
    """The rules that are for a segment only."""
    return [f"the earning rule {row.name}" for row in await EarningRule.filter(segment_id=segment_id).order_by("id")]


def told(terms: Terms) -> dict[str, object]:
    """Terms as they are kept."""
    return {name: _plain(value) for name, value in asdict(terms).items() if value is not None}


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


async def _row(wish: EarningRuleSave) -> EarningRule:
    """The rule, held until the transaction ends, or a new one."""
    if wish.id is None:
        return EarningRule(name=wish.name, trigger=wish.trigger)
    row = await EarningRule.filter(id=wish.id).select_for_update().get_or_none()
    if row is None:
        raise NotFound("There is no such rule.", path=("input", "id"))
    if row.trigger is not wish.trigger:
        raise Refusal("What a rule gives points for never changes: make another one.", path=("input", "trigger"), code=Code.WRONG_STATE)
    return row


def _apply(row: EarningRule, wish: EarningRuleSave, now: datetime) -> None:
    row.name = required_line(wish.name, ("input", "name"), most=NAME_MAX)
    row.event_name = _said(wish.event_name, row.event_name, lambda text: optional_line(text, ("input", "event_name"), most=100))
    row.category = _said(wish.category, row.category, lambda text: optional_line(text, ("input", "category"), most=80))
    if not isinstance(wish.rate, Unset):
        row.rate_e4 = None if wish.rate is None else _rate_e4(wish.rate)
    for name in ("fixed", "segment_id", "side", "streak_days", "streak_bonus", "maximum_per_day", "active_until"):
        value = getattr(wish, name)
        if not isinstance(value, Unset):
            setattr(row, name, value)
    for name in ("multiplied", "enabled"):
        value = getattr(wish, name)
        if not isinstance(value, Unset):
            setattr(row, name, True if value is None else value)
    if not isinstance(wish.active_from, Unset):
        row.active_from = wish.active_from
    row.active_from = row.active_from or (now if wish.id is None else row.created_at)


def _said(wished: T | Unset | None, now: T | None, spelled: Callable[[T], T | None]) -> T | None:
    if isinstance(wished, Unset):
        return now
    return None if wished is None else spelled(wished)


def _rate_e4(rate: Decimal) -> int:
    exponent = rate.normalize().as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -_DECIMALS or not 0 < rate <= rules.RATE_MAX_E4 // rules.E4:
        message = f"More than 0, at most {rules.RATE_MAX_E4 // rules.E4:,}, with at most four decimals."
        raise Refusal(message, path=("input", "rate"))
    return money_to_e4(rate)
