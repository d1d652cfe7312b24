"""Whose identities these are, and what becomes of those that nobody is known by."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from siyu.domain import customers
from siyu.domain.customers import CustomerCreate, CustomerFilter, CustomerUpdate, IdentityAdd, IdentityGiven, IdentityKind, Unknown
from siyu.domain.customers.tables import Customer, Identity
from siyu.domain.kernel import database
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.reading import Ask, Reader
from siyu.privacy.actor import Actor
from siyu.privacy.refusal import Code
from tests import actors
from tests.domain.customers.test_commands import seen

VISITOR = IdentityGiven(kind=IdentityKind.ANONYMOUS_ID, value="v-1")
PHONE = IdentityGiven(kind=IdentityKind.PHONE, value="138 0000 1111")
CARD = IdentityGiven(kind=IdentityKind.MEMBER_NO, value="m 0001")


async def test_unknown_ones_are_made_once_and_known_from_then_on(house: House, admin: Actor) -> None:
    nobody = actors.holder()
    spelled_else = IdentityGiven(kind=IdentityKind.PHONE, value="+86 13800001111")
    first = await customers.recognise(nobody, [VISITOR, PHONE, spelled_else], unknown=Unknown.CREATE, source="site")
    again = await customers.recognise(nobody, [PHONE, VISITOR], unknown=Unknown.REFUSE)
    assert [each.created for each in first] == [True, True, True]
    assert first[1].customer_id == first[2].customer_id != first[0].customer_id
    assert [each.customer_id for each in again] == [first[1].customer_id, first[0].customer_id]
    assert not any(each.created for each in again)
    assert await Customer.all().count() == 2
    assert first[1].customer_id is not None
    row = await seen(admin, first[1].customer_id, "phone", "source", "anonymous")
    assert (row["phone"], row["source"], row["anonymous"]) == ("+8613800001111", "site", False)
    page = await Reader(admin).page(Ask(customers.CUSTOMER), where=CustomerFilter(anonymous=True))
    assert [each["id"] for each in page.rows] == [first[0].customer_id]


async def test_what_is_refused_is_said_and_nothing_is_made(house: House) -> None:
    openid = IdentityGiven(kind=IdentityKind.WECHAT_OPENID, value="oABC")
    found = await customers.recognise(actors.holder(), [VISITOR, openid], unknown=Unknown.REFUSE)
    assert [each.customer_id for each in found] == [None, None]
    assert [(each.refusal.code, each.refusal.path) for each in found if each.refusal] == [(Code.NOT_FOUND, ()), (Code.BLANK, ("app_id",))]
    assert await Customer.all().count() == 0


async def test_a_bad_one_loses_none_of_the_others(house: House) -> None:
    bad = IdentityGiven(kind=IdentityKind.PHONE, value="call me")
    found = await customers.recognise(actors.holder(), [bad, VISITOR], unknown=Unknown.CREATE)
    assert found[0].refusal is not None
    assert found[0].refusal.path == ("value",)
    assert found[1].created
    assert await Customer.all().count() == 1


async def test_two_at_once_make_one_customer(house: House) -> None:
    given = [IdentityGiven(kind=IdentityKind.ANONYMOUS_ID, value=f"v-{number}") for number in range(20)]
    one, other = await asyncio.gather(
        customers.recognise(actors.holder(), given, unknown=Unknown.CREATE),
        customers.recognise(actors.holder(), given[::-1], unknown=Unknown.CREATE),
    )
    assert [each.customer_id for each in one] == [each.customer_id for each in other][::-1]
    assert sum(each.created for each in (*one, *other)) == 20
    assert await Customer.all().count() == await Identity.all().count() == 20


async def test_a_thousand_cost_the_same_statements_as_two(house: House) -> None:
    async def counted(number: int) -> tuple[int, int]:
        given = [IdentityGiven(kind=IdentityKind.ANONYMOUS_ID, value=f"{number}-{each}") for each in range(number)]
        with database.counting() as made:
            await customers.recognise(actors.holder(), given, unknown=Unknown.CREATE)
        with database.counting() as known:
            await customers.recognise(actors.holder(), given, unknown=Unknown.CREATE)
        return len(made), len(known)

    await counted(1)  # what the process learns with its first write
    few, many = await counted(2), await counted(500)
    assert few == many
    assert few[1] == 1


Naming = Callable[[Actor, Customer], Awaitable[object]]
NAMINGS: dict[str, Naming] = {
    "a phone in the profile": lambda actor, who: customers.update(actor, CustomerUpdate(id=who.id, phone="13800002222")),
    "a member's number": lambda actor, who: customers.identity_add(actor, IdentityAdd(customer_id=who.id, identity=CARD)),
}


@pytest.mark.parametrize("naming", NAMINGS)
async def test_a_visitor_is_anonymous_until_named(house: House, admin: Actor, naming: str) -> None:
    made = await customers.create(admin, CustomerCreate(identities=[VISITOR]))
    other = IdentityGiven(kind=IdentityKind.ANONYMOUS_ID, value="v-2")
    await customers.identity_add(admin, IdentityAdd(customer_id=made, identity=other))
    await customers.update(admin, CustomerUpdate(id=made, city="杭州"))
    assert (await Customer.get(id=made)).anonymous
    await NAMINGS[naming](admin, await Customer.get(id=made))
    assert not (await Customer.get(id=made)).anonymous


async def test_who_was_entered_by_hand_is_not_anonymous(house: House, admin: Actor) -> None:
    assert not (await Customer.get(id=await customers.create(admin, CustomerCreate(display_name="王芳")))).anonymous
    assert not (await Customer.get(id=await customers.create(admin, CustomerCreate(phone="13800001111", identities=[VISITOR])))).anonymous


async def test_an_upsert_by_an_anonymous_id_makes_a_visitor(house: House, admin: Actor) -> None:
    made = await customers.upsert(admin, customers.CustomerUpsert(match=VISITOR, set=CustomerCreate(city="杭州")))
    assert (await Customer.get(id=made)).anonymous
    named = await customers.upsert(admin, customers.CustomerUpsert(match=VISITOR, set=CustomerCreate(email="fang@example.com")))
    assert named == made
    assert not (await Customer.get(id=made)).anonymous
