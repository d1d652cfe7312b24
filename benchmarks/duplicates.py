"""How many of the people who are there twice are found, and how many of the pairs that are shown are one person: on the FEBRL sets."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Final
from uuid import UUID

from rich.console import Console
from rich.table import Table

from benchmarks import febrl
from benchmarks.febrl import Febrl
from siyu.domain import customers, duplicates
from siyu.domain.customers import PersonGiven
from siyu.domain.duplicates import blocking, keys, rules
from siyu.domain.duplicates.person import person
from siyu.domain.duplicates.tables import DuplicateCandidate, DuplicateSearch
from siyu.domain.kernel import boot, ids, migrating
from siyu.domain.kernel.settings import Settings
from siyu.privacy.actor import Actor, Purpose, Scope

#: Where the threshold is chosen, and its steps: one above the lowest at which not one wrong pair is found in these sets.
CHOSEN_ON: Final = ("febrl2", "febrl3")
STEPS: Final = tuple(step / 20 for step in range(10, 20))

_BATCH: Final = 1_000
_WORKER: Final = Actor.worker("benchmark", Scope.JOBS_RUN, Scope.CUSTOMERS_IMPORT, *duplicates.SCOPES, purpose=Purpose.SERVICE)

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Quality:
    """Found pairs against true ones."""

    recall: float
    precision: float

    @property
    def f1(self) -> float:
        return 2 * self.recall * self.precision / (self.recall + self.precision)

    @classmethod
    def of(cls, found: Collection[Pair], truth: frozenset[Pair]) -> Quality:
        right = sum(pair in truth for pair in found)
        return cls(right / len(truth), right / len(found) if found else 1.0)


@dataclass(frozen=True, slots=True)
class Scored:
    """A set, with the score of each pair that shares a token."""

    data: Febrl
    scores: dict[Pair, float]
    seconds: float

    def at(self, threshold: float) -> Quality:
        """What is found at a threshold."""
        return Quality.of([pair for pair, score in self.scores.items() if score >= threshold], self.data.truth)


def scored(data: Febrl) -> Scored:
    """Block and compare in memory, with the job's own rules."""
    started = time.perf_counter()
    people = [person(birthday=record.birthday, **record.values) for record in data.records]
    blocks: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, each in enumerate(people):
        for token in blocking.tokens(each):
            blocks[token].append(place)
    pairs = {pair for block in blocks.values() if 1 < len(block) <= keys.SHARED_MAX for pair in combinations(block, 2)}
    scores = {pair: rules.compare(people[pair[0]], people[pair[1]]).score for pair in pairs}
    return Scored(data, scores, time.perf_counter() - started)


def threshold(sets: Sequence[Scored]) -> float:
    """The threshold that the rule gives for these sets."""
    right = [all(each.at(step).precision == 1.0 for each in sets) for step in STEPS]
    return STEPS[right.index(True) + 1]


def run(through_job: str | None) -> None:
    """Measure all sets, and one of them through the real job over a database of its own."""
    out = Console(highlight=False, width=120)
    sets = {name: scored(febrl.opened(name)) for name in febrl.FILES}
    shown = Table(title=f"FEBRL, pairs scored {rules.THRESHOLD} or more")
    for title in ("set", "records", "pairs", "compared", "blocking", "recall", "precision", "F1", "s"):
        shown.add_column(title, justify="left" if title == "set" else "right", no_wrap=True)
    for name, each in sets.items():
        shown.add_row(name, *_figures(each))
    out.print(shown)
    chosen = threshold([sets[name] for name in CHOSEN_ON])
    out.print(f"The rule gives {chosen} on {' and '.join(CHOSEN_ON)}; shipped is {rules.THRESHOLD}.")
    if through_job is not None:
        started = time.perf_counter()
        found = asyncio.run(_through_job(sets[through_job].data))
        quality = Quality.of(found, sets[through_job].data.truth)
        out.print(
            f"{through_job} through the job, on SQLite: recall {quality.recall:.4f}, precision {quality.precision:.4f},"
            f" {time.perf_counter() - started:.0f} s with storing {len(sets[through_job].data.records):,} customers"
        )


def _figures(each: Scored) -> Sequence[str]:
    data, quality = each.data, each.at(rules.THRESHOLD)
    return (
        f"{len(data.records):,}",
        f"{len(data.truth):,}",
        f"{len(each.scores):,}",
        f"{sum(pair in each.scores for pair in data.truth) / len(data.truth):.4f}",
        f"{quality.recall:.4f}",
        f"{quality.precision:.4f}",
        f"{quality.f1:.4f}",
        f"{each.seconds:.1f}",
    )


async def _through_job(data: Febrl) -> set[Pair]:
    """Store the set as customers, search, and read what was found."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        await migrating.migrate(settings)
        async with boot.running(settings):
            known = [ids.uuid7() for _ in data.records]
            for start in range(0, len(known), _BATCH):
                await customers.write_batch(_WORKER, [_given(known[at], data, at) for at in range(start, min(start + _BATCH, len(known)))])
            work_id = await duplicates.search(_WORKER)
            search = await DuplicateSearch.get(work_id=work_id)
            await duplicates.run(_WORKER, search.id, progress=_silent)
            place = {customer_id: at for at, customer_id in enumerate(known)}
            return {_pair(place[row.left_id], place[row.right_id]) for row in await DuplicateCandidate.all()}


def _pair(left: int, right: int) -> Pair:
    return min(left, right), max(left, right)


def _given(customer_id: UUID, data: Febrl, at: int) -> PersonGiven:
    record = data.records[at]
    values: dict[str, object] = {**record.values, **({"birthday": record.birthday} if record.birthday else {})}
    return PersonGiven(id=customer_id, new=True, values=values, fills={}, identities=[])


async def _silent(done: int, total: int | None = None, message: str | None = None) -> None:
    """Nobody watches."""
