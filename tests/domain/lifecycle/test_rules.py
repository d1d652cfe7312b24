"""What may be said of the policy. Pure."""

from __future__ import annotations

import pytest

from siyu.domain.lifecycle import LifecyclePolicyUpdate, Policy
from siyu.domain.lifecycle.rules import DEFAULT, changed
from siyu.privacy.refusal import Refusal


def refused(wish: LifecyclePolicyUpdate) -> list[str]:
    with pytest.raises(Refusal) as caught:
        changed(DEFAULT, wish)
    return [".".join(each.path) for each in caught.value.each()]


def test_what_is_left_out_stays_and_null_brings_the_default_back() -> None:
    own = changed(DEFAULT, LifecyclePolicyUpdate(new_within_days=7, loyal_orders=5, churned_after_days=400))
    assert own == Policy(7, 5, 90, 400)
    assert changed(own, LifecyclePolicyUpdate()) == own
    assert changed(own, LifecyclePolicyUpdate(loyal_orders=None, churned_after_days=None)) == Policy(7, 3, 90, 180)


def test_each_fault_is_refused_at_its_path() -> None:
    assert refused(LifecyclePolicyUpdate(new_within_days=0, loyal_orders=1, silent_after_days=4_000)) == [
        "input.new_within_days", "input.loyal_orders", "input.silent_after_days",
    ]  # fmt: skip
    assert refused(LifecyclePolicyUpdate(silent_after_days=180)) == ["input.silent_after_days"]
    assert refused(LifecyclePolicyUpdate(churned_after_days=90)) == ["input.churned_after_days"]
