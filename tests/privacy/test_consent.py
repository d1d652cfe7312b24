from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
import time_machine

from siyu.domain.kernel.statements import counting
from siyu.privacy import audit, consent
from siyu.privacy.actor import Actor, Role
from siyu.privacy.columns import Sealed
from siyu.privacy.consent import Grant, NotGranted, Reason
from siyu.privacy.keyring import Keyring
from siyu.privacy.refusal import Code, NotFound
from siyu.privacy.tables import AuditEvent, Consent, ConsentEvent, Purpose
from tests import actors
from tests.privacy.tables import Person

Raw = Callable[..., Awaitable[list[dict[str, Any]]]]
ADMIN, MARKETER, ANALYST, OFFICER = (actors.staff(role) for role in (Role.ADMIN, Role.MARKETER, Role.ANALYST, Role.COMPLIANCE_OFFICER))


class People:
    """One of each kind."""

    silent: Person
    consenting: Person
    withdrawn: Person
    objecting: Person
    restricted: Person
    erased: UUID

    @property
    def ids(self) -> list[UUID]:
        return [*(each.id for each in (self.silent, self.consenting, self.withdrawn, self.objecting, self.restricted)), self.erased]


@pytest.fixture
async def people(ring: Keyring) -> People:
    found = People()
    names = ("silent", "consenting", "withdrawn", "objecting", "restricted")
    for name in names:
        setattr(found, name, await Person.create(name=name))
    say = consent.record
    for person in (found.consenting, found.withdrawn, found.restricted):
        await say(OFFICER, person.id, "marketing", granted=True, channel="mini-program")
    await say(OFFICER, found.withdrawn.id, "marketing", granted=False, channel="mini-program")
    await say(OFFICER, found.objecting.id, "analytics", granted=False, channel="letter")
    await consent.restrict(OFFICER, found.restricted.id, reason="DISPUTED")
    found.erased = uuid4()
    await ring.create([found.erased])
    await ring.shred(found.erased)
    await audit.current().settle()
    return found


async def seen(actor: Actor, people: People) -> set[UUID | str]:
    return set((await consent.grant(actor, people.ids, fields=["name"])).subject_ids)


async def test_service_sees_all_but_the_restricted_and_the_erased(people: People) -> None:
    under = await consent.grant(ADMIN, people.ids, fields=["name"])
    assert under.subject_ids == set(people.ids) - {people.restricted.id, people.erased}
    assert under.refused == {people.restricted.id: Reason.RESTRICTED, people.erased: Reason.ERASED}


async def test_marketing_sees_who_consents_and_nobody_else(people: People) -> None:
    under = await consent.grant(MARKETER, people.ids, fields=["name"])
    assert under.subject_ids == {people.consenting.id}
    assert under.refused[people.silent.id] is Reason.CONSENT_REQUIRED
    assert under.refused[people.withdrawn.id] is Reason.CONSENT_REQUIRED
    assert under.refused[people.restricted.id] is Reason.RESTRICTED


async def test_analytics_sees_all_who_did_not_object(people: People) -> None:
    under = await consent.grant(ANALYST, people.ids, fields=["name"])
    assert under.subject_ids == {people.silent.id, people.consenting.id, people.withdrawn.id}
    assert under.refused[people.objecting.id] is Reason.OBJECTED


async def test_compliance_sees_all_who_are_there(people: People) -> None:
    assert await seen(OFFICER, people) == set(people.ids) - {people.erased}


@pytest.mark.parametrize("purpose", [None, "", "curiosity", "SERVICE"])
async def test_an_unknown_purpose_sees_nobody(people: People, purpose: str | None) -> None:
    under = await consent.grant(actors.holder(purpose=purpose), people.ids, fields=["name"])
    assert not under.subject_ids
    assert set(under.refused.values()) == {Reason.PURPOSE_UNKNOWN}
    with pytest.raises(NotGranted) as refused:
        consent.disclose(people.silent, people.silent.name, under)
    assert refused.value.code is Code.FORBIDDEN


async def test_an_archived_purpose_sees_nobody(people: People) -> None:
    await Purpose.filter(code="service").update(archived_at=datetime.now(UTC))
    assert await seen(ADMIN, people) == set()


async def test_a_withdrawal_stops_the_next_read(people: People) -> None:
    before = await consent.grant(MARKETER, [people.consenting.id], fields=["name"])
    assert consent.disclose(people.consenting, people.consenting.name, before) == "consenting"
    await consent.record(OFFICER, people.consenting.id, "marketing", granted=False, channel="phone")
    after = await consent.grant(MARKETER, [people.consenting.id], fields=["name"])
    with pytest.raises(NotGranted) as refused:
        consent.disclose(people.consenting, people.consenting.name, after)
    assert refused.value.code is Code.CONSENT_REQUIRED
    await consent.record(OFFICER, people.consenting.id, "marketing", granted=True, channel="phone")
    assert await seen(MARKETER, people) == {people.consenting.id}


async def test_a_restriction_stops_the_next_read_until_it_is_lifted(people: People) -> None:
    await consent.restrict(OFFICER, people.silent.id, reason="DISPUTED")
    await consent.restrict(OFFICER, people.silent.id, reason="DISPUTED")
    assert people.silent.id not in await seen(ADMIN, people)
    await consent.unrestrict(OFFICER, people.silent.id)
    assert people.silent.id in await seen(ADMIN, people)


async def test_a_new_version_of_the_notice_asks_again_and_forgets_no_withdrawal(people: People) -> None:
    await Purpose.filter(code__in=["marketing", "analytics"]).update(version=2)
    assert await seen(MARKETER, people) == set()
    assert people.objecting.id not in await seen(ANALYST, people)
    await consent.record(OFFICER, people.consenting.id, "marketing", granted=True, channel="mini-program")
    assert await seen(MARKETER, people) == {people.consenting.id}


