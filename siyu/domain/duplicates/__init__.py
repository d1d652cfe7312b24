"""Duplicates: two customers who may be one person, found by a job, decided by people."""

from siyu.domain.duplicates.inputs import DuplicateDismiss, DuplicateSearchStart
from siyu.domain.duplicates.opened import SCOPES
from siyu.domain.duplicates.pairs import dismiss, suspect
from siyu.domain.duplicates.queries import count, forget_tokens, stale_tokens
from siyu.domain.duplicates.searching import run, search
from siyu.domain.duplicates.source import CANDIDATE

__all__ = [
    "CANDIDATE", "SCOPES", "DuplicateDismiss", "DuplicateSearchStart", "count", "dismiss", "forget_tokens", "run", "search",
    "stale_tokens", "suspect",
]  # fmt: skip
