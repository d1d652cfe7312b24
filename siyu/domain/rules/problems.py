"""What there is to say against a rule."""

from __future__ import annotations

from dataclasses import dataclass

from siyu.domain.rules.tree import Path
from siyu.privacy.refusal import Code


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a rule, or, as a warning, what is odd about it."""

    #: In a sentence for people, without anything that may be personal.
    message: str
    #: Where in the tree, by the SDL's names: `("all", "1", "order", "values")`; empty for the whole, and where a text can't be read.
    path: Path = ()
    #: Where in the text, from 1; None for a tree.
    line: int | None = None
    column: int | None = None
    #: Whether the rule can be used all the same.
    warning: bool = False
    #: What kind of fault it is.
    code: Code = Code.INVALID
