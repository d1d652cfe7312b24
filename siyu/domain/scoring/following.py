"""Scores follow the orders of those who buy, by the ranks of the last time that everybody was scored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from siyu.domain.kernel import outbox, touching
from siyu.domain.kernel.outbox import Due
from siyu.domain.kernel.touching import Change, Touched

#: The job that settles just some customers who bought, by its name, and how many of them one job takes. Nearly every order makes other
#: scores, so that there is a job anyway: it settles stage and activity as well, and the write itself asks nothing.
JOB: Final = outbox.of_many("settle_buyers")
TAKEN: Final = 500


@touching.follows
async def follow(touched: Sequence[Touched]) -> list[Due]:
    """The jobs that settle those whose orders were written; no statement."""
    people = list(dict.fromkeys(str(key) for each in touched if each.change is Change.ORDER for key in each.customer_ids))
    return [outbox.due(JOB, *people[start : start + TAKEN]) for start in range(0, len(people), TAKEN)]
