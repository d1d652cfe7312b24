"""What is said to us of the model. `UNSET` is "left out": it stays as it is; null brings the default back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from annotated_doc import Doc

from siyu.domain.kernel import normal
from siyu.domain.kernel.inputs import UNSET, IntRange, Unset
from siyu.domain.scoring.rules import (
    BINS_DEFAULT,
    DEFAULT,
    NAME_MAX,
    OTHER,
    WINDOW_DAYS_DEFAULT,
    Group,
    Model,
    Span,
    default_groups,
)
from siyu.privacy.refusal import Code, Refusal, Refusals

BINS_LEAST: Final = 3
BINS_MOST: Final = 10
WINDOW_DAYS_MOST: Final = 3_650
GROUPS_MOST: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class RfmGroupGiven:
    name: Annotated[str, Doc(f"Its name, unique among the groups; not “{OTHER}”, which has the cells that no group takes.")]
    recency: Annotated[IntRange, Doc("Scores of recency that it takes; an end that is left out is the last score there is.")]
    frequency: Annotated[IntRange, Doc("Scores of frequency that it takes.")]
    monetary: Annotated[IntRange, Doc("Scores of money spent that it takes.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class RfmModelUpdate:
    window_days: Annotated[
        int | Unset | None,
        Doc(f"Orders of so many days before today count, 1 to {WINDOW_DAYS_MOST:,}; null: {WINDOW_DAYS_DEFAULT}."),
    ] = UNSET
    bins: Annotated[
        int | Unset | None,
        Doc(
            f"Scores go from 1 to this, {BINS_LEAST} to {BINS_MOST}; null: {BINS_DEFAULT}. "
            "With groups of your own, give them together with it."
        ),
    ] = UNSET
    groups: Annotated[
        list[RfmGroupGiven] | Unset | None,
        Doc(f"All groups, in the order in which they are tried, at most {GROUPS_MOST}; null: the default ones."),
    ] = UNSET


def changed(model: Model, wish: RfmModelUpdate) -> Model:
    """The model as it is wished for, its version the same. All that does not fit is refused at once, each at its path."""
    refusals: list[Refusal] = []
    window_days = _number(wish.window_days, model.window_days, DEFAULT.window_days, 1, WINDOW_DAYS_MOST, "window_days", refusals)
    bins = _number(wish.bins, model.bins, DEFAULT.bins, BINS_LEAST, BINS_MOST, "bins", refusals)
    groups = model.groups
    if wish.groups is None:
        groups = default_groups(bins)
    elif not isinstance(wish.groups, Unset):
        groups = _groups(wish.groups, bins, refusals)
    elif bins != model.bins:
        if groups != default_groups(model.bins):
            message = f"Your groups are of scores from 1 to {model.bins}: give them anew, or null for the default ones."
            refusals.append(Refusal(message, path=("input", "groups"), code=Code.CONFLICT))
        groups = default_groups(bins)
    if refusals:
        raise Refusals(refusals)
    return Model(window_days, bins, groups, model.version)


def _number(
    given: int | Unset | None, now: int, default: int, least: int, most: int, name: str, refusals: list[Refusal]
) -> int:  # fmt: skip
    if isinstance(given, Unset):
        return now
    if given is None:
        return default
    if not least <= given <= most:
        refusals.append(Refusal(f"This is from {least} to {most:,}.", path=("input", name)))
        return now
    return given


def _groups(given: Sequence[RfmGroupGiven], bins: int, refusals: list[Refusal]) -> tuple[Group, ...]:
    path = ("input", "groups")
    if not given:
        refusals.append(Refusal("Give at least one group, or null for the default ones.", path=path, code=Code.BLANK))
    if len(given) > GROUPS_MOST:
        refusals.append(Refusal(f"There are at most {GROUPS_MOST} groups.", path=path, code=Code.LIMIT_EXCEEDED))
        return ()
    known: set[str] = set()
    groups = []
    for number, each in enumerate(given):
        at = (*path, str(number))
        name = _name(each.name, known, (*at, "name"), refusals)
        spans = [_span(getattr(each, axis), bins, (*at, axis), refusals) for axis in ("recency", "frequency", "monetary")]
        groups.append(Group(name, *spans))
    return tuple(groups)


def _name(given: str, known: set[str], path: Sequence[str], refusals: list[Refusal]) -> str:
    name = normal.line(given)
    if not name:
        refusals.append(Refusal("A group has a name.", path=path, code=Code.BLANK))
    elif len(name) > NAME_MAX:
        refusals.append(Refusal(f"A group's name has at most {NAME_MAX} characters.", path=path, code=Code.TOO_LONG))
    elif name.casefold() == OTHER.casefold():
        refusals.append(Refusal(f"“{OTHER}” has the cells that no group takes.", path=path, code=Code.TAKEN))
    elif name.casefold() in known:
        refusals.append(Refusal("Another group has this name.", path=path, code=Code.TAKEN))
    known.add(name.casefold())
    return name


def _span(given: IntRange, bins: int, path: Sequence[str], refusals: list[Refusal]) -> Span:
    span = Span(1 if given.min is None else given.min, bins if given.max is None else given.max)
    for end, score in (("min", span.min), ("max", span.max)):
        if not 1 <= score <= bins:
            refusals.append(Refusal(f"Scores go from 1 to {bins}.", path=(*path, end)))
    if span.min > span.max:
        refusals.append(Refusal("The least is more than the most.", path=path))
    return span
