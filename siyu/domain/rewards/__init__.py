"""Rewards: what customers get for their points."""

from siyu.domain.rewards.inputs import RewardFilter, RewardRedeem, RewardSave
from siyu.domain.rewards.redeeming import Redeemed, redeem
from siyu.domain.rewards.saving import save
from siyu.domain.rewards.source import REWARD, wanted
from siyu.domain.rewards.tables import RewardKind

__all__ = ["REWARD", "Redeemed", "RewardFilter", "RewardKind", "RewardRedeem", "RewardSave", "redeem", "save", "wanted"]
