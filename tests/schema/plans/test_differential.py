"""Operations over the whole SDL, by plan and by the engine: the same answer, whoever asks, on both databases.

`make fuzz` runs many more of them. An example that fails is printed with marks in it, shrunk; add it to `FIXED`.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siyu.domain.kernel import database
from siyu.domain.kernel.boot import House
from siyu.privacy.actor import Actor, Scope
from siyu.schema.plans import Planner
from siyu.schema.relay import split
from tests import actors
from tests.schema.conftest import schema
from tests.schema.plans import doors
from tests.schema.plans.bothways import both_ways, documents, same
from tests.schema.plans.fixed import FIXED
from tests.schema.plans.furnished import furnish
from tests.schema.plans.generator import Example, operations
from tests.schema.plans.test_same_answer import CALLERS

#: Statements of the house itself: the purpose, its standing, keys, and the line in the audit trail.
OF_THE_HOUSE = 10
PURPOSES = ("service", "marketing", "analytics", "compliance", "nonsense", None)

some = st.sets(st.sampled_from(sorted(Scope)), max_size=6)
callers = st.one_of(
    st.sampled_from([CALLERS["admin"], *CALLERS.values()]),
    st.builds(lambda less, purpose: actors.holder(*(set(Scope) - less), purpose=purpose), some, st.sampled_from(PURPOSES)),
    st.builds(
        lambda more, purpose: actors.holder(Scope.CUSTOMERS_READ, Scope.ORDERS_READ, *more, purpose=purpose),
        some,
        st.sampled_from(PURPOSES),
    ),
)


class Trial:
    """One house in which examples are tried."""

    def __init__(self, marks: dict[str, str], admin: Actor) -> None:
        self.marks = marks
        self.admin = admin
        self.planner = Planner(schema())
        self.seen: Counter[str] = Counter()

    async def run(self, example: Example, actor: Actor) -> None:
        text, variables = example.filled(self.marks)
        with database.counting() as count:
            got = await both_ways(self.planner, actor, text, variables)
        # Everybody may see the row of their own.
        own = ("Staff", "AccessToken") if "viewer" in text else ()
        if "dataQuality" not in text:  # how many have what is a figure with a scope of its own
            assert doors.named(actor, count.statements, open_to_all=own) == []
        assert [error for error in got.engine["errors"] if error["extensions"]["code"] == "INTERNAL"] == []
        if actor is CALLERS["admin"]:
            self.seen["planned" if got.planned else "refused" if got.engine["errors"] else got.why] += 1
        same(got)
        if got.planned is not None:
            document = documents().get(text)
            sent = len(doors.about_nouns(got.statements))
            assert sent <= doors.budget(document, text + json.dumps(variables)), got.statements
            assert len(got.statements) - sent <= OF_THE_HOUSE, got.statements


async def test_any_operation_by_anybody(house: House, admin: Actor) -> None:
    trial = Trial(await furnish(admin), admin)
    loop = asyncio.get_running_loop()
    long = settings.get_current_profile_name() == "fuzz"
    profile = settings(deadline=None, suppress_health_check=list(HealthCheck))
    # Without a long run: the same examples each time, and nothing kept from one run to the next.
    profile = profile if long else settings(profile, max_examples=400, derandomize=True, database=None)

    @profile
    @given(operations(), callers)
    def check(example: Example, actor: Actor) -> None:
        asyncio.run_coroutine_threadsafe(trial.run(example, actor), loop).result(60)

    await asyncio.to_thread(check)
    planned, left = trial.seen["planned"], trial.seen.total() - trial.seen["refused"]
    assert planned > 0.6 * left, trial.seen


@pytest.mark.parametrize(
    "sql",
    [
        "select t.id as c0, t.phone as c1 from customers t where 1=1",
        "select t.id as c0 from customers t where t.city = any($1::text[])",
        "select t.id as c0 from customers t where t.name_index = $1",
        "select t.id as c0 from customers t where 1=1 order by t.spent_e4 desc, t.id desc limit $1",
        "select count(*) from customers t where nullif(t.last_ordered_or_never, '1970-01-01 00:00:00+00:00') > $1",
        "select k.id, x.c0 from unnest($1::uuid[]) k(id) cross join lateral (select t.id as c0 from orders t) x",
        'SELECT "value" FROM "identities"',
        "select (select a.tier_id from points_accounts a where a.customer_id = t.id) as c0 from customers t where 1=1",
    ],
)
def test_a_named_column_is_noticed(sql: str) -> None:
    assert doors.named(actors.holder(Scope.CUSTOMERS_READ), [sql])
    assert not doors.named(actors.holder(*Scope), [sql])


async def test_a_person_whose_key_is_gone(house: House, admin: Actor) -> None:
    marks = await furnish(admin)
    planner = Planner(schema())
    gone = split(marks["Customer0"])
    assert gone is not None
    await house.keyring.shred(gone[1])
    for actor in CALLERS.values():
        for text, _ in FIXED:
            if "$" not in text:
                got = await both_ways(planner, actor, text, {})
                same(got)
