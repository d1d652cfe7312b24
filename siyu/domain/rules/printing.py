"""A rule as text. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from uuid import UUID

from siyu.domain.kernel.touching import Change
from siyu.domain.rules.inputs import Rule

NO_CODES: Final[Mapping[UUID, str]] = MappingProxyType({})


def condition_text(rule: Rule, codes: Mapping[UUID, str] = NO_CODES) -> str:
    """One node on one line: a condition as the text spells it; of a branch "all of these", "at least one of these" or "not this".

    Segments are spelled by the codes that are given (`codes(actor, rule)`), others by their ids.
    """
    return str(rule)


def renamed(
    tree: Mapping[str, object], change: Change, old: str, new: str, codes: Mapping[UUID, str] = NO_CODES
) -> tuple[dict[str, object], str]:
    """A stored tree, and the text of it, with a tag renamed. The text spells segments by the codes that are given (`codes(actor, rule)`),
    others by their ids."""
    return dict(tree), ""
