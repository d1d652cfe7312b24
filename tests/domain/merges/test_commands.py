"""Merging two customers, and parting them again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date
from uuid import UUID, uuid4

import pytest

from siyu.domain import customers, merges, notes, requests
from siyu.domain.customers import CustomerCreate, CustomerFilter, CustomerUpdate, IdentityAdd, IdentityGiven, IdentityKind
from siyu.domain.customers.tables import Customer, Identity
from siyu.domain.kernel import database, joining
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.reading import Ask, Reader
from siyu.domain.merges import CustomerMerge, CustomerUnmerge, Outcome
from siyu.domain.merges.tables import Merge, MergeMove
from siyu.domain.notes import NoteAdd
from siyu.domain.requests import DataRequestKind, DataRequestOpen, Jurisdiction
from siyu.privacy import audit, consent
from siyu.privacy.actor import Actor, Purpose, Scope
from siyu.privacy.refusal import Code, Forbidden, NotFound, Refusal, Refusals
from siyu.privacy.tables import AuditEvent, Consent
from tests import actors
from tests.domain.customers.test_commands import seen
from tests.domain.merges.pictures import differences, everything, picture, rows_of
from tests.domain.requests.people import Person


async def merge(actor: Actor, keep: Person, other: Person, *taken: str, dry_run: bool = False) -> Outcome:
    return await merges.merge(actor, CustomerMerge(keep_id=keep.id, merge_id=other.id, take_from_merged=list(taken), dry_run=dry_run))


async def unmerge(actor: Actor, other: Person) -> Outcome:
    return await merges.unmerge(actor, CustomerUnmerge(merged_id=other.id))


async def test_everything_of_the_other_is_the_kept_ones(house: House, admin: Actor, ada: Person, eve: Person) -> None:
    before = {**await picture(ada.id), **await picture(eve.id)}
    done = await merge(admin, ada, eve)
    assert done.customer_id == ada.id
    after = await picture(ada.id)
    moved = {name for name in before if name.split(":")[0] in ("identities", "notes", "orders", "consent_events")}
    assert len(moved) == 2 * (5 + 1 + 1 + 1)
    for name in moved:
        kept = {**before[name], "customer_id": str(ada.id), "profile": None}
        assert {**after[name], "customer_id": str(after[name]["customer_id"]), "profile": None} == kept
    left = await rows_of(eve.id)
    assert {table: left[table] for table in ("customers", "consents", "attribute_values")} == {
        "customers": 1, "consents": 1, "attribute_values": 3,
    }, "what a person has once only stays with the shell"  # fmt: skip
    assert set(left) <= {"customers", "consents", "attribute_values", "merges", "merge_moves", "duplicate_keys"}
    row = await seen(admin, ada.id, "phone", "display_name", "occupation")
    assert (row["phone"], row["display_name"], row["occupation"]) == (ada.phone, "梓萱0001 欧阳0001", "stargazer0001")
    assert await customers.find(admin, IdentityGiven(kind=IdentityKind.PHONE, value=eve.phone)) == ada.id
    own = await Identity.filter(customer_id=ada.id, profile=True).values_list("kind", flat=True)
    assert sorted(map(str, own)) == ["EMAIL", "EXTERNAL_ID", "PHONE"]


async def test_a_shell_is_in_no_list_and_shows_where_it_went(house: House, admin: Actor, ada: Person, eve: Person) -> None:
    await merge(admin, ada, eve)
    page = await Reader(admin).page(Ask(customers.CUSTOMER), counted=True)
    assert ([row["id"] for row in page.rows], page.total) == ([ada.id], 1)
    named = await Reader(admin).page(Ask(customers.CUSTOMER), where=CustomerFilter(name="梓萱0002 欧阳0002"), counted=True)
    assert ([row["id"] for row in named.rows], named.total) == ([], 0)
    assert (await seen(admin, eve.id, "merged_into_id"))["merged_into_id"] == ada.id


async def test_fields_are_filled_and_taken(house: House, admin: Actor, ada: Person, eve: Person) -> None:
    await customers.update(admin, CustomerUpdate(id=ada.id, birthday=None, occupation=None, email=None))
    done = await merge(admin, ada, eve, "phone", "address")
    shown = {each.field: each.customer_id for each in done.fields}
    taken = {"birthday", "occupation", "email", "phone", "address", "city"}
    assert {name for name, source in shown.items() if source == eve.id} == taken
    assert shown["displayName"] == ada.id
    row = await seen(admin, ada.id, "phone", "email", "birthday", "birth_month", "line1", "city", "occupation")
    assert (row["phone"], row["email"], row["birthday"], row["birth_month"]) == (eve.phone, "zixuan0002@example.com", date(1987, 3, 4), 3)
    assert (row["line1"], row["city"], row["occupation"]) == ("Needle Lane 0002", "Xanadu0002", "stargazer0002")
    assert await customers.find(admin, IdentityGiven(kind=IdentityKind.PHONE, value=ada.phone)) == ada.id
    assert await Identity.filter(customer_id=ada.id, profile=True).count() == 3


async def test_a_dry_run_says_what_the_merge_does_and_writes_nothing(house: House, admin: Actor, ada: Person, eve: Person) -> None:
    await customers.update(admin, CustomerUpdate(id=ada.id, birthday=None))
    before, all_before = [await picture(each.id) for each in (ada, eve)], await everything()
    dry = await merge(admin, ada, eve, "phone", dry_run=True)
    assert ([await picture(each.id) for each in (ada, eve)], await everything()) == (before, all_before)
    assert await Merge.all().count() == 0
    done = await merge(admin, ada, eve, "phone")
    assert (dry.fields, dry.moved, dry.blocking) == (done.fields, done.moved, ())
    assert (dry.customer_id, done.customer_id) == (None, ada.id)
    assert done.moved["identities"] == 5


async def test_merged_and_parted_both_are_what_they_were(house: House, admin: Actor, ada: Person, eve: Person) -> None:
    await customers.update(admin, CustomerUpdate(id=ada.id, birthday=None, occupation=None, email=None))
    before, all_before = [await picture(each.id) for each in (ada, eve)], await everything()
    done = await merge(admin, ada, eve, "phone", "displayName", "address")
    undone = await unmerge(admin, eve)
    assert [differences(was, await picture(each.id)) for was, each in zip(before, (ada, eve), strict=True)] == [[], []]
    assert {**await everything(), "merges": 0, "preferences": 0} == all_before
    assert undone.customer_id == eve.id
    assert {store: count for store, count in done.moved.items() if store != "consents"} == undone.moved
    assert {each.field for each in undone.fields} == {"birthday", "occupation", "email", "phone", "displayName", "address", "city"}
    row = await Merge.get(merged_id=eve.id)
    assert row.undone_at is not None
    assert row.snapshot is None
    assert await MergeMove.all().count() == 0


async def test_what_came_after_stays_with_the_kept_one(house: House, admin: Actor, ada: Person, eve: Person) -> None:
    await customers.update(admin, CustomerUpdate(id=ada.id, occupation=None, email=None))
    await merge(admin, ada, eve, "phone")
    later = await notes.add(admin, NoteAdd(customer_id=ada.id, body="after the merge"))
    await customers.update(admin, CustomerUpdate(id=ada.id, phone="13900009999", occupation="cook"))
    undone = await unmerge(admin, eve)
    assert f"notes:{later}" in await picture(ada.id)
    row = await seen(admin, ada.id, "phone", "occupation", "email")
    assert (row["phone"], row["occupation"], row["email"]) == ("+8613900009999", "cook", None)
    assert {each.field for each in undone.fields} == {"email"}
    assert await customers.find(admin, IdentityGiven(kind=IdentityKind.EMAIL, value="zixuan0002@example.com")) == eve.id


async def test_a_number_that_was_given_anew_stays(house: House, admin: Actor, ada: Person, eve: Person) -> None:
    await merge(admin, ada, eve)
    await customers.update(admin, CustomerUpdate(id=ada.id, phone=None))
    gone = await Identity.get(customer_id=ada.id, kind=IdentityKind.PHONE)
    await customers.identity_remove(admin, customers.IdentityRemove(customer_id=ada.id, identity_id=gone.id))
    third = await customers.create(admin, CustomerCreate(phone=eve.phone))
    await unmerge(admin, eve)
    assert (await seen(admin, eve.id, "phone"))["phone"] is None, "it is the third one's by now"
    assert await customers.find(admin, IdentityGiven(kind=IdentityKind.PHONE, value=eve.phone)) == third


async def test_a_chain_is_undone_from_its_end(house: House, admin: Actor, ada: Person, eve: Person) -> None:
    made = await customers.create(admin, CustomerCreate(display_name="Last", phone="13911112222"))
    last = Person(made, "+8613911112222", ())
    before = [await picture(each.id) for each in (ada, eve, last)]
    await merge(admin, eve, ada)
    await merge(admin, last, eve)
    assert await customers.find(admin, IdentityGiven(kind=IdentityKind.PHONE, value=ada.phone)) == last.id
    assert await customers.group(admin, eve.id) == sorted([ada.id, eve.id, last.id])
    refused = await unmerge(admin, ada)
    assert [each.code for each in refused.blocking] == [Code.WRONG_STATE]
    assert "undo that first" in refused.blocking[0].message
    await unmerge(admin, eve)
    await unmerge(admin, ada)
    assert [differences(was, await picture(each.id)) for was, each in zip(before, (ada, eve, last), strict=True)] == [[], [], []]


async def test_brothers_are_parted_in_any_order(house: House, admin: Actor, ada: Person, eve: Person) -> None:
    made = await customers.create(admin, CustomerCreate(display_name="Kept"))
    kept = Person(made, "", ())
    await consent.record(admin, eve.id, "marketing", granted=False, channel="shop")
    before = [await picture(each.id) for each in (ada, eve, kept)]
    await merge(admin, kept, ada)
    await merge(admin, kept, eve, "phone", "email")
    assert (await Consent.get(customer_id=kept.id, purpose="marketing")).state == "WITHDRAWN"
    await unmerge(admin, ada)
    assert differences(before[0], await picture(ada.id)) == []
    assert (await seen(admin, kept.id, "phone"))["phone"] == eve.phone
    await unmerge(admin, eve)
    assert [differences(was, await picture(each.id)) for was, each in zip(before, (ada, eve, kept), strict=True)] == [[], [], []]


BLOCKED = ("restricted", "request", "merged", "many")


@pytest.mark.parametrize("why", BLOCKED)
async def test_what_blocks_a_merge_is_said_and_nothing_is_done(house: House, admin: Actor, ada: Person, eve: Person, why: str) -> None:
    codes = {"restricted": Code.RESTRICTED, "many": Code.LIMIT_EXCEEDED}
    if why == "restricted":
        await consent.restrict(admin, eve.id, reason="DISPUTED")
    elif why == "request":
        wish = DataRequestOpen(kind=DataRequestKind.ERASURE, customer_id=eve.id, jurisdiction=Jurisdiction.CN)
        await requests.open(admin, wish)
    elif why == "merged":
        third = await customers.create(admin, CustomerCreate(display_name="Third"))
        await merges.merge(admin, CustomerMerge(keep_id=third, merge_id=eve.id))
    else:
        for number in range(45):
            given = IdentityGiven(kind=IdentityKind.ANONYMOUS_ID, value=f"v-{number}")
            await customers.identity_add(admin, IdentityAdd(customer_id=eve.id, identity=given))
    before = [await picture(each.id) for each in (ada, eve)]
    dry, real = await merge(admin, ada, eve, dry_run=True), await merge(admin, ada, eve)
    assert [each.code for each in real.blocking] == [each.code for each in dry.blocking] == [codes.get(why, Code.WRONG_STATE)]
    assert real.blocking[0].path == ("input", "merge_id")
    assert [await picture(each.id) for each in (ada, eve)] == before


async def test_bad_wishes_are_refused(house: House, admin: Actor, ada: Person, eve: Person) -> None:
    with pytest.raises(Refusals) as unknown:
        await merge(admin, ada, eve, "phone", "shoeSize", "id")
    assert [each.path for each in unknown.value.each()] == [("input", "take_from_merged", "1"), ("input", "take_from_merged", "2")]
    with pytest.raises(Refusal) as same:
        await merge(admin, ada, ada)
    assert same.value.path == ("input", "merge_id")
    with pytest.raises(NotFound) as nobody:
        await merge(admin, ada, Person(uuid4(), "", ()))
    assert nobody.value.path == ("input", "merge_id")
    with pytest.raises(Refusal) as apart:
        await unmerge(admin, eve)
    assert apart.value.code is Code.WRONG_STATE
    with pytest.raises(NotFound):
        await unmerge(admin, Person(uuid4(), "", ()))
    assert await Merge.all().count() == 0


async def test_whoever_may_not_merges_nobody(house: House, ada: Person, eve: Person) -> None:
    other = actors.holder(Scope.CUSTOMERS_READ, Scope.CUSTOMERS_WRITE)
    for dry_run in (False, True):
        with pytest.raises(Forbidden):
            await merge(other, ada, eve, dry_run=dry_run)
    with pytest.raises(Forbidden):
        await unmerge(other, eve)
    assert await Merge.all().count() == 0


async def test_two_at_once_merge_once(house: House, admin: Actor, ada: Person, eve: Person) -> None:
    done = await asyncio.gather(merge(admin, ada, eve), merge(admin, eve, ada), merge(admin, ada, eve))
    assert sorted(bool(each.blocking) for each in done) == [False, True, True]
    assert await Merge.all().count() == 1
    assert await Customer.filter(merged_into_id__isnull=True).count() == 1


async def test_a_shell_is_changed_by_nobody(house: House, admin: Actor, ada: Person, eve: Person) -> None:
    await merge(admin, ada, eve)
    card = IdentityGiven(kind=IdentityKind.MEMBER_NO, value="M1")
    wish = DataRequestOpen(kind=DataRequestKind.EXPORT, customer_id=eve.id, jurisdiction=Jurisdiction.CN)
    for change in (
        customers.update(admin, CustomerUpdate(id=eve.id, city="杭州")),
        customers.identity_add(admin, IdentityAdd(customer_id=eve.id, identity=card)),
        notes.add(admin, NoteAdd(customer_id=eve.id, body="hello")),
        requests.open(admin, wish),
    ):
        with pytest.raises(Refusal) as refused:
            await change
        assert refused.value.code is Code.WRONG_STATE
        assert "customerUnmerge" in refused.value.message


async def test_the_stricter_word_holds(house: House, admin: Actor, ada: Person, eve: Person) -> None:
    await consent.record(admin, eve.id, "marketing", granted=False, channel="shop")
    await consent.record(admin, eve.id, "analytics", granted=True, channel="shop")
    await merge(admin, ada, eve)
    held = {row.purpose: row.state for row in await Consent.filter(customer_id=ada.id)}
    assert held == {"marketing": "WITHDRAWN", "analytics": "GRANTED"}
    await consent.record(admin, ada.id, "analytics", granted=False, channel="shop")
    await unmerge(admin, eve)
    said = {(row.customer_id, row.purpose): row.state for row in await Consent.all()}
    assert said == {
        (ada.id, "marketing"): "GRANTED", (eve.id, "marketing"): "WITHDRAWN",
        (ada.id, "analytics"): "WITHDRAWN", (eve.id, "analytics"): "WITHDRAWN",
    }, "nobody knows which of the two withdrew"  # fmt: skip


async def test_a_restriction_since_the_merge_holds_for_both(house: House, admin: Actor, ada: Person, eve: Person) -> None:
    await consent.restrict(admin, ada.id, reason="DISPUTED")
    await merge(admin, ada, eve)
    await unmerge(admin, eve)
    officer = actors.staff(purpose=Purpose.SERVICE)
    assert (await consent.grant(officer, [ada.id, eve.id], fields=[])).subject_ids == {eve.id}
    await consent.unrestrict(admin, ada.id)
    await merge(admin, ada, eve)
    await consent.restrict(admin, ada.id, reason="DISPUTED")
    await unmerge(admin, eve)
    assert (await consent.grant(officer, [ada.id, eve.id], fields=[])).subject_ids == frozenset()


async def test_a_merge_leaves_a_line_and_no_value(house: House, admin: Actor, ada: Person, eve: Person) -> None:
    await merge(admin, ada, eve)
    await unmerge(admin, eve)
    await audit.current().settle()
    lines = await AuditEvent.filter(action__in=["customer.merged", "customer.unmerged"]).order_by("sequence")
    assert [line.action for line in lines] == ["customer.merged", "customer.unmerged"]
    for line in lines:
        assert all(audit.current().pseudonym(each.id) in line.subjects for each in (ada, eve))
        assert not any(needle in f"{line.fields_}{line.detail}" for each in (ada, eve) for needle in each.needles)


async def test_statements_do_not_grow_with_rows(house: House, admin: Actor) -> None:
    async def counted(number: int) -> int:
        one, other = [Person(await customers.create(admin, CustomerCreate(display_name=f"{number} {each}")), "", ()) for each in range(2)]
        for each in range(number):
            await notes.add(admin, NoteAdd(customer_id=other.id, body=f"note {each}"))
        with database.counting() as statements:
            await merge(admin, one, other)
        return len(statements)

    await counted(1)  # what the process learns with its first merge
    assert await counted(2) == await counted(20)


async def test_a_merge_that_breaks_off_leaves_nothing(house: House, admin: Actor, ada: Person, eve: Person) -> None:
    before, all_before = [await picture(each.id) for each in (ada, eve)], await everything()

    async def broken(_actor: Actor, _ids: Sequence[UUID]) -> None:
        raise ConnectionError

    joining.refreshes(broken)
    try:
        with pytest.raises(ConnectionError):
            await merge(admin, ada, eve, "phone")
    finally:
        joining._REFRESHES.remove(broken)
    assert [differences(was, await picture(each.id)) for was, each in zip(before, (ada, eve), strict=True)] == [[], []]
    assert await everything() == all_before


async def test_what_is_written_meanwhile_is_not_left_behind(house: House, admin: Actor, ada: Person, eve: Person) -> None:
    card = IdentityGiven(kind=IdentityKind.MEMBER_NO, value="M1")
    _, *done = await asyncio.gather(
        merge(admin, ada, eve),
        notes.add(admin, NoteAdd(customer_id=eve.id, body="meanwhile")),
        customers.identity_add(admin, IdentityAdd(customer_id=eve.id, identity=card)),
        return_exceptions=True,
    )
    assert all(not isinstance(each, BaseException) or isinstance(each, Refusal) for each in done)
    left = await rows_of(eve.id)
    assert not left.keys() & {"notes", "identities"}
