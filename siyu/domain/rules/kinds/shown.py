"""The value that decides a condition, for showing it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from siyu.domain.kernel.dialect import Kind, decoder
from siyu.domain.rules.forms import Draft


@dataclass(frozen=True, slots=True)
class Shown:
    """What to ask of the customer `t`, and what to tell of the driver's answers: a value that JSON can hold, None for what is unknown."""

    sql: tuple[str, ...]
    told: Callable[[Sequence[object]], object]


def column(sql: str, kind: Kind, draft: Draft) -> Shown:
    """One value of a kind; moments are told as ISO 8601 in the organisation's time zone."""
    change = decoder(draft.statement.dialect, kind)

    def told(values: Sequence[object]) -> object:
        value = values[0] if values[0] is None or change is None else change(values[0])
        return value.astimezone(draft.at.zone).isoformat() if isinstance(value, datetime) else value

    return Shown((sql,), told)


def names(sql: str, draft: Draft) -> Shown:
    """A few texts out of a subquery `select text as name from …`, in their order."""
    if draft.postgres:
        return Shown((f"array(select n.name from ({sql}) n order by n.name)",), lambda values: list(cast("list[str]", values[0])))  # noqa: S608  # bound values only
    as_json = decoder("sqlite", Kind.JSON)
    assert as_json is not None, "JSON is text on SQLite"
    listed = f"(select json_group_array(n.name) from (select n.name from ({sql}) n order by n.name) n)"  # noqa: S608  # as above
    return Shown((listed,), lambda values: as_json(values[0]))
