"""The policy: how stage and activity follow from orders, events and the calendar. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from annotated_doc import Doc

from siyu.domain.kernel.inputs import UNSET, Unset
from siyu.privacy.refusal import Refusal, Refusals

DAYS_MOST: Final = 3_650
LOYAL_LEAST: Final = 2
LOYAL_MOST: Final = 1_000


@dataclass(frozen=True, slots=True)
class Policy:
    """Days are those of the calendar in the organisation's time zone, back from today."""

    #: A first order is new up to so many days after it.
    new_within_days: int
    #: From so many orders on somebody is loyal.
    loyal_orders: int
    #: Somebody is silent once nothing happened for so many days, and churned after so many.
    silent_after_days: int
    churned_after_days: int
    version: int = 0


DEFAULT: Final = Policy(new_within_days=30, loyal_orders=3, silent_after_days=90, churned_after_days=180)


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecyclePolicyUpdate:
    """What is left out stays; null brings the default back."""

    new_within_days: Annotated[
        int | Unset | None,
        Doc(
            f"Whoever ordered once is new up to so many days after it, 1 to {DAYS_MOST:,}, and returning from then on; "
            f"null: {DEFAULT.new_within_days}."
        ),
    ] = UNSET
    loyal_orders: Annotated[
        int | Unset | None,
        Doc(f"Whoever has so many orders is loyal, {LOYAL_LEAST} to {LOYAL_MOST:,}; null: {DEFAULT.loyal_orders}."),
    ] = UNSET
    silent_after_days: Annotated[
        int | Unset | None,
        Doc(
            f"Silent once the last order or event is so many days ago, 1 to {DAYS_MOST:,}, less than `churnedAfterDays`; "
            f"null: {DEFAULT.silent_after_days}."
        ),
    ] = UNSET
    churned_after_days: Annotated[
        int | Unset | None,
        Doc(f"Churned once it is so many days ago, up to {DAYS_MOST:,}; null: {DEFAULT.churned_after_days}."),
    ] = UNSET


_BOUNDS: Final = {
    "new_within_days": (1, DAYS_MOST),
    "loyal_orders": (LOYAL_LEAST, LOYAL_MOST),
    "silent_after_days": (1, DAYS_MOST),
    "churned_after_days": (1, DAYS_MOST),
}


def changed(policy: Policy, wish: LifecyclePolicyUpdate) -> Policy:
    """The policy as it is wished for, its version the same. All that does not fit is refused at once, each at its path."""
    refusals: list[Refusal] = []
    values: dict[str, int] = {}
    for name, (least, most) in _BOUNDS.items():
        given: int | Unset | None = getattr(wish, name)
        values[name] = getattr(policy if isinstance(given, Unset) else DEFAULT, name) if given is None or given is UNSET else int(given)
        if not least <= values[name] <= most:
            refusals.append(Refusal(f"This is from {least} to {most:,}.", path=("input", name)))
    if not refusals and values["silent_after_days"] >= values["churned_after_days"]:
        name = "silent_after_days" if wish.churned_after_days is UNSET else "churned_after_days"
        refusals.append(Refusal("Customers are silent before they are churned: `silentAfterDays` is the lesser.", path=("input", name)))
    if refusals:
        raise Refusals(refusals)
    return Policy(**values, version=policy.version)
