"""One meaning: whatever the rule and whoever the people, what is compiled finds whom the plain evaluator finds."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from siyu.domain import rules
from siyu.domain.kernel import database
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.dialect import Statement
from siyu.domain.rules import Asked, Rule
from tests.domain.rules import about, population
from tests.domain.rules.population import Drawn
from tests.domain.rules.reference import Reference, people, versions

Case = tuple[Asked, Sequence[Drawn], Sequence[Rule]]

cases = population.asked().flatmap(
    lambda at: st.tuples(
        st.just(at), st.lists(population.persons(at), min_size=3, max_size=6), st.lists(about.rules(at), min_size=3, max_size=6)
    )
)


async def found(rule: Rule, at: Asked, of: Sequence[UUID] | None) -> set[UUID]:
    statement = Statement(database.dialect())
    rows = await database.rows(rules.matching(statement, rule, at, people=of), statement.args)
    ids = [UUID(str(row[0])) for row in rows]
    assert len(ids) == len(set(ids)), "somebody was found twice"
    return set(ids)


async def same(case: Case) -> None:
    """Of those who are stored now; others, of earlier cases, are there too."""
    at, drawn, asked = case
    birthdays = await population.store(drawn)
    everybody = await people(birthdays)
    reference = Reference(at, await versions())
    some = [*birthdays][::2]
    for rule in asked:
        expected = reference.matching(rule, everybody)
        assert await found(rule, at, None) & birthdays.keys() == expected, rule
        assert await found(rule, at, some) == expected & {*some}, rule


async def test_what_is_compiled_means_what_is_said(house: House) -> None:
    loop = asyncio.get_running_loop()
    await population.prepare(datetime(2026, 1, 1, tzinfo=UTC))

    @settings(
        max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate]
    )
    @given(cases)
    def check(case: Case) -> None:
        asyncio.run_coroutine_threadsafe(same(case), loop).result(60)

    await asyncio.to_thread(check)
