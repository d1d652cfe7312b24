"""Rules: who belongs, said as a tree or as text, checked, explained and applied."""

from siyu.domain.rules.holders import HOLDERS, Evaluation, Held, Holder, holds
from siyu.domain.rules.keeping import Keeping, Kept, keep
from siyu.domain.rules.tables import HolderKind

__all__ = ["HOLDERS", "Evaluation", "Held", "Holder", "HolderKind", "Keeping", "Kept", "holds", "keep"]
