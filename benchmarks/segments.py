"""Keeping a segment's members: a rule of four conditions beside hand-written SQL, what changes nothing, a preview, one person."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import fmean, median, quantiles
from typing import Final
from uuid import UUID

import asyncpg
import time_machine
from rich.console import Console
from rich.table import Table

from benchmarks import dataset, machine, rows
from benchmarks.cluster import Cluster
from benchmarks.dataset import Dataset, Dialect
from benchmarks.handwritten import SELECTS, stored
from benchmarks.rows import Spec
from siyu.domain import rules, segments, tags
from siyu.domain.kernel import boot, database, ids
from siyu.domain.kernel.dialect import Statement
from siyu.domain.kernel.settings import Settings
from siyu.domain.kernel.touching import Change, Touched
from siyu.domain.rules import HolderKind, Rule
from siyu.domain.segments import SegmentCreate
from siyu.domain.segments.tables import SegmentChange, SegmentMember
from siyu.domain.tags import TagAssign, TagRemove
from siyu.privacy.actor import ROLE_PURPOSE, ROLE_SCOPES, Actor, ActorKind, Role, Scope

_out = Console(highlight=False, width=130)
_ADMIN: Final = Actor(ActorKind.STAFF, None, "staff:benchmark", ROLE_SCOPES[Role.ADMIN], ROLE_PURPOSE[Role.ADMIN], "benchmark")
_JOB: Final = Actor.worker("benchmark", Scope.JOBS_RUN)
#: The same four as in `handwritten.py`.
RULE: Final = (
    'tag any ("标签000", "标签001") and orders.total(last 90 days) >= 100 and orders.count(last 30 days) = 0 and consent("marketing")'
)
_PEOPLE: Final = 40


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds by the clock, and of CPU: this process's and the server's."""

    wall: float
    cpu: float


@dataclass(slots=True)
class Found:
    """What each way took, a round each, and what was counted on the way."""

    server: Cluster | None
    ways: dict[str, list[Took]] = field(default_factory=dict)
    members: int = 0
    rows_written: int = 0
    #: One person's being brought in line, and statements of the worst.
    person: list[Took] = field(default_factory=list)
    statements: int = 0

    async def time(self, work: Callable[[], Awaitable[object]]) -> Took:
        """Do it once."""
        wall, cpu = time.perf_counter(), self._cpu()
        await work()
        return Took(time.perf_counter() - wall, self._cpu() - cpu)

    def _cpu(self) -> float:
        return time.process_time() + (machine.used_seconds(machine.family(self.server.pid)) if self.server else 0)

    async def note(self, way: str, work: Callable[[], Awaitable[object]]) -> None:
        """One round of a way."""
        self.ways.setdefault(way, []).append(await self.time(work))

    def wall(self, way: str) -> float:
        """The median round's seconds."""
        return median(each.wall for each in self.ways[way])

    def cpu(self, way: str) -> float:
        """The median round's seconds of CPU."""
        return median(each.cpu for each in self.ways[way])

    def best(self, kind: str, measure: Callable[[str], float]) -> float:
        """What the best of the hand-written ways takes."""
        return min(measure(way) for way in self.ways if way.startswith(f"{kind} by hand"))


@contextmanager
def _copied(made: Dataset) -> Iterator[Settings]:
    """The same data in a database of its own, which goes after the block: measuring writes. Its moment is the data's end."""
    with tempfile.TemporaryDirectory() as name, time_machine.travel(rows.UNTIL, tick=True):
        folder = Path(name)
        for each in ("siyu.db", "keys.db", "root.keys"):
            if (made.settings.data_dir / each).exists():
                shutil.copy2(made.settings.data_dir / each, folder / each)
        if made.server is None:
            yield Settings(data_dir=folder)
            return
        server = made.server.url
        asyncio.run(_execute(f"{server}/postgres", "create database siyu_segments template siyu"))
        try:
            yield Settings(
                database_url=f"{server}/siyu_segments",
                keystore_url=f"{server}/siyu_keys",
                data_dir=folder,
                root_keys=f"file://{folder}/root.keys",
            )
        finally:
            asyncio.run(_execute(f"{server}/postgres", "drop database siyu_segments with (force)"))


