"""Conditions on anniversaries: by the days on which they fall from today on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, cast

from siyu.domain import customers
from siyu.domain.kernel.dialect import Kind, decoder
from siyu.domain.rules.calendar import anniversaries, near
from siyu.domain.rules.forms import Draft, Form, Own
from siyu.domain.rules.inputs import AnniversaryCondition, AnniversaryOf
from siyu.domain.rules.kinds.shown import Shown

#: Days within which the birthdays of a fraction of the customers lie.
_FEW: Final = 60
_MOMENTS: Final = {AnniversaryOf.FIRST_ORDER: "t.first_ordered_at", AnniversaryOf.JOINED: "t.created_at"}


def form(condition: AnniversaryCondition, draft: Draft) -> Form:
    """The blind index of birthdays is one of the near days'; or a moment lies on one of the near days of an earlier year."""
    if condition.of is AnniversaryOf.BIRTHDAY:
        days = dict.fromkeys((month, day) for _, month, day in near(draft.at, condition.within_days))
        return Own(draft.among("t.birthday_index", customers.birthday_tokens(list(days)), Kind.BYTES), narrow=condition.within_days < _FEW)
    column = _MOMENTS[condition.of]
    # The latest span that has begun decides: most people came in the last years, so few are looked at for each.
    cases = " ".join(
        f"when {column} >= {draft.bind(first, Kind.DATETIME)} then {column} < {draft.bind(bound, Kind.DATETIME)}"
        for first, bound in anniversaries(draft.at, condition.within_days)
    )
    return Own(f"case {cases} else false end", narrow=condition.within_days < _FEW)


def shown(condition: AnniversaryCondition, draft: Draft) -> Shown:
    """The day of which it is the anniversary, `2024-02-29`; of a birthday month and day only, `02-29`."""
    if condition.of is AnniversaryOf.BIRTHDAY:
        return Shown(("t.birthday_index",), _birthday)
    change = decoder(draft.statement.dialect, Kind.DATETIME) or (lambda value: value)

    def told(values: Sequence[object]) -> object:
        return None if values[0] is None else draft.at.day_of(cast(datetime, change(values[0]))).isoformat()

    return Shown((_MOMENTS[condition.of],), told)


def _birthday(values: Sequence[object]) -> object:
    if values[0] is None:
        return None
    held = bytes(cast(bytes, values[0]))
    days = customers.DAYS_OF_A_YEAR
    tokens = customers.birthday_tokens(days)
    month, day = days[tokens.index(held)]
    return f"{month:02}-{day:02}"
