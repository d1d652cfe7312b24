"""Identities that come together make one person, by rule."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siyu.domain import customers, merges
from siyu.domain.customers import CustomerCreate, CustomerUpdate, IdentityGiven, IdentityKind, Unknown
from siyu.domain.customers.tables import Customer, Identity
from siyu.domain.duplicates.tables import DuplicateCandidate
from siyu.domain.kernel import database, ids
from siyu.domain.kernel.boot import House
from siyu.domain.merges import rules
from siyu.domain.merges.rules import Holder, Named
from siyu.domain.merges.tables import Merge
from siyu.privacy import consent
from siyu.privacy.actor import Actor
from siyu.privacy.refusal import Refusals
from tests import actors
from tests.domain.customers.test_commands import seen

SOMEBODY = actors.holder()
VISITOR = IdentityGiven(kind=IdentityKind.ANONYMOUS_ID, value="v-1")
PHONE = IdentityGiven(kind=IdentityKind.PHONE, value="13800001111")
EMAIL = IdentityGiven(kind=IdentityKind.EMAIL, value="fang@example.com")
KEY = IdentityGiven(kind=IdentityKind.EXTERNAL_ID, value="crm-1")
UNION = IdentityGiven(kind=IdentityKind.WECHAT_UNIONID, value="u-1")
OPENID = IdentityGiven(kind=IdentityKind.WECHAT_OPENID, value="o-1", app_id="wx1")


async def made(*identities: IdentityGiven) -> list[UUID]:
    found = await customers.recognise(SOMEBODY, identities, unknown=Unknown.CREATE)
    return [each.customer_id for each in found if each.customer_id]


async def test_nobody_known_is_made_with_all_of_them(house: House, admin: Actor) -> None:
    who = await merges.join(SOMEBODY, [VISITOR, KEY, PHONE], source="site")
    assert await merges.join(SOMEBODY, [PHONE, VISITOR]) == who, "the same again"
    assert await Identity.filter(customer_id=who).count() == 3
    row = await seen(admin, who, "phone", "external_id", "source", "anonymous")
    assert (row["phone"], row["external_id"], row["source"], row["anonymous"]) == ("+8613800001111", "crm-1", "site", False)


async def test_a_visitor_who_says_their_name_is_one_customer(house: House) -> None:
    [visitor] = await made(VISITOR)
    assert await merges.join(SOMEBODY, [VISITOR, EMAIL]) == visitor
    assert not (await Customer.get(id=visitor)).anonymous
    assert await Customer.all().count() == 1


async def test_a_visitor_goes_into_whom_they_turn_out_to_be(house: House) -> None:
    visitor, known = await made(VISITOR, KEY)
    assert await merges.join(SOMEBODY, [VISITOR, KEY]) == known
    assert (await Customer.get(id=visitor)).merged_into_id == known
    assert await made(VISITOR) == [known]
    assert not (await Customer.get(id=known)).anonymous
    assert await Merge.all().count() == 1


async def test_a_union_id_joins_two_known_ones(house: House) -> None:
    of_app, of_union = await made(OPENID, UNION)
    assert await merges.join(SOMEBODY, [OPENID, UNION]) == of_union
    assert (await Customer.get(id=of_app)).merged_into_id == of_union
    assert await DuplicateCandidate.all().count() == 0


async def test_without_a_rule_two_known_ones_are_suspected_once(house: House) -> None:
    by_phone, by_key = await made(PHONE, KEY)
    assert await merges.join(SOMEBODY, [PHONE, KEY]) == by_key
    assert await merges.join(SOMEBODY, [KEY, PHONE]) == by_key
    assert await Merge.all().count() == 0
    [pair] = await DuplicateCandidate.all()
    assert {pair.left_id, pair.right_id} == {by_phone, by_key}


async def test_who_may_not_be_merged_is_suspected(house: House, admin: Actor) -> None:
    of_app, _ = await made(OPENID, UNION)
    await consent.restrict(admin, of_app, reason="DISPUTED")
    await merges.join(SOMEBODY, [OPENID, UNION])
    assert await Merge.all().count() == 0
    assert await DuplicateCandidate.all().count() == 1


async def test_a_bad_one_is_named_and_nothing_is_done(house: House) -> None:
    with pytest.raises(Refusals) as refused:
        await merges.join(SOMEBODY, [VISITOR, IdentityGiven(kind=IdentityKind.PHONE, value="call me")])
    assert refused.value.path == ("1", "value")
    assert await Customer.all().count() == 0


async def test_several_visitors_at_once_end_as_one(house: House) -> None:
    visitors = [IdentityGiven(kind=IdentityKind.ANONYMOUS_ID, value=f"v-{number}") for number in range(6)]
    await made(*visitors)
    found = await asyncio.gather(*(merges.join(SOMEBODY, [each, KEY]) for each in visitors))
    assert len(set(found)) == 1
    assert await Customer.filter(merged_into_id=None).count() == 1
    assert await Identity.filter(customer_id=found[0]).count() == 7


async def test_a_profile_is_filled_and_not_replaced(house: House, admin: Actor) -> None:
    who = await customers.create(admin, CustomerCreate(phone="13900000000", external_id="crm-1"))
    await merges.join(SOMEBODY, [KEY, PHONE, EMAIL])
    row = await seen(admin, who, "phone", "email")
    assert (row["phone"], row["email"]) == ("+8613900000000", "fang@example.com")
    await customers.update(admin, CustomerUpdate(id=who, email=None))
    assert await customers.find(admin, EMAIL) is None, "it was the profile's own"


async def test_who_is_known_by_all_of_them_costs_little(house: House) -> None:
    await merges.join(SOMEBODY, [KEY, PHONE, VISITOR])
    with database.counting() as statements:
        await merges.join(SOMEBODY, [KEY, PHONE, VISITOR])
    assert len(statements) <= 4


_KINDS = st.sampled_from([*IdentityKind])


@given(st.lists(st.tuples(_KINDS, st.integers(0, 3)), min_size=2, max_size=8), st.sets(_KINDS))
@settings(max_examples=60, deadline=None)
def test_the_chief_does_not_depend_on_the_order(drawn: list[tuple[IdentityKind, int]], by: set[IdentityKind]) -> None:
    people = [ids.uuid7() for _ in range(4)]
    named = [Named(kind, "", people[number]) for kind, number in drawn]
    held = {each.holder: frozenset((one.kind, "") for one in named if one.holder == each.holder) for each in named}
    holders = [Holder(key, all(kind is IdentityKind.ANONYMOUS_ID for kind, _ in kinds), kinds) for key, kinds in held.items() if key]
    first = rules.chief(named, holders)
    assert rules.chief(named[::-1], holders[::-1]) == first
    assert not first.anonymous or all(each.anonymous for each in holders)
    for other in holders:
        if other != first and not other.anonymous and rules.one_person(named, first, other, by):
            assert by & {each.kind for each in named}
            assert not {(IdentityKind.EXTERNAL_ID, "")} <= first.kinds & other.kinds
