"""Scores follow the orders of those who buy, by the ranks of the last time that everybody was scored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from siyu.domain.kernel import outbox, touching
from siyu.domain.kernel.outbox import Due
from siyu.domain.kernel.touching import Change, Touched
from siyu.domain.scoring.commands import concerned
from siyu.privacy.actor import Actor

#: The job that settles the scores of just some customers, by its name, and how many of them one job takes.
JOB: Final = outbox.of_many("settle_scores")
TAKEN: Final = 500


@touching.follows
async def follow(touched: Sequence[Touched]) -> list[Due]:
    """The jobs that settle the scores of those whose orders make other ones; two statements, and none without orders."""
    people = dict.fromkeys(key for each in touched if each.change is Change.ORDER for key in each.customer_ids)
    if not people:
        return []
    found = [str(key) for key in await concerned(Actor.worker("scores"), list(people))]
    return [outbox.due(JOB, *found[start : start + TAKEN]) for start in range(0, len(found), TAKEN)]
