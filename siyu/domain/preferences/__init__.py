"""Preferences: what customers like best, with the count behind each."""

from siyu.domain.preferences.commands import SCOPES, compute, refresh
from siyu.domain.preferences.source import PREFERENCES

__all__ = ["PREFERENCES", "SCOPES", "compute", "refresh"]
