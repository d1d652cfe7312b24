"""Data quality and clean-ups through the schema."""

from __future__ import annotations

from datetime import date

from siyu.domain import customers, quality
from siyu.domain.customers import CustomerCreate
from siyu.domain.customers.tables import Customer
from siyu.domain.kernel import database
from siyu.domain.quality.tables import CleanupPlan
from siyu.domain.work.tables import Work
from siyu.privacy import consent
from siyu.privacy.actor import Actor, Role, Scope
from siyu.schema.relay import decode
from tests import actors
from tests.domain.quality.people import WORKER, silent, stored
from tests.schema.conftest import Run

REPORT = """{ dataQuality {
  customers completeness { field filled ratio } invalidPhones invalidEmails invalid { field stored rejected }
  duplicateCandidates staleSinceDays stale measuredAt
  bySource { source others customers completeness { field filled } invalid { field stored } stale }
} }"""
PLAN = """mutation ($rules: [DataQualityRule!]) { dataCleanupPlan(input: {rules: $rules}) {
  plan { id state steps { rule } job { id kind state } } userErrors { field code }
} }"""
SHOW = """query ($id: ID!) { dataCleanupPlan(id: $id) {
  state createdAt expiresAt steps { rule does rows mended left sample { state customer { id displayName } } }
} }"""
RUN = """mutation ($id: ID!, $rules: [DataQualityRule!]) { dataCleanupRun(input: {planId: $id, rules: $rules}) {
  job { id kind state } userErrors { field code }
} }"""
PLANS = "query { dataCleanupPlans(first: 10) { totalCount nodes { id state } } }"
MEASURE = "mutation { dataQualityMeasure { job { id kind } userErrors { code } } }"


async def test_the_report_tells_how_good_the_data_is(run: Run, admin: Actor) -> None:
    for n in range(10):
        await customers.create(admin, CustomerCreate(phone=f"1380000111{n}", source="shop", city="上海" if n % 2 else None))
    report = (await run(admin, REPORT)).data["dataQuality"]
    assert (report["customers"], report["staleSinceDays"], report["stale"], report["duplicateCandidates"]) == (10, 365, 0, 0)
    by_field = {each["field"]: (each["filled"], each["ratio"]) for each in report["completeness"]}
    assert (by_field["phone"], by_field["city"], by_field["email"]) == ((10, 1.0), (5, 0.5), (0, 0.0))
    assert (report["invalidPhones"], report["invalidEmails"]) == (0, 0)
    assert [(each["source"], each["others"], each["customers"]) for each in report["bySource"]] == [("shop", False, 10)]
    assert set(by_field) <= set(CUSTOMER_FIELDS)


CUSTOMER_FIELDS = {*customers.COUNTED}


async def test_the_report_is_not_for_everybody(run: Run, admin: Actor) -> None:
    assert (await run(actors.staff(Role.MARKETER), REPORT)).codes == ["FORBIDDEN"]
    assert (await run(actors.holder(Scope.DATA_QUALITY_READ, purpose="marketing"), REPORT)).codes == ["CONSENT_REQUIRED"]
    assert (await run(None, REPORT)).codes == ["UNAUTHENTICATED"]


async def test_a_plan_is_made_shown_and_run(run: Run, admin: Actor) -> None:
    old = await stored(phone="138 0000 1111", display_name="Ada", birthday=date(1990, 1, 2), birth_month=1, age_band="UNDER_18")
    made = (await run(admin, PLAN)).data["dataCleanupPlan"]
    assert (made["userErrors"], made["plan"]["state"], made["plan"]["steps"]) == ([], "PREPARING", [])
    assert (made["plan"]["job"]["kind"], made["plan"]["job"]["state"]) == ("plan_cleanup", "QUEUED")
    plan_id = made["plan"]["id"]
    key = decode("DataCleanupPlan", plan_id, ())
    await quality.prepare(WORKER, key, progress=silent)
    shown = (await run(admin, SHOW, id=plan_id)).data["dataCleanupPlan"]
    assert shown["state"] == "READY"
    assert [(each["rule"], each["rows"], each["mended"]) for each in shown["steps"]] == [("PHONE_SPELLING", 1, 0), ("AGE_BAND", 1, 0)]
    assert shown["steps"][0]["does"].endswith(".")
    assert [(each["state"], each["customer"]["displayName"]) for each in shown["steps"][0]["sample"]] == [("WAITING", "Ada")]
    started = (await run(admin, RUN, id=plan_id, rules=["AGE_BAND"])).data["dataCleanupRun"]
    assert (started["userErrors"], started["job"]["kind"]) == ([], "run_cleanup")
    assert (await run(admin, RUN, id=plan_id)).data["dataCleanupRun"]["job"] == started["job"], "Nothing new while it runs."
    await quality.carry_out(WORKER, key, [quality.Rule.AGE_BAND], progress=silent)
    shown = (await run(admin, SHOW, id=plan_id)).data["dataCleanupPlan"]
    assert [(each["mended"], each["sample"][0]["state"]) for each in shown["steps"]] == [(0, "WAITING"), (1, "MENDED")]
    assert (await Customer.get(id=old)).age_band == "35_44"
    assert (await run(admin, PLANS)).data["dataCleanupPlans"] == {"totalCount": 1, "nodes": [{"id": plan_id, "state": "RUN"}]}


async def test_the_plans_statements_do_not_grow_with_it(run: Run, admin: Actor) -> None:
    counts = []
    for n in range(2):
        for each in range(1 + 6 * n):
            await stored(phone=f"138 0000 1{n}{each:02}", display_name=f"Ada{each}")
        plan_id = (await run(admin, PLAN)).data["dataCleanupPlan"]["plan"]["id"]
        await quality.prepare(WORKER, decode("DataCleanupPlan", plan_id, ()), progress=silent)
        with database.counting() as count:
            got = await run(admin, SHOW, id=plan_id)
        assert got.errors == []
        counts.append(len([sql for sql in count.statements if "cleanup" in sql or "from customers" in sql]))
    assert counts == [4, 4]


async def test_a_restricted_person_is_no_sample(run: Run, admin: Actor) -> None:
    old = await stored(phone="138 0000 1111")
    plan_id = (await run(admin, PLAN)).data["dataCleanupPlan"]["plan"]["id"]
    await quality.prepare(WORKER, decode("DataCleanupPlan", plan_id, ()), progress=silent)
    await consent.restrict(admin, old, reason="DISPUTED")
    got = await run(admin, SHOW, id=plan_id)
    assert got.errors == []
    assert got.data["dataCleanupPlan"]["steps"][0]["sample"] == []


async def test_refusals_do_nothing(run: Run, admin: Actor) -> None:
    for document, variables in ((PLAN, {}), (RUN, {"id": "x"}), (MEASURE, {})):
        assert (await run(actors.staff(Role.SERVICE), document, **variables)).codes in (["FORBIDDEN"], [])
    got = await run(admin, PLAN, rules=["INVALID_EMAIL"])
    assert got.data["dataCleanupPlan"]["userErrors"] == [{"field": ["input", "rules"], "code": "INVALID"}]
    assert await CleanupPlan.all().count() == 0
    assert await Work.all().count() == 0


async def test_measuring_anew_is_a_job(run: Run, admin: Actor) -> None:
    got = (await run(admin, MEASURE)).data["dataQualityMeasure"]
    assert (got["job"]["kind"], got["userErrors"]) == ("measure_quality", [])
    assert (await run(actors.staff(Role.ANALYST), MEASURE)).codes == ["FORBIDDEN"]
    assert await Work.all().count() == 1
