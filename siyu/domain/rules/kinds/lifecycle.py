"""Conditions on the stage and on how active somebody is."""

from __future__ import annotations

from siyu.domain.kernel.dialect import Kind
from siyu.domain.rules.forms import Draft, Form, Own
from siyu.domain.rules.inputs import LifecycleCondition
from siyu.domain.rules.kinds.shown import Shown


def form(condition: LifecycleCondition, draft: Draft) -> Form:
    """Both columns of the customer's own row, those that are asked."""
    holds = [
        draft.among(column, [each.value for each in states], Kind.TEXT)
        for column, states in (("t.lifecycle_stage", condition.stages), ("t.activity", condition.activity))
        if states
    ]
    return Own(" and ".join(holds) or "true")


def shown(condition: LifecycleCondition, draft: Draft) -> Shown:
    """`{stage, activity}`, those that are asked."""
    names = [name for name, states in (("stage", condition.stages), ("activity", condition.activity)) if states]
    columns = {"stage": "t.lifecycle_stage", "activity": "t.activity"}
    return Shown(tuple(columns[name] for name in names), lambda values: dict(zip(names, values, strict=True)))
