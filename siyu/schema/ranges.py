"""Ranges in the SDL that several nouns take."""

from __future__ import annotations

from siyu.domain.kernel import inputs
from siyu.schema.taking import Input, takes


@takes
class IntRange(Input[inputs.IntRange]):
    """Between two whole numbers, both included; either may be left out."""
