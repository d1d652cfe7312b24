"""Whether anybody was ever referred, known in the process: where nobody was, an order costs no statement more."""

from __future__ import annotations

from typing import Final

from siyu.domain.kernel.believing import Belief
from siyu.domain.referrals.tables import ReferralFriend

#: Announced when somebody was referred.
BOUND: Final = "referral_bound"


async def anybody() -> bool:
    """Whether there is any friend: at most a second late, and no statement while nothing changes."""
    return await _ANYBODY.now()


async def _read() -> bool:
    return await ReferralFriend.exists()


_ANYBODY: Final = Belief(BOUND, _read, lasts=bool)
