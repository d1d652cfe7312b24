"""A clean-up says what it would mend, mends just that, and goes on when it was killed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

import pytest

from siyu.domain import customers, quality
from siyu.domain.customers import CustomerCreate, CustomerUpdate, IdentityGiven, IdentityKind
from siyu.domain.customers.tables import Customer
from siyu.domain.duplicates.tables import DuplicateKey
from siyu.domain.kernel import clock
from siyu.domain.kernel.boot import House
from siyu.domain.quality import CleanupPlanMake, CleanupRun, PlanState, Rule, inspecting, mending
from siyu.domain.quality.tables import CleanupItem, CleanupPlan, CleanupStep, ItemState, QualityFinding, QualityInspection
from siyu.domain.work.tables import Work, WorkState
from siyu.privacy import audit, consent
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, Forbidden, Refusal
from siyu.privacy.requests import erase
from tests import actors
from tests.domain.quality.people import WORKER, silent, stored


async def planned(*rules: Rule) -> UUID:
    """A plan that is ready."""
    plan_id = await quality.plan(WORKER, CleanupPlanMake(rules=list(rules) or None))
    await quality.prepare(WORKER, plan_id, progress=silent)
    return plan_id


async def mended(plan_id: UUID, rules: Sequence[Rule] = ()) -> dict[Rule, tuple[int, int, int]]:
    """Run it to the end; by rule how many it was about, were mended, were left."""
    work_id = await quality.run(WORKER, CleanupRun(plan_id=plan_id, rules=list(rules) or None))
    await quality.carry_out(WORKER, plan_id, rules, progress=silent)
    await Work.filter(id=work_id).update(state=WorkState.SUCCEEDED)
    return {step.rule: (step.rows, step.mended, step.left) for step in await CleanupStep.filter(plan_id=plan_id)}


async def who(admin: Actor, phone: str) -> UUID | None:
    return await customers.find(admin, IdentityGiven(kind=IdentityKind.PHONE, value=phone))


async def test_a_plan_says_what_and_changes_nothing(house: House, admin: Actor) -> None:
    old = await stored(phone="138 0000 1111", family_name="Ｗａｎｇ", birthday=date(1990, 1, 2), birth_month=1, age_band="UNDER_18")
    await customers.create(admin, CustomerCreate(display_name="王芳", phone="13800002222"))
    before = (await Customer.get(id=old)).updated_at
    plan_id = await planned()
    steps = await CleanupStep.filter(plan_id=plan_id).order_by("position")
    assert [step.rule for step in steps] == [Rule.NAME_SPELLING, Rule.PHONE_SPELLING, Rule.DISPLAY_NAME, Rule.AGE_BAND]
    assert {step.rows for step in steps} == {1}
    assert (await Customer.get(id=old)).updated_at == before
    assert (await Customer.get(id=old)).age_band == "UNDER_18"


async def test_what_is_planned_is_mended_once(house: House, admin: Actor) -> None:
    old = await stored(phone="138 0000 1111", display_name="Ｗａｎｇ", line1=" ", birthday=date(1990, 1, 2), birth_month=3)
    plan_id = await planned()
    new = await stored(phone="139 0000 1111")
    results = await mended(plan_id)
    assert results[Rule.PHONE_SPELLING] == (1, 1, 0)
    assert set(results.values()) == {(1, 1, 0)}
    assert await who(admin, "13800001111") == old
    assert await who(admin, "13900001111") is None, "Who came after the plan is not in it."
    row = await Customer.get(id=old)
    assert (row.birth_month, row.age_band is not None, row.line1) == (1, True, None)
    # A second run changes nothing.
    moment = row.updated_at
    assert await mended(plan_id) == results
    assert (await Customer.get(id=old)).updated_at == moment
    assert await QualityFinding.filter(customer_id=old).count() == 0
    assert await QualityFinding.filter(customer_id=new).count() == 0
    assert await audit.verify() == []


async def test_an_age_band_is_set_without_a_new_date_of_change(house: House) -> None:
    old = await stored(birthday=date(1960, 1, 2), birth_month=1, age_band="18_24")
    before = (await Customer.get(id=old)).updated_at
    assert await mended(await planned(Rule.AGE_BAND)) == {Rule.AGE_BAND: (1, 1, 0)}
    row = await Customer.get(id=old)
    assert (row.age_band, row.updated_at) == ("65_PLUS", before)


async def test_ages_are_looked_at_when_the_month_comes(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    today = clock.today("Asia/Shanghai")
    born = today.replace(year=today.year - 17, day=1)
    grown = await stored(birthday=born, birth_month=born.month, age_band="UNDER_18")
    other = await stored(birthday=date(1990, today.month % 12 + 1, 1), birth_month=today.month % 12 + 1, age_band="UNDER_18")
    await planned()
    monkeypatch.setattr(inspecting, "OVERLAP", timedelta(0))
    await QualityFinding.all().delete()
    # A year later nobody has changed; the one whose month it is has grown up.
    monkeypatch.setattr(clock, "today", lambda _zone: today.replace(year=today.year + 1, day=2))
    await QualityInspection.all().update(day=today.replace(year=today.year + 1, day=1))
    await planned()
    assert {(row.customer_id, row.rule) for row in await QualityFinding.all()} == {(grown, Rule.AGE_BAND)}
    assert other != grown


async def test_what_was_mended_meanwhile_or_is_taken_is_left(house: House, admin: Actor) -> None:
    mended_meanwhile, twin = await stored(phone="138 0000 1111"), await stored(phone="139 0000 2222")
    await customers.create(admin, CustomerCreate(phone="13900002222"))
    erased, restricted = await stored(phone="137 0000 1111"), await stored(phone="136 0000 1111")
    plan_id = await planned()
    await customers.update(admin, CustomerUpdate(id=mended_meanwhile, phone="13800001111"))
    await erase.rows(erased)
    await consent.restrict(admin, restricted, reason="DISPUTED")
    # The erased one is gone from the plan altogether.
    assert await mended(plan_id) == {Rule.PHONE_SPELLING: (4, 0, 3)}
    assert await CleanupItem.filter(customer_id=erased).count() == 0
    assert await erase.left(erased) == {}
    assert (await CleanupItem.get(customer_id=twin)).state is ItemState.LEFT


async def test_a_killed_run_goes_on(house: House, admin: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mending, "STEP", 2)
    monkeypatch.setattr(inspecting, "STEP", 2)
    for n in range(5):
        await stored(phone=f"138 0000 111{n}")

    class Killed(Exception):
        pass

    async def dying(done: int, total: int | None = None, message: str | None = None) -> None:
        if done >= 4:
            raise Killed

    plan_id = await quality.plan(WORKER, CleanupPlanMake())
    with pytest.raises(Killed):
        await quality.prepare(WORKER, plan_id, progress=dying)
    assert (await CleanupPlan.get()).state is PlanState.PREPARING
    await quality.prepare(WORKER, plan_id, progress=silent)
    assert (await QualityInspection.get()).done == 5
    work_id = await quality.run(WORKER, CleanupRun(plan_id=plan_id))
    with pytest.raises(Killed):
        await quality.carry_out(WORKER, plan_id, [], progress=dying)
    assert await quality.run(WORKER, CleanupRun(plan_id=plan_id)) == work_id, "It runs still."
    await quality.carry_out(WORKER, plan_id, [], progress=silent)
    assert [(step.mended, step.left) for step in await CleanupStep.all()] == [(5, 0)]
    assert None not in [await who(admin, f"1380000111{n}") for n in range(5)]


async def test_only_the_named_rules_run(house: House) -> None:
    await stored(phone="138 0000 1111", birthday=date(1990, 1, 2), birth_month=1, age_band="UNDER_18")
    plan_id = await planned()
    results = await mended(plan_id, [Rule.AGE_BAND])
    assert (results[Rule.AGE_BAND], results[Rule.PHONE_SPELLING]) == ((1, 1, 0), (1, 0, 0))
    assert (await mended(plan_id))[Rule.PHONE_SPELLING] == (1, 1, 0)


async def test_refusals_do_nothing(house: House, admin: Actor) -> None:
    await stored(phone="138 0000 1111")
    reader = actors.holder(Scope.DATA_QUALITY_READ)
    for call in (quality.plan(reader, CleanupPlanMake()), quality.run(reader, CleanupRun(plan_id=UUID(int=1)))):
        with pytest.raises(Forbidden):
            await call
    assert await CleanupPlan.all().count() == 0

    async def code(wish: CleanupRun) -> tuple[Code, tuple[str, ...]]:
        with pytest.raises(Refusal) as refused:
            await quality.run(admin, wish)
        return refused.value.code, refused.value.path

    assert await code(CleanupRun(plan_id=UUID(int=1))) == (Code.NOT_FOUND, ("input", "plan_id"))
    plan_id = await quality.plan(admin, CleanupPlanMake())
    assert await code(CleanupRun(plan_id=plan_id)) == (Code.WRONG_STATE, ("input", "plan_id"))
    await quality.prepare(WORKER, plan_id, progress=silent)
    assert await code(CleanupRun(plan_id=plan_id, rules=[Rule.INVALID_PHONE])) == (Code.INVALID, ("input", "rules"))
    await CleanupPlan.all().update(expires_at=clock.now() - timedelta(seconds=1))
    assert await code(CleanupRun(plan_id=plan_id)) == (Code.EXPIRED, ("input", "plan_id"))
    assert await Work.filter(kind="run_cleanup").count() == 0
    assert await who(admin, "13800001111") is None


async def test_every_day_a_plan_is_made_and_what_is_switched_on_runs(house: House) -> None:
    await stored(phone="138 0000 1111", birthday=date(1990, 1, 2), birth_month=1, age_band="UNDER_18")
    await quality.tend(WORKER, progress=silent)
    [work] = await Work.all()
    assert work.kind == "run_cleanup"
    plan = await CleanupPlan.get(work_id=work.id)
    await quality.carry_out(WORKER, plan.id, [Rule.AGE_BAND], progress=silent)
    assert {step.rule: step.mended for step in await CleanupStep.all()} == {Rule.PHONE_SPELLING: 0, Rule.AGE_BAND: 1}
    await CleanupPlan.all().update(created_at=clock.now() - timedelta(days=31))
    await quality.purge(WORKER)
    assert [await table.all().count() for table in (CleanupPlan, CleanupStep, CleanupItem)] == [0, 0, 0]


async def test_tokens_of_merged_customers_are_cleared_away(house: House, admin: Actor) -> None:
    from_before = await stored(display_name="王芳", birthday=date(1990, 1, 2), birth_month=1, age_band="35_44")
    await Customer.filter(id=from_before).update(merged_into_id=UUID(int=5))
    await DuplicateKey.create(customer_id=from_before, kind="name_day", token=7)
    assert await mended(await planned()) == {Rule.STALE_TOKENS: (1, 1, 0)}
    assert await DuplicateKey.all().count() == 0
