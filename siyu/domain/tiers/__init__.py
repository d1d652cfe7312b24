"""Tiers of membership: who is at which, by what they earned or spent.

Other nouns ask `held` and `multipliers`; `operation.touch(Change.TIER, …)` says who went from one to another, and `changes` is the feed
of that. At which tier somebody is stands in `points_accounts.tier_id`.
"""

from siyu.domain.tiers import following as following
from siyu.domain.tiers.commands import MOVED, apply, due, lapse, refresh, settle
from siyu.domain.tiers.inputs import TierSave
from siyu.domain.tiers.memory import known
from siyu.domain.tiers.queries import Moved, ahead, changes, counts, held, multipliers
from siyu.domain.tiers.rules import Progress, Rung
from siyu.domain.tiers.saving import save
from siyu.domain.tiers.source import TIER, TIER_CHANGE
from siyu.domain.tiers.tables import TierQualification

__all__ = [
    "MOVED", "TIER", "TIER_CHANGE", "Moved", "Progress", "Rung", "TierQualification", "TierSave", "ahead", "apply", "changes", "counts",
    "due", "held", "known", "lapse", "multipliers", "refresh", "save", "settle",
]  # fmt: skip
