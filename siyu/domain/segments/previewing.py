"""Whom a rule would find, while somebody still works at it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from siyu.domain import rules
from siyu.domain.kernel.operation import operation
from siyu.domain.rules import Rule
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, Refusal
from siyu.privacy.small import hides, shown

SAMPLE_USUAL: Final = 5
SAMPLE_MAX: Final = 50


@dataclass(frozen=True, slots=True)
class Preview:
    """How many a rule holds for, their part of all (0 to 1), some of them, and how long finding out took."""

    count: int
    ratio: float
    sample: Sequence[UUID]
    milliseconds: int


@operation(Scope.SEGMENTS_READ, Scope.CUSTOMERS_READ)
async def preview(actor: Actor, rule: Rule, *, sample: int | None = None) -> Preview:
    """Whom this rule finds among the people whom the actor's purpose reaches. Nothing is kept.

    `sample` of them are shown, five where it isn't said. To a token a group of fewer than ten is shown as nobody, and all but
    fewer than ten as everybody.
    Refuses what `rules.check` refuses, with paths below `rule`, and (`LIMIT_EXCEEDED`) a sample of more than fifty.
    """
    wanted = SAMPLE_USUAL if sample is None else sample
    if not 0 <= wanted <= SAMPLE_MAX:
        raise Refusal(f"A sample is of 0 to {SAMPLE_MAX}.", path=("sample",), code=Code.LIMIT_EXCEEDED)
    started = time.monotonic()
    checked = await rules.check(actor, rule, None, path=())
    found = await rules.counted(actor, checked.rule, sample=wanted)
    count, everybody = shown(actor, found.count), shown(actor, found.everybody)
    if count and hides(actor, found.everybody - found.count):
        count = everybody  # the rest would tell of the few who are left
    return Preview(
        count,
        round(count / everybody, 4) if everybody else 0.0,
        () if hides(actor, found.count) else found.ids,
        round((time.monotonic() - started) * 1000),
    )
