"""Conditions on scores of recency, frequency and money."""

from __future__ import annotations

from typing import Final

from siyu.domain.kernel.dialect import Kind
from siyu.domain.rules.comparing import within
from siyu.domain.rules.forms import Draft, Form, Some
from siyu.domain.rules.inputs import RfmCondition
from siyu.domain.rules.kinds.shown import Shown

_SHOWN: Final = {"group": "group_name", "recency": "recency", "frequency": "frequency", "monetary": "monetary"}


def form(condition: RfmCondition, draft: Draft) -> Form:
    """The scores as they were last worked out; who has none is in no group."""
    holds = [draft.among("x.group_name", condition.groups, Kind.TEXT)] if condition.groups else []
    for name in ("recency", "frequency", "monetary"):
        span = getattr(condition, name)
        if span is not None:
            holds.append(within(f"x.{name}", span, lambda number: draft.bind(number, Kind.INT)))
    return Some("rfm_scores", " and ".join(holds) or "true")


def shown(condition: RfmCondition, draft: Draft) -> Shown:
    """`{group, recency, frequency, monetary}`; None without scores."""
    asked = tuple(f"(select x.{column} from rfm_scores x where x.customer_id = t.id)" for column in _SHOWN.values())  # noqa: S608  # our own names
    return Shown(asked, lambda values: None if values[0] is None else dict(zip(_SHOWN, values, strict=True)))
