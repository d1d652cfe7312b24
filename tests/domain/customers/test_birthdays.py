"""Whose birthday is on which day, by an index that tells no day."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from siyu.domain import customers, merges, rules
from siyu.domain.customers import CustomerCreate, CustomerUpdate
from siyu.domain.customers.tables import Customer
from siyu.domain.kernel import boot, clock, database
from siyu.domain.kernel.boot import House
from siyu.domain.merges import CustomerMerge, CustomerUnmerge
from siyu.domain.rules import AnniversaryCondition, AnniversaryOf, Rule
from siyu.jobs.birthdays import fill_birthday_index
from siyu.jobs.queue import JobContext
from siyu.privacy.actor import Actor

SOON = Rule(anniversary=AnniversaryCondition(of=AnniversaryOf.BIRTHDAY, within_days=3))


async def born(actor: Actor, birthday: date | None) -> UUID:
    return await customers.create(actor, CustomerCreate(birthday=birthday))


async def found(actor: Actor) -> set[UUID]:
    return (await rules.matches(actor, {UUID(int=0): SOON}, [row.id for row in await Customer.all().only("id")]))[UUID(int=0)]


async def test_the_index_follows_the_birthday_and_is_filled_where_it_is_missing(house: House, admin: Actor) -> None:
    today = clock.today(boot.current().settings.timezone)
    near, far = (date(1980, *((today + timedelta(days=days)).timetuple()[1:3])) for days in (3, 40))
    ada, eve, bob = [await born(admin, day) for day in (near, far, None)]
    assert await found(admin) == {ada}
    await customers.update(admin, CustomerUpdate(id=bob, birthday=near))
    await customers.update(admin, CustomerUpdate(id=ada, birthday=None))
    assert await found(admin) == {bob}
    before = (await Customer.get(id=bob)).updated_at
    await database.run("update customers set birthday_index = null")
    assert await found(admin) == set()
    await fill_birthday_index(JobContext(id=UUID(int=1), attempt=1, house=house))
    assert await found(admin) == {bob}
    assert (await Customer.get(id=bob)).updated_at == before
    assert await customers.index_birthdays(admin) is None, "nothing is left to do"
    stored = [row.birthday_index for row in await Customer.filter(id__in=[bob, eve])]
    assert all(token is not None and len(token) == 32 for token in stored)
    assert len(set(stored)) == 2


async def test_it_goes_along_when_customers_are_merged_and_parted(house: House, admin: Actor) -> None:
    today = clock.today(boot.current().settings.timezone)
    near = date(1980, today.month, today.day)
    kept, merged = await born(admin, None), await born(admin, near)
    await merges.merge(admin, CustomerMerge(keep_id=kept, merge_id=merged))
    assert await found(admin) == {kept}
    await merges.unmerge(admin, CustomerUnmerge(merged_id=merged))
    assert await found(admin) == {merged}


async def test_a_merge_that_is_older_than_the_index_is_undone_whole(house: House, admin: Actor) -> None:
    today = clock.today(boot.current().settings.timezone)
    kept, merged = await born(admin, None), await born(admin, date(1980, today.month, today.day))
    there = await customers.mergeable(admin, [kept, merged])
    marks = await customers.unite(admin, there[kept], there[merged], ["birthday", "birth_month", "age_band"])
    assert await customers.index_birthdays(admin) == kept
    assert await found(admin) == {kept}
    assert set(await customers.part(admin, kept, merged, marks, [])) == {"birthday", "birthday_index", "birth_month", "age_band"}
    assert await found(admin) == {merged}