async def test_consent_expires(people: People) -> None:
    await Purpose.filter(code="marketing").update(expires_after_days=30)
    await consent.record(OFFICER, people.silent.id, "marketing", granted=True, channel="shop")
    assert people.silent.id in await seen(MARKETER, people)
    with time_machine.travel(datetime.now(UTC) + timedelta(days=31)):
        assert await seen(MARKETER, people) == {people.consenting.id}, "the other one was given without an end"


async def test_what_was_said_is_kept_and_what_holds_is_one_row(people: People, raw: Raw) -> None:
    await consent.record(OFFICER, people.silent.id, "marketing", granted=True, channel="shop", evidence={"form": "blue", "page": 3})
    await consent.record(OFFICER, people.silent.id, "marketing", granted=False, channel="phone")
    events = await ConsentEvent.filter(customer_id=people.silent.id).order_by("occurred_at")
    assert [(event.state, event.channel, event.purpose_version) for event in events] == [("GRANTED", "shop", 1), ("WITHDRAWN", "phone", 1)]
    assert len(events[0].notice_hash) == 64
    under = await consent.grant(OFFICER, [people.silent.id], fields=["evidence"])
    assert consent.disclose(events[0], events[0].evidence, under) == {"form": "blue", "page": 3}
    assert [row.state for row in await Consent.filter(customer_id=people.silent.id)] == ["WITHDRAWN"]
    assert not [row for row in await raw("SELECT evidence FROM consent_events") if b"blue" in bytes(row["evidence"] or b"")]


async def test_nothing_is_recorded_about_an_unknown_purpose(people: People) -> None:
    with pytest.raises(NotFound):
        await consent.record(OFFICER, people.silent.id, "curiosity", granted=True, channel="shop")
    assert await ConsentEvent.filter(customer_id=people.silent.id).count() == 0


async def test_a_page_is_one_statement_and_one_audit_line(people: People, ring: Keyring) -> None:
    await Person.bulk_create([Person(name=f"N{n}") for n in range(200)])
    page = [person.id for person in await Person.all()]
    before = await AuditEvent.all().count()
    with counting() as cached:
        under = await consent.grant(ADMIN, page, fields=["phone", "name"])
    assert [sql.split(" FROM ")[1].split()[0] for sql in cached.sent] == ["purposes"]
    for subject in page:
        ring.forget(subject)
    with counting() as cold:
        await consent.grant(ADMIN, page, fields=["name"])
    assert [sql.split(" FROM ")[1].split()[0] for sql in cold.sent] == ["purposes", "customer_keys"]
    with counting() as clear:
        await consent.grant(ADMIN, page, fields=["city"], sealed=False)
    assert len(clear) == 1
    lines = await AuditEvent.all().order_by("sequence").offset(before)
    assert len(lines) == 3
    assert (lines[0].action, lines[0].fields_, lines[0].purpose) == ("personal.read", '["name","phone"]', "service")
    assert len(orjson.loads(lines[0].subjects)) == len(under.subject_ids)


async def test_what_nobody_may_see_is_not_said_to_be_seen(people: People) -> None:
    before = await AuditEvent.all().count()
    await consent.grant(MARKETER, [people.silent.id], fields=["name"])
    await consent.grant(ADMIN, [], fields=["name"])
    assert await AuditEvent.all().count() == before
    await consent.grant(MARKETER, people.ids, fields=["name"])
    (line,) = await AuditEvent.all().order_by("sequence").offset(before)
    assert orjson.loads(line.subjects) == [audit.current().pseudonym(people.consenting.id)]
    assert str(people.consenting.id) not in line.subjects


async def test_only_consent_makes_grants(people: People) -> None:
    with pytest.raises(TypeError, match=r"Only consent\.grant"):
        Grant(object(), frozenset(people.ids), {}, {})
    with pytest.raises(TypeError):
        Grant(None, frozenset(), {}, {})
    under = await consent.grant(ADMIN, people.ids, fields=["name"])
    for name in ("_subject_ids", "_keys"):
        assert not hasattr(under, "__dict__")
        assert hasattr(under, name)
    with pytest.raises(AttributeError):
        under.subject_ids = frozenset()  # type: ignore[misc]  # that is the point
    assert repr(under) == "<Grant>"


async def test_a_grant_opens_driver_rows_of_its_people_only(people: People, raw: Raw) -> None:
    (row,) = await raw(f"SELECT id, name, phone FROM test_people WHERE id = '{people.consenting.id}'")
    under = await consent.grant(MARKETER, [row["id"]], fields=["name"])
    opener = under.opener("test_people", "name", "text")
    assert opener(row["id"], row["id"], row["name"]) == "consenting"
    assert under.open("test_people", "name", row["id"], row["id"], "text", row["name"]) == "consenting"
    assert opener(row["id"], row["id"], row["phone"]) is None
    with pytest.raises(NotGranted):
        opener(people.silent.id, people.silent.id, _blob(people.silent.name))
    with pytest.raises(TypeError):
        consent.disclose(people.consenting, Person(name="x").name, under)


def _blob(value: Sealed | None) -> bytes:
    assert value is not None
    return value.blob


async def test_seeding_twice_changes_nothing(people: People) -> None:
    await Purpose.filter(code="marketing").update(title="Werbung", version=3)
    await consent.seed()
    assert await Purpose.all().count() == 4
    assert (await Purpose.get(code="marketing")).title == "Werbung"
