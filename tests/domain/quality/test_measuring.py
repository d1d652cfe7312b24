"""The report: what it counts, for whom, and in how many statements."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from siyu.domain import customers, imports, quality
from siyu.domain.customers import CustomerCreate
from siyu.domain.customers.tables import Customer
from siyu.domain.imports.tables import Import
from siyu.domain.kernel import clock, database
from siyu.domain.kernel.boot import House
from siyu.domain.quality import Group, Measured, reporting
from siyu.domain.quality.tables import QualitySnapshot
from siyu.privacy import consent
from siyu.privacy.actor import Actor, Role, Scope
from siyu.privacy.refusal import Code, Forbidden, Refusal
from tests import actors
from tests.domain.imports.conftest import Bring, bring
from tests.domain.quality.people import WORKER, silent, stored

__all__ = ["bring"]  # a fixture


async def filled(admin: Actor) -> None:
    """Twelve from a shop, of whom five gave a city; three from elsewhere."""
    for n in range(12):
        await customers.create(admin, CustomerCreate(display_name=f"N{n}", source="shop", city="上海" if n < 5 else None))
    for n in range(3):
        await customers.create(admin, CustomerCreate(email=f"n{n}@example.com", source=f"friend{n}"))


def group(found: Measured, source: str | None, *, others: bool = False) -> Group:
    return next(each for each in found.by_source if (each.source, each.others) == (source, others))


async def test_completeness_by_source_with_few_people_together(house: House, admin: Actor) -> None:
    await filled(admin)
    found = await quality.report(admin)
    assert (found.total.customers, found.total.filled["city"], found.total.filled["email"], found.total.filled["phone"]) == (15, 5, 3, 0)
    # Three people of other sources are too few to be told apart, so the twelve go with them.
    assert [(each.source, each.others, each.customers) for each in found.by_source] == [(None, True, 15)]
    for n in range(9):
        await customers.create(admin, CustomerCreate(source=f"fair{n}"))
    found = await quality.report(admin)
    assert [(each.source, each.others, each.customers) for each in found.by_source] == [("shop", False, 12), (None, True, 12)]
    assert group(found, "shop").filled["city"] == 5


async def test_who_does_not_count(house: House, admin: Actor) -> None:
    await filled(admin)
    rows = await Customer.all().limit(3)
    await Customer.filter(id=rows[0].id).update(merged_into_id=rows[1].id)
    await Customer.filter(id=rows[1].id).update(anonymous=True)
    await consent.restrict(admin, rows[2].id, reason="DISPUTED")
    assert (await quality.report(admin)).total.customers == 12


async def test_stale_are_those_of_whom_nothing_changed_for_long(house: House, admin: Actor) -> None:
    await filled(admin)
    days = house.settings.stale_days
    old = [row.id for row in await Customer.all().limit(4)]
    await Customer.filter(id__in=old[:3]).update(updated_at=clock.now() - timedelta(days=days, minutes=1))
    await Customer.filter(id=old[3]).update(updated_at=clock.now() - timedelta(days=days - 1))
    found = await quality.report(admin)
    assert (found.total.stale, found.stale_days) == (3, days)


async def test_invalid_values_are_stored_ones_and_rejected_ones(house: House, admin: Actor, bring: Bring, tmp_path: Path) -> None:
    await stored(phone="12", source="shop")
    await stored(email="nobody@localhost", source="shop")
    await stored(email="ada@example.com", phone="+8613800001111", source="shop")
    await quality.inspect(WORKER, progress=silent)
    file = tmp_path / "people.csv"
    file.write_text("姓名,手机号,邮箱,来源\n甲,139,,shop\n乙,13900001111,b@@b,fair\n丙,138****1111,c@example.com,shop\n", encoding="utf-8")
    await bring(file)
    await bring(file, dry_run=True)
    total = (await quality.report(admin)).total
    assert (total.invalid, total.rejected) == ({"phone": 1, "email": 1}, {"phone": 2, "email": 1})
    cells = await imports.bad_cells(WORKER, since=clock.now() - timedelta(days=1))
    assert cells == {"phone": {"shop": 2}, "email": {"fair": 1}}
    # Whoever erases somebody has the sources forgotten too, which may be one person's own words; the numbers stay.
    await imports.purge(actors.worker(Scope.JOBS_RUN, Scope.CUSTOMERS_IMPORT), kept=timedelta(0))
    assert await imports.bad_cells(WORKER, since=clock.now() - timedelta(days=1)) == {"phone": {"*": 2}, "email": {"*": 1}}
    await Import.all().update(created_at=clock.now() - timedelta(days=91))
    assert (await quality.report(admin)).total.rejected == {}


async def test_to_a_partner_no_number_tells_of_few(house: House, admin: Actor) -> None:
    await filled(admin)
    found = await quality.report(actors.holder(Scope.DATA_QUALITY_READ))
    # Five have a city, ten have none; three have an email; twelve of fifteen have a name, which leaves three out.
    assert (found.total.customers, found.total.filled["city"], found.total.filled["email"]) == (15, 0, 0)
    assert found.total.filled["displayName"] == 15
    assert (await quality.report(admin)).total.filled["displayName"] == 12


async def test_to_a_partner_no_difference_tells_of_few(house: House, admin: Actor) -> None:
    for n in range(24):
        source, city = ("shop", "上海") if n < 12 else ("fair", "上海" if n == 12 else None)
        await customers.create(admin, CustomerCreate(display_name=f"N{n}", source=source, city=city))
    found = await quality.report(actors.holder(Scope.DATA_QUALITY_READ))
    # One of the fair's twelve gave a city: neither the fair nor the sum without the shop says so.
    assert [group(found, source).filled["city"] for source in ("shop", "fair")] == [12, 0]
    assert (found.total.customers, found.total.filled["city"]) == (24, 12)
    assert (await quality.report(admin)).total.filled["city"] == 13


async def test_the_report_needs_its_scope_and_a_purpose_that_reaches_everybody(house: House, admin: Actor) -> None:
    with pytest.raises(Forbidden):
        await quality.report(actors.staff(Role.MARKETER))
    with pytest.raises(Refusal) as refused:
        await quality.report(actors.holder(Scope.DATA_QUALITY_READ, purpose="marketing"))
    assert refused.value.code is Code.CONSENT_REQUIRED
    assert (await quality.report(actors.staff(Role.ANALYST))).total.customers == 0


async def test_where_measuring_takes_long_the_snapshot_is_shown(house: House, admin: Actor) -> None:
    await filled(admin)
    await quality.snapshot(WORKER)
    await customers.create(admin, CustomerCreate(display_name="late"))
    assert (await quality.report(admin)).total.customers == 16
    await QualitySnapshot.all().update(took_ms=reporting.QUICK_MS + 1)
    with database.counting() as count:
        found = await quality.report(admin)
    assert found.total.customers == 15
    assert len(count.statements) <= 2, "The snapshot, and at most the purpose."
    assert found == reporting._read(await QualitySnapshot.get())


async def test_measuring_takes_the_same_few_statements(house: House, admin: Actor) -> None:
    counts: list[int] = []
    for _ in range(2):
        await filled_more(admin, len(counts))
        await quality.report(admin)
        with database.counting() as count:
            await quality.report(admin)
        counts.append(len(count.statements))
    assert counts[0] == counts[1] <= 6


async def filled_more(admin: Actor, round_: int) -> None:
    for n in range(8):
        await customers.create(admin, CustomerCreate(source=f"s{round_}-{n}"))
