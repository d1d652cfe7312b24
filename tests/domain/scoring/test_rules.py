"""The model: which group a cell belongs to, what is odd about it, what is refused. Pure."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from siyu.domain.kernel.inputs import IntRange
from siyu.domain.scoring import RfmGroupGiven, RfmModelUpdate
from siyu.domain.scoring.inputs import changed
from siyu.domain.scoring.rules import DEFAULT, OTHER, Group, Model, Span, default_groups, warnings
from siyu.privacy.refusal import Refusal


def group(name: str, r: tuple[int | None, int | None] = (None, None), f: Any = (None, None), m: Any = (None, None)) -> RfmGroupGiven:
    low, middle, high = (IntRange(min=least, max=most) for least, most in (r, f, m))
    return RfmGroupGiven(name=name, recency=low, frequency=middle, monetary=high)


def refused(wish: RfmModelUpdate, model: Model = DEFAULT) -> dict[str, str]:
    with pytest.raises(Refusal) as caught:
        changed(model, wish)
    return {".".join(each.path[1:]): each.code.value for each in caught.value.each()}


@pytest.mark.parametrize("bins", range(3, 11))
def test_the_default_groups_take_every_cell_and_each_is_reached(bins: int) -> None:
    model = Model(365, bins, default_groups(bins))
    assert warnings(model) == []
    assert set(model.cells()) == set(itertools.product(range(1, bins + 1), repeat=3))
    best, worst = model.group_of((bins, bins, bins)), model.group_of((1, 1, 1))
    assert best == "Champions"
    assert worst == ("Lost" if bins > 4 else worst)
    assert len(model.groups) == 11 or bins in (3, 4, 6, 8)


def test_the_first_group_that_fits_is_taken_and_the_rest_is_other() -> None:
    whole = Span(1, 3)
    groups = (Group("A", Span(3, 3), whole, whole), Group("B", Span(2, 3), Span(3, 3), Span(3, 3)), Group("C", Span(3, 3), whole, whole))
    model = Model(365, 3, groups)
    assert [model.group_of(cell) for cell in ((3, 3, 3), (2, 3, 3), (2, 3, 2), (3, 2, 1))] == ["A", "B", OTHER, "A"]
    assert warnings(model) == [
        "No cell reaches the group “C”: earlier groups take all that it would.",
        "17 of 27 cells fit no group and are “Other”, the first of them (1, 1, 1).",
    ]


def test_what_is_left_out_stays_and_null_brings_the_default_back() -> None:
    own = changed(DEFAULT, RfmModelUpdate(window_days=30, bins=3, groups=[group(" Ａll  of them ")]))
    assert (own.window_days, own.bins) == (30, 3)
    assert own.groups == (Group("All of them", Span(1, 3), Span(1, 3), Span(1, 3)),)
    assert changed(own, RfmModelUpdate()) == own
    assert changed(own, RfmModelUpdate(window_days=None)) == Model(365, 3, own.groups)
    assert changed(own, RfmModelUpdate(window_days=None, bins=None, groups=None)) == DEFAULT
    assert changed(DEFAULT, RfmModelUpdate(bins=7)).groups == default_groups(7)


def test_each_fault_is_refused_at_its_path() -> None:
    assert refused(RfmModelUpdate(window_days=0, bins=11)) == {"window_days": "INVALID", "bins": "INVALID"}
    assert refused(RfmModelUpdate(groups=[])) == {"groups": "BLANK"}
    assert refused(RfmModelUpdate(groups=[group(str(n)) for n in range(51)])) == {"groups": "LIMIT_EXCEEDED"}
    groups = [
        group("A"), group("a"), group(" "), group("x" * 81), group("other"), group("F", (0, 2)), group("G", (1, 2), (3, 2), (1, 6)),
    ]  # fmt: skip
    assert refused(RfmModelUpdate(groups=groups)) == {
        "groups.1.name": "TAKEN",
        "groups.2.name": "BLANK",
        "groups.3.name": "TOO_LONG",
        "groups.4.name": "TAKEN",
        "groups.5.recency.min": "INVALID",
        "groups.6.frequency": "INVALID",
        "groups.6.monetary.max": "INVALID",
    }
    own = Model(365, 5, (Group("A", Span(1, 5), Span(1, 5), Span(1, 5)),))
    assert refused(RfmModelUpdate(bins=3), own) == {"groups": "CONFLICT"}