async def _execute(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for sql in statements:
            await connection.execute(sql, timeout=600)
    finally:
        await connection.close()


async def _measured(settings: Settings, server: Cluster | None, rounds: int) -> Found:
    found = Found(server)
    async with boot.running(settings):
        if settings.database_url:
            await _execute(settings.database_url, "vacuum analyze")
        rule = (await rules.check(_ADMIN, None, RULE, path=())).rule
        for _ in range(rounds + 1):  # the first warms up
            await _selects(found, rule)
        segment_id = await segments.create(_ADMIN, SegmentCreate(code="BENCHMARK", name="Benchmark", expression=RULE))
        for _ in range(rounds + 1):
            await _keeps(found, segment_id)
        await _changes_nothing(found, segment_id, rounds)
        for _ in range(rounds):
            await found.note("preview", lambda: segments.preview(_ADMIN, rule))
        found.ways = {way: took[-rounds:] for way, took in found.ways.items()}
        await _one_by_one(found, segment_id)
    return found


async def _selects(found: Found, rule: Rule) -> None:
    """Who it is, read by hand and by rule; all find the same people."""
    answers = []
    for name, select in SELECTS.items():
        by_hand = Statement(database.dialect())
        sql = select(by_hand)

        async def read(sql: str = sql, statement: Statement = by_hand) -> None:
            answers.append({str(row[0]) for row in await database.rows(sql, statement.args)})

        await found.note(f"select by hand, {name}", read)
    ours = Statement(database.dialect())
    sql = rules.matching(ours, rule, rules.asked())

    async def match() -> None:
        answers.append({str(row[0]) for row in await database.rows(sql, ours.args)})

    await found.note("select by rule", match)
    assert all(each == answers[0] for each in answers), f"they differ: {[len(each) for each in answers]}"
    found.members = len(answers[0])
    assert found.members, "the rule finds nobody in this data"


async def _keeps(found: Found, segment_id: UUID) -> None:
    """Finding all and storing them with the log of it, from nobody, by turns."""
    by_hand = ids.uuid7()
    for name, select in SELECTS.items():
        await found.note(f"store by hand, {name}", partial(stored, select, by_hand))
        await _emptied(by_hand)
    await _emptied(segment_id)
    await found.note("store by rule", lambda: segments.apply(_JOB, (HolderKind.SEGMENT, segment_id)))
    assert await SegmentMember.filter(segment_id=segment_id).count() == found.members


async def _emptied(segment_id: UUID) -> None:
    await SegmentMember.filter(segment_id=segment_id).delete()
    await SegmentChange.filter(segment_id=segment_id).delete()


async def _changes_nothing(found: Found, segment_id: UUID, rounds: int) -> None:
    async def held() -> set[object]:
        members = await SegmentMember.filter(segment_id=segment_id).values_list("id", flat=True)
        return {*members, *await SegmentChange.filter(segment_id=segment_id).values_list("id", flat=True)}

    before = await held()
    for _ in range(rounds):
        await found.note("store by rule, nothing changed", lambda: segments.apply(_JOB, (HolderKind.SEGMENT, segment_id)))
    found.rows_written = len(await held() ^ before)


async def _one_by_one(found: Found, segment_id: UUID) -> None:
    """Members lose the tags and get one back; each time the worker's part is measured."""
    names = [f"标签{number:03}" for number in (0, 1)]
    tag_ids = tuple(str(each) for each in await tags.named(_ADMIN, names, path=()))
    for person in await SegmentMember.filter(segment_id=segment_id).limit(_PEOPLE).values_list("customer_id", flat=True):
        whose = UUID(str(person))
        touched = [Touched(Change.TAG, (whose,), tag_ids)]
        for inside in (False, True):
            if inside:
                await tags.assign(_ADMIN, TagAssign(tags=names[:1], customer_ids=[whose]))
            else:
                await tags.remove(_ADMIN, TagRemove(tags=names, customer_ids=[whose]))
            with database.counting() as count:
                found.person.append(await found.time(partial(segments.follow, _JOB, touched)))
            found.statements = max(found.statements, len(count.statements))
            assert await SegmentMember.filter(segment_id=segment_id, customer_id=whose).exists() is inside


def run(spec: Spec, rounds: int, dialects: list[Dialect], small: int) -> None:
    """Print each way's seconds, the ratio to the quickest by hand, and one person's part with few customers and with many."""
    for dialect in dialects:
        found: dict[int, Found] = {}
        for customers in sorted({small, spec.customers} - {0}):
            with dataset.opened(dialect, Spec(customers, spec.seed)) as made, _copied(made) as settings:
                found[customers] = asyncio.run(_measured(settings, made.server, rounds))
                _show(dialect, customers, made.facts, found[customers])
        if len(found) > 1:
            few, many = (fmean(each.cpu for each in found[customers].person) for customers in sorted(found))
            _out.print(f"{dialect}: CPU of one person among many over one among few: {many / few:.2f}")


def _show(dialect: Dialect, customers: int, facts: dict[str, float], found: Found) -> None:
    title = f"{dialect}: {customers:,} customers, {int(facts['orders']):,} orders"
    table = Table("", "milliseconds", "least", "over the best by hand", "CPU ms", "over the best by hand", title=title)
    for way, took in found.ways.items():
        kind, wall, cpu = way.split()[0], found.wall(way), found.cpu(way)
        compared = kind in ("select", "store")
        ratios = [f"{of / found.best(kind, measure):.2f}" if compared else "" for of, measure in ((wall, found.wall), (cpu, found.cpu))]
        table.add_row(way, f"{wall * 1e3:,.0f}", f"{min(each.wall for each in took) * 1e3:,.0f}", ratios[0], f"{cpu * 1e3:,.0f}", ratios[1])
    _out.print(table)
    one = [sorted(values) for values in zip(*((each.wall * 1e3, each.cpu * 1e3) for each in found.person), strict=True)]
    _out.print(
        f"{found.members:,} members; nothing changed: {found.rows_written} rows written. One person: {median(one[0]):.1f} ms, one in ten"
        f" above {quantiles(one[0], n=10)[-1]:.1f}; CPU {fmean(one[1]):.1f} ms; at most {found.statements} statements."
    )
