"""Stages of customers, and how active they are."""

from siyu.domain.lifecycle import following as following
from siyu.domain.lifecycle.commands import JOB, Standing, Updated, apply, due, refresh, settle, standing, update
from siyu.domain.lifecycle.rules import LifecyclePolicyUpdate, Policy
from siyu.domain.lifecycle.source import LIFECYCLE_CHANGE
from siyu.domain.lifecycle.tables import Axis

__all__ = [
    "JOB", "LIFECYCLE_CHANGE", "Axis", "LifecyclePolicyUpdate", "Policy", "Standing", "Updated", "apply", "due", "refresh", "settle",
    "standing", "update",
]  # fmt: skip
