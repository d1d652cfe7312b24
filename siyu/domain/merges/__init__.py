"""Merges: two customers who turned out to be one person, made one, and parted again where that was wrong."""

from siyu.domain.merges.commands import merge, unmerge
from siyu.domain.merges.inputs import CustomerMerge, CustomerUnmerge, FieldFrom, Outcome
from siyu.domain.merges.naming import join
from siyu.domain.merges.source import MERGE

__all__ = ["MERGE", "CustomerMerge", "CustomerUnmerge", "FieldFrom", "Outcome", "join", "merge", "unmerge"]
