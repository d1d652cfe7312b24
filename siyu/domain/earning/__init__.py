"""Earning: what customers get points for, by rules with versions; orders, events, check-ins, birthdays, sign-ups, referrals."""

from siyu.domain.earning import following as following
from siyu.domain.earning.buying import buy, revoke
from siyu.domain.earning.checking_in import CheckedIn, check_in
from siyu.domain.earning.commands import begun, save
from siyu.domain.earning.giving import give
from siyu.domain.earning.happening import act, celebrate, sign_up, survey_completed
from siyu.domain.earning.inputs import CheckInGiven, EarningRuleSave, Occasion
from siyu.domain.earning.source import EARNING_RULE
from siyu.domain.earning.tables import EarningTrigger, ReferralSide

__all__ = [
    "EARNING_RULE", "CheckInGiven", "CheckedIn", "EarningRuleSave", "EarningTrigger", "Occasion", "ReferralSide", "act", "begun", "buy",
    "celebrate", "check_in", "give", "revoke", "save", "sign_up", "survey_completed",
]  # fmt: skip
