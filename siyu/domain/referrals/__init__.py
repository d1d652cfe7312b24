"""Referrals: who brought whom, and what both get for it."""

from siyu.domain.referrals import following as following
from siyu.domain.referrals.binding import bind, program, program_update, referred
from siyu.domain.referrals.codes import fill
from siyu.domain.referrals.inputs import ReferralBind, ReferralProgramUpdate
from siyu.domain.referrals.qualifying import qualify, refresh, tend
from siyu.domain.referrals.rules import Program
from siyu.domain.referrals.source import REFERRAL
from siyu.domain.referrals.tables import ReferralState

__all__ = [
    "REFERRAL", "Program", "ReferralBind", "ReferralProgramUpdate", "ReferralState", "bind", "fill", "program", "program_update",
    "qualify", "referred", "refresh", "tend",
]  # fmt: skip
