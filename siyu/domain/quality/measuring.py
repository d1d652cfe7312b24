"""Measuring: how complete, how right and how fresh what is known of customers is. Numbers only."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from siyu.domain import customers, duplicates, imports
from siyu.domain.customers import CUSTOMER, Known
from siyu.domain.kernel import boot, clock, database
from siyu.domain.kernel.operation import operation
from siyu.domain.quality.rules import Rule
from siyu.domain.quality.tables import QualityFinding
from siyu.privacy.actor import Actor, Scope

#: What imports could not take is counted for so long.
REJECTED_DAYS: Final = 90
#: Sources of fewer people are counted together: a number of one person would tell of that person.
FEW: Final = 10
#: Sources that are told of one by one, the largest.
SOURCES_MAX: Final = 100

_INVALID: Final = {Rule.INVALID_PHONE: "phone", Rule.INVALID_EMAIL: "email"}


@dataclass(frozen=True, slots=True)
class Group:
    """The customers of one source, or of all. `source` is null for those without one; `others` are sources of few people, together."""

    source: str | None
    others: bool
    customers: int
    filled: Mapping[str, int]
    #: By field, what is stored and no such value by today's rules.
    invalid: Mapping[str, int]
    #: By field, cells that imports could not take.
    rejected: Mapping[str, int]
    stale: int


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured, all customers first and then by source, the largest first."""

    total: Group
    by_source: Sequence[Group]
    duplicates: int
    stale_days: int
    measured_at: datetime
    took_ms: int


@operation(Scope.DATA_QUALITY_READ)
async def measure(actor: Actor) -> Measured:
    """Count anew: four statements, of which one goes over all customers once. Nothing is opened."""
    started, now, days = time.monotonic(), clock.now(), boot.current().settings.stale_days
    known = await customers.known(actor, stale_before=now - timedelta(days=days))
    invalid = await _invalid()
    rejected = await imports.bad_cells(actor, since=now - timedelta(days=REJECTED_DAYS))
    groups = [_group(each, invalid.get(each.source, {}), rejected) for each in known]
    found = await duplicates.count(actor)
    total = _joined(groups, others=False)
    # Rejected cells of sources that nobody has come from are in the sum as well.
    total = _with(total, {name: sum(by_source.values()) for name, by_source in rejected.items()})
    return Measured(total, _told(groups), found, days, now, round((time.monotonic() - started) * 1000))


async def _invalid() -> dict[str | None, dict[str, int]]:
    """Customers whose stored phone or email is none, by source and field."""
    codes = ", ".join(f"'{rule}'" for rule in _INVALID)
    rows = await database.rows(
        f"select c.source, f.rule, count(*) from {QualityFinding._meta.db_table} f join {CUSTOMER.table} c on c.id = f.customer_id"  # noqa: S608  # ours
        f" where f.rule in ({codes}) and c.merged_into_id is null group by c.source, f.rule"
    )
    found: dict[str | None, dict[str, int]] = defaultdict(dict)
    for row in rows:
        found[row[0]][_INVALID[Rule(row[1])]] = int(row[2])
    return found


def _group(known: Known, invalid: Mapping[str, int], rejected: Mapping[str, Mapping[str, int]]) -> Group:
    bad = {name: count for name, by_source in rejected.items() if (count := by_source.get(known.source or "", 0))}
    return Group(known.source, False, known.customers, known.filled, invalid, bad, known.stale)


def _with(group: Group, rejected: Mapping[str, int]) -> Group:
    return Group(group.source, group.others, group.customers, group.filled, group.invalid, rejected, group.stale)


def _joined(groups: Sequence[Group], *, others: bool) -> Group:
    """Several groups as one."""
    return Group(
        None,
        others,
        sum(each.customers for each in groups),
        {name: sum(each.filled[name] for each in groups) for name in customers.COUNTED},
        _summed([each.invalid for each in groups]),
        _summed([each.rejected for each in groups]),
        sum(each.stale for each in groups),
    )


def _summed(counts: Sequence[Mapping[str, int]]) -> dict[str, int]:
    names = sorted({name for each in counts for name in each})
    return {name: sum(each.get(name, 0) for each in counts) for name in names}


def _told(groups: Sequence[Group]) -> list[Group]:
    """The large sources one by one, and the others together, so that these are never few either."""
    told = [each for each in groups[:SOURCES_MAX] if each.customers >= FEW]
    rest = groups[len(told) :]
    while rest and told and sum(each.customers for each in rest) < FEW:
        rest, told = [told[-1], *rest], told[:-1]
    return [*told, *([_joined(rest, others=True)] if rest else [])]
