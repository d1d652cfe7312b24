"""Orders of friends are followed by a job, right after them: none where nobody was ever referred."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from siyu.domain.kernel import outbox, touching
from siyu.domain.kernel.outbox import Due
from siyu.domain.kernel.touching import Change, Touched
from siyu.domain.referrals.known import anybody
from siyu.domain.referrals.tables import ReferralFriend

#: The job, by its name, and how many friends one of them takes.
JOB: Final = outbox.of_many("qualify_referrals")
TAKEN: Final = 500


@touching.follows
async def follow(touched: Sequence[Touched]) -> list[Due]:
    """The jobs for the friends among those who bought something; one statement, and none where nobody was ever referred."""
    people = list(dict.fromkeys(key for each in touched if each.change is Change.ORDER for key in each.customer_ids))
    if not people or not await anybody():
        return []
    friends = [str(row.customer_id) for row in await ReferralFriend.filter(customer_id__in=people).only("id", "customer_id")]
    return [outbox.due(JOB, *friends[start : start + TAKEN]) for start in range(0, len(friends), TAKEN)]
