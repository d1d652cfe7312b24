"""Points: what customers earn and spend, as a ledger that is only added to.

Other nouns post with `credit`, `debit`, `claw_back` and `give_back`; `operation.touch(Change.POINTS, …)` says whose points have changed.
What may be read by SQL: `points_accounts` (balance, pending, lifetime_earned; no row: zeros), `points_lots` (`open`, `activated`,
`remaining`, `expires_at`) and `points_entries` (`kind`, `points`, `change`, `created_at`).
"""

from siyu.domain.points.commands import adjust, award, redeem, reverse, transfer
from siyu.domain.points.due import settle
from siyu.domain.points.expiring import expiring
from siyu.domain.points.inputs import (
    PointsAdjust,
    PointsAward,
    PointsProgramUpdate,
    PointsRedeem,
    PointsReverse,
    PointsTransfer,
    Posted,
    Posting,
)
from siyu.domain.points.liability import Liability, Month, liability, months
from siyu.domain.points.posting import claw_back, credit, debit, give_back
from siyu.domain.points.program import Program, program, read_program, update_program
from siyu.domain.points.source import POINTS_ACCOUNT, POINTS_ENTRY
from siyu.domain.points.tables import NegativeBalancePolicy, PointsEntryKind
from siyu.domain.points.tiering import TierGiven, hold_accounts, tiered, tiers_of
from siyu.domain.points.uniting import refresh
from siyu.domain.points.verifying import Fault, Verified, verify

__all__ = [
    "POINTS_ACCOUNT", "POINTS_ENTRY", "Fault", "Liability", "Month", "NegativeBalancePolicy", "PointsAdjust", "PointsAward",
    "PointsEntryKind", "PointsProgramUpdate", "PointsRedeem", "PointsReverse", "PointsTransfer", "Posted", "Posting", "Program",
    "TierGiven", "Verified", "adjust", "award", "claw_back", "credit", "debit", "expiring", "give_back", "hold_accounts", "liability",
    "months", "program", "read_program", "redeem", "refresh", "reverse", "settle", "tiered", "tiers_of", "transfer", "update_program",
    "verify",
]  # fmt: skip
