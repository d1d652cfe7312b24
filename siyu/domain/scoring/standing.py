"""The model as it stands, and what is known of it: for the edge, and for nouns that speak of scores."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from siyu.domain.kernel import clock, database, days
from siyu.domain.kernel.dialect import Statement
from siyu.domain.kernel.operation import operation
from siyu.domain.scoring import rules
from siyu.domain.scoring.rules import DEFAULT, Cell, Group, Model
from siyu.domain.scoring.tables import RfmModel
from siyu.privacy.actor import Actor, ActorKind, Scope
from siyu.privacy.reach import reach
from siyu.privacy.small import LEAST, shown

#: The table's only row.
ONLY: Final = 1


@dataclass(frozen=True, slots=True)
class Standing:
    """The model with what it has come to: people by cell (those that are empty left out) and by group, `OTHER` not among them."""

    model: Model
    cells: Sequence[tuple[Cell, int]]
    groups: Sequence[tuple[Group, int]]
    scored_at: datetime | None
    warnings: Sequence[str]


def model_of(row: RfmModel | None) -> Model:
    """The model in the table's row; the default where there is none."""
    return DEFAULT if row is None else Model(row.window_days, row.bins, rules.groups_of(row.groups), row.version)


@operation()
async def model(actor: Actor) -> Model:
    """By what customers are scored: for checking rules that speak of scores. One statement."""
    return model_of(await RfmModel.get_or_none(id=ONLY))


@operation(Scope.ORDERS_READ)
async def standing(actor: Actor) -> Standing:
    """The model, and how many people of the actor's purpose have which scores; to an access token groups under ten are none."""
    row = await RfmModel.get_or_none(id=ONLY)
    now = model_of(row)
    warnings = rules.warnings(now)
    if row is not None and row.scored_at is not None and row.scored_version != row.version:
        warnings.append("The model was changed: scores are those of the former one until its job has ended.")
    counts = await _counts(actor)
    cells: Counter[Cell] = Counter()
    for (cell, _), count in counts.items():
        cells[cell] += count
    return Standing(
        now,
        [(cell, count) for cell in sorted(cells) if (count := shown(actor, cells[cell]))],
        [(group, _of_group(actor, counts, group.name)) for group in now.groups],
        row.scored_at if row else None,
        warnings,
    )


@operation()
async def due(actor: Actor) -> bool:
    """Whether everybody is to be scored (again): never done, the model was changed, another day has begun, or nobody had bought
    when it was done, so that there are no ranks to score the first buyers by. One statement."""
    row = await RfmModel.get_or_none(id=ONLY)
    return row is None or row.scored_at is None or row.scored_version != row.version or row.scored_at < _midnight() or not row.cuts


def _midnight() -> datetime:
    return days.ago(0, at=clock.now(), zone=days.here())


async def _counts(actor: Actor) -> dict[tuple[Cell, str], int]:
    """People by cell and group, as far as the actor's purpose reaches."""
    statement = Statement(database.dialect())
    reached = (await reach(actor.purpose)).condition("t.customer_id", statement.bind) or "1=1"
    found = await database.rows(
        "select t.recency, t.frequency, t.monetary, t.group_name, count(*) from rfm_scores t"  # noqa: S608  # bound values only
        f" where {reached} group by t.recency, t.frequency, t.monetary, t.group_name",
        statement.args,
    )
    return {((int(row[0]), int(row[1]), int(row[2])), str(row[3])): int(row[4]) for row in found}


def _of_group(actor: Actor, counts: dict[tuple[Cell, str], int], name: str) -> int:
    """How many people a group has, such that nobody learns by subtraction how many a small cell of it has."""
    parts = [count for (_, group), count in counts.items() if group == name]
    total = shown(actor, sum(parts))
    told = sum(shown(actor, count) for count in parts)
    return told if actor.kind is ActorKind.TOKEN and total - told < LEAST else total
