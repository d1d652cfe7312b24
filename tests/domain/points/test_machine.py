"""Whatever is done with points, in whatever order: accounts, lots and refusals are the model's, and the ledger proves itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import time_machine
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from siyu.domain import points
from siyu.domain.kernel import clock
from siyu.domain.kernel.boot import House
from siyu.domain.points import NegativeBalancePolicy, PointsProgramUpdate, Posted
from siyu.domain.points.tables import PointsLot
from siyu.privacy.actor import Actor
from siyu.privacy.refusal import Code, Refusal
from tests.domain.points.awarded import adjust, award, fresh_key, redeem, reverse, stands, transfer
from tests.domain.points.model import Deed, Person, Refused
from tests.domain.points.test_standing import WORKER, whole
from tests.domain.tags.tagged import people

NEVER = datetime.max.replace(tzinfo=UTC)
whom = st.integers(0, 2)
some = st.integers(1, 60)


class Ledger(RuleBasedStateMachine):
    """Three people, a clock that stands still but for steps, and keys that are used again."""

    actor: Actor
    run: Callable[[Coroutine[Any, Any, Any]], Any]

    @initialize(policy=st.sampled_from(NegativeBalancePolicy))
    def open(self, policy: NegativeBalancePolicy) -> None:
        self.policy = policy
        self.time = time_machine.travel(clock.now(), tick=False)
        self.clock = self.time.start()
        self.run(points.update_program(self.actor, PointsProgramUpdate(negative_balance=policy)))
        number = 1 + 3 * next(_HOUSES)
        self.ids: list[UUID] = self.run(people(self.actor, 3, start=number))
        self.models = [Person() for _ in range(3)]
        self.deeds: list[tuple[Posted, Deed]] = []
        self.last: tuple[Callable[[str], Coroutine[Any, Any, Posted]], str, Posted] | None = None

    def teardown(self) -> None:
        if hasattr(self, "time"):
            try:
                self.run(whole(self.actor))
            finally:
                self.time.stop()

    def both(self, call: Callable[[str], Coroutine[Any, Any, Posted]], model: Callable[[], Deed]) -> None:
        """Do it in both; either both refuse, with the same code, or neither does."""
        expected: Code | None = None
        deed: Deed | None = None
        try:
            deed = model()
        except Refused as no:
            expected = no.code
        key = fresh_key()
        try:
            posted: Posted | None = self.run(call(key))
        except Refusal as refusal:
            happened: Code | None = refusal.code
            posted = None
        else:
            happened = None
        assert happened is expected
        if posted is None:
            return
        assert deed is not None, f"it should have been refused with {expected}"
        assert not posted.replayed
        self.deeds.append((posted, deed))
        self.last = (call, key, posted)

    @rule(at=whom, number=some, waits=st.sampled_from([0, 0, 1, 3]), lasts=st.sampled_from([None, 2, 4, 9]))
    def award(self, at: int, number: int, waits: int, lasts: int | None) -> None:
        now = clock.now()
        since = now + timedelta(days=waits)
        until = since + timedelta(days=lasts) if lasts else None
        self.both(
            lambda key: award(self.actor, self.ids[at], number, key=key, available_at=since, expires_at=until),
            lambda: self.models[at].gain("EARN", number, since, until, now),
        )

    @rule(at=whom, number=some)
    def redeem(self, at: int, number: int) -> None:
        self.both(lambda key: redeem(self.actor, self.ids[at], number, key=key), lambda: self.models[at].spend(number, clock.now()))

    @rule(at=whom, number=st.integers(-80, 30).filter(bool))
    def adjust(self, at: int, number: int) -> None:
        model, now = self.models[at], clock.now()
        self.both(
            lambda key: adjust(self.actor, self.ids[at], number, key=key),
            lambda: model.gain("ADJUST", number, now, None, now) if number > 0 else model.lose(-number, self.policy, now),
        )

    @rule(pick=st.integers(0, 1_000))
    def reverse(self, pick: int) -> None:
        if self.deeds:
            posted, deed = self.deeds[pick % len(self.deeds)]
            self.both(lambda key: reverse(self.actor, posted, key=key), lambda: deed.whose.undo(deed, None, self.policy, clock.now()))

    @rule(pick=st.integers(0, 1_000), number=some)
    def claw_back(self, pick: int, number: int) -> None:
        earned = [each for each in self.deeds if each[1].kind == "EARN"]
        if earned:
            posted, deed = earned[pick % len(earned)]
            entry_id = posted.entry_id
            assert entry_id is not None
            self.both(
                lambda key: points.claw_back(self.actor, entry_id, number, source="refund", key=key),
                lambda: deed.whose.undo(deed, number, self.policy, clock.now()),
            )

    @rule(pair=st.permutations(range(3)), number=some)
    def transfer(self, pair: list[int], number: int) -> None:
        giver, receiver = pair[:2]
        self.both(
            lambda key: transfer(self.actor, self.ids[giver], self.ids[receiver], number, key=key),
            lambda: self.models[giver].give(self.models[receiver], number, clock.now()),
        )

    @rule()
    def again(self) -> None:
        if self.last is not None:
            call, key, posted = self.last
            repeated = self.run(call(key))
            assert (repeated.entry_id, repeated.replayed) == (posted.entry_id, True)

    @rule(days=st.sampled_from([1, 2, 5]))
    def days_pass(self, days: int) -> None:
        self.clock.shift(timedelta(days=days))

    @rule()
    def job(self) -> None:
        self.run(points.settle(WORKER))
        for model in self.models:
            model.settle(clock.now())

    @invariant()
    def same(self) -> None:
        for model, key in zip(getattr(self, "models", ()), getattr(self, "ids", ()), strict=True):
            assert self.run(stands(key)) == model.stands
            assert self.run(left(key)) == model.left()


async def left(customer_id: UUID) -> list[tuple[datetime, int, bool]]:
    rows = await PointsLot.filter(customer_id=customer_id, open=True)
    return sorted((row.expires_at or NEVER, row.remaining, row.activated) for row in rows)


_HOUSES = iter(range(1_000_000))


async def test_the_ledger_is_the_models(house: House, admin: Actor) -> None:
    loop = asyncio.get_running_loop()

    def run(call: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(call, loop).result(60)

    bound = type("Bound", (Ledger,), {"actor": admin, "run": staticmethod(run)})
    usual = settings(
        max_examples=15, stateful_step_count=25, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate],
    )  # fmt: skip
    await asyncio.to_thread(run_state_machine_as_test, bound, settings=usual)
