"""Making and changing customers."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

import pytest

from siyu.domain import customers
from siyu.domain.customers import (
    CustomerCreate,
    CustomerFilter,
    CustomerUpdate,
    CustomerUpsert,
    IdentityAdd,
    IdentityGiven,
    IdentityKind,
    IdentityRemove,
)
from siyu.domain.customers.tables import Customer, Identity
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.reading import Ask, Reader, Row
from siyu.privacy.actor import Actor
from siyu.privacy.refusal import Code, Forbidden, NotFound, Refusal, Refusals, Taken
from tests import actors


async def seen(actor: Actor, key: UUID, *names: str) -> Row:
    ask = Ask(customers.CUSTOMER)
    for name in names:
        ask.want(name)
    row = (await Reader(actor).by_ids(ask, [key]))[0]
    assert row is not None
    return row


async def test_a_customer_is_stored_sealed_and_read_back_in_the_normal_spelling(house: House, admin: Actor) -> None:
    made = await customers.create(
        admin,
        CustomerCreate(
            family_name="王", given_name="芳", phone="138 0000 1111", email=" Fang@Example.COM", birthday=date(1990, 2, 28), city="杭州"
        ),
    )
    row = await seen(admin, made, "display_name", "phone", "email", "birthday", "city", "birth_month")
    assert (row["display_name"], row["phone"], row["email"]) == ("王芳", "+8613800001111", "fang@example.com")
    assert (row["birthday"], row["city"], row["birth_month"]) == (date(1990, 2, 28), "杭州", 2)


@pytest.mark.parametrize("spelling", ["+86 138-0000-1111", "0086 13800001111", "１３８００００１１１１", "(+86)138 0000 1111"])
async def test_a_customer_is_found_by_a_number_spelled_in_another_way(house: House, admin: Actor, spelling: str) -> None:
    made = await customers.create(admin, CustomerCreate(phone="13800001111"))
    assert await customers.find(admin, IdentityGiven(kind=IdentityKind.PHONE, value=spelling)) == made
    page = await Reader(admin).page(Ask(customers.CUSTOMER), where=CustomerFilter(phone=spelling))
    assert [row["id"] for row in page.rows] == [made]


async def test_a_taken_number_is_refused_and_nothing_is_left_behind(house: House, admin: Actor) -> None:
    await customers.create(admin, CustomerCreate(phone="13800001111"))
    with pytest.raises(Taken) as refused:
        await customers.create(admin, CustomerCreate(display_name="Somebody", phone="+86 13800001111"))
    assert refused.value.path == ("input", "phone")
    assert await Customer.all().count() == 1
    assert await Identity.all().count() == 1


async def test_every_bad_field_is_named_at_once(house: House, admin: Actor) -> None:
    with pytest.raises(Refusals) as refused:
        await customers.create(
            admin, CustomerCreate(phone="12", email="nobody", birthday=date(2999, 1, 1), timezone="Mars", city="13800001111")
        )
    assert {each.path[1] for each in refused.value.each()} == {"phone", "email", "birthday", "timezone", "city"}
    assert await Customer.all().count() == 0


async def test_without_the_scope_nothing_is_made(house: House) -> None:
    with pytest.raises(Forbidden):
        await customers.create(actors.holder(), CustomerCreate(phone="13800001111"))
    assert await Customer.all().count() == 0


async def test_an_update_leaves_what_is_left_out_and_clears_what_is_null(house: House, admin: Actor) -> None:
    made = await customers.create(
        admin, CustomerCreate(display_name="Wang Fang", phone="13800001111", email="fang@example.com", city="杭州")
    )
    await customers.update(admin, CustomerUpdate(id=made, email=None, city="成都"))
    row = await seen(admin, made, "display_name", "phone", "email", "city")
    assert (row["display_name"], row["phone"], row["email"], row["city"]) == ("Wang Fang", "+8613800001111", None, "成都")
    assert await customers.find(admin, IdentityGiven(kind=IdentityKind.EMAIL, value="fang@example.com")) is None


async def test_a_changed_number_frees_the_old_one(house: House, admin: Actor) -> None:
    made = await customers.create(admin, CustomerCreate(phone="13800001111"))
    await customers.update(admin, CustomerUpdate(id=made, phone="13800002222"))
    other = await customers.create(admin, CustomerCreate(phone="13800001111"))
    assert other != made
    assert await Identity.all().count() == 2


async def test_an_update_of_nobody_is_refused(house: House, admin: Actor) -> None:
    with pytest.raises(NotFound) as refused:
        await customers.update(admin, CustomerUpdate(id=uuid4(), city="杭州"))
    assert refused.value.path == ("input", "id")


async def test_an_unknown_owner_is_refused(house: House, admin: Actor) -> None:
    with pytest.raises(NotFound) as refused:
        await customers.create(admin, CustomerCreate(owner_id=uuid4()))
    assert refused.value.path == ("input", "owner_id")
    assert await Customer.all().count() == 0


async def test_an_upsert_makes_once_and_changes_after(house: House, admin: Actor) -> None:
    wish = CustomerUpsert(match=IdentityGiven(kind=IdentityKind.MEMBER_NO, value="m 00001"), set=CustomerCreate(city="杭州"))
    first = await customers.upsert(admin, wish)
    again = await customers.upsert(admin, CustomerUpsert(match=wish.match, set=CustomerCreate(display_name="王芳")))
    assert first == again
    row = await seen(admin, first, "display_name", "city")
    assert (row["display_name"], row["city"]) == ("王芳", "杭州")
    assert await Customer.all().count() == 1


async def test_an_identity_is_added_once_and_is_one_persons_only(house: House, admin: Actor) -> None:
    one = await customers.create(admin, CustomerCreate())
    other = await customers.create(admin, CustomerCreate())
    openid = IdentityGiven(kind=IdentityKind.WECHAT_OPENID, value="oABC", app_id="wx1")
    await customers.identity_add(admin, IdentityAdd(customer_id=one, identity=openid))
    await customers.identity_add(admin, IdentityAdd(customer_id=one, identity=openid))
    assert await Identity.filter(customer_id=one).count() == 1
    with pytest.raises(Taken):
        await customers.identity_add(admin, IdentityAdd(customer_id=other, identity=openid))
    elsewhere = IdentityGiven(kind=IdentityKind.WECHAT_OPENID, value="oABC", app_id="wx2")
    await customers.identity_add(admin, IdentityAdd(customer_id=other, identity=elsewhere))
    assert await customers.find(admin, elsewhere) == other


@pytest.mark.parametrize(
    ("identity", "field"),
    [
        (IdentityGiven(kind=IdentityKind.WECHAT_OPENID, value="oABC"), "app_id"),
        (IdentityGiven(kind=IdentityKind.PHONE, value="13800001111", app_id="wx1"), "app_id"),
        (IdentityGiven(kind=IdentityKind.PHONE, value="call me"), "value"),
        (IdentityGiven(kind=IdentityKind.MEMBER_NO, value="  "), "value"),
        (IdentityGiven(kind=IdentityKind.ANONYMOUS_ID, value="x" * 300), "value"),
    ],
)
async def test_a_malformed_identity_is_refused_by_name(house: House, admin: Actor, identity: IdentityGiven, field: str) -> None:
    made = await customers.create(admin, CustomerCreate())
    with pytest.raises(Refusal) as refused:
        await customers.identity_add(admin, IdentityAdd(customer_id=made, identity=identity))
    assert refused.value.path == ("input", "identity", field)
    assert await Identity.all().count() == 0


async def test_an_identity_is_removed_but_not_the_profiles_own(house: House, admin: Actor) -> None:
    made = await customers.create(
        admin, CustomerCreate(phone="13800001111", identities=[IdentityGiven(kind=IdentityKind.MEMBER_NO, value="M1")])
    )
    own = await Identity.get(customer_id=made, kind=IdentityKind.PHONE)
    card = await Identity.get(customer_id=made, kind=IdentityKind.MEMBER_NO)
    with pytest.raises(Refusal) as refused:
        await customers.identity_remove(admin, IdentityRemove(customer_id=made, identity_id=own.id))
    assert refused.value.code is Code.IN_USE
    await customers.identity_remove(admin, IdentityRemove(customer_id=made, identity_id=card.id))
    with pytest.raises(NotFound):
        await customers.identity_remove(admin, IdentityRemove(customer_id=made, identity_id=card.id))
    assert await customers.find(admin, IdentityGiven(kind=IdentityKind.MEMBER_NO, value="M1")) is None
