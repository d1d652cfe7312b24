"""The kinds of conditions, a module each: what a condition comes to, and which value decides it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from siyu.domain.rules.forms import Draft, Form
from siyu.domain.rules.inputs import Rule
from siyu.domain.rules.kinds import anniversary, attribute, consent, event, lifecycle, order, points, profile, rfm, segment, tag
from siyu.domain.rules.kinds.shown import Shown

T = TypeVar("T")
_Kind = tuple[Callable[[Draft], Form], Callable[[Draft], Shown]]


def form(condition: Rule, draft: Draft) -> Form:
    """What a condition comes to; a node that is a branch is an error of ours."""
    return _kind(condition)[0](draft)


def shown(condition: Rule, draft: Draft) -> Shown:
    """The value that decides a condition."""
    return _kind(condition)[1](draft)


def _kind(node: Rule) -> _Kind:
    if node.profile is not None:
        return _of(node.profile, profile.form, profile.shown)
    if node.attribute is not None:
        return _of(node.attribute, attribute.form, attribute.shown)
    if node.tag is not None:
        return _of(node.tag, tag.form, tag.shown)
    if node.segment is not None:
        return _of(node.segment, segment.form, segment.shown)
    if node.lifecycle is not None:
        return _of(node.lifecycle, lifecycle.form, lifecycle.shown)
    if node.rfm is not None:
        return _of(node.rfm, rfm.form, rfm.shown)
    if node.event is not None:
        return _of(node.event, event.form, event.shown)
    if node.order is not None:
        return _of(node.order, order.form, order.shown)
    if node.points is not None:
        return _of(node.points, points.form, points.shown)
    if node.consent is not None:
        return _of(node.consent, consent.form, consent.shown)
    assert node.anniversary is not None, "a branch is no condition"
    return _of(node.anniversary, anniversary.form, anniversary.shown)


def _of(condition: T, form: Callable[[T, Draft], Form], shown: Callable[[T, Draft], Shown]) -> _Kind:
    return partial(form, condition), partial(shown, condition)
