"""Opening, agreeing, taking back; who may, and what did not happen."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from siyu.domain import requests, staff, tokens
from siyu.domain.customers import IdentityGiven, IdentityKind
from siyu.domain.kernel import clock
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.tables import Outbox
from siyu.domain.requests import (
    DataRequestApprove,
    DataRequestKind,
    DataRequestOpen,
    DataRequestState,
    DataRequestWithdraw,
    Jurisdiction,
)
from siyu.domain.requests.rules import HANDLED
from siyu.domain.requests.tables import DataRequest, DataRequestApproval, DataRequestEvent, DataRequestStep
from siyu.privacy.actor import Actor, Role, Scope
from siyu.privacy.refusal import Code, Forbidden, NotFound, Refusal
from tests import actors
from tests.domain.requests.conftest import Open
from tests.domain.requests.people import Person


def wish(person: Person | None = None, **given: object) -> DataRequestOpen:
    said = {"kind": DataRequestKind.EXPORT, "jurisdiction": Jurisdiction.EU, "customer_id": person.id if person else None, **given}
    return DataRequestOpen(**said)  # type: ignore[arg-type]  # each test says what fits


async def nothing_happened() -> None:
    assert await DataRequest.all().count() == await DataRequestEvent.all().count() == await DataRequestStep.all().count() == 0
    assert await Outbox.filter(job="run_data_request").count() == 0


async def test_an_export_is_scheduled_at_once(house: House, officer: Actor, ada: Person) -> None:
    request = await DataRequest.get(id=await requests.open(officer, wish(ada, channel=" letter ")))
    assert (request.state, request.channel, request.customer_id) == (DataRequestState.SCHEDULED, "letter", ada.id)
    assert request.number.startswith(f"DR-{clock.now().year}-")
    job = await Outbox.get(job="run_data_request")
    assert job.args == [str(request.work_id), str(request.id)], "a job carries ids, and none of the customer"


async def test_an_erasure_waits_for_a_second_person_with_its_plan(house: House, officer: Actor, ada: Person) -> None:
    request_id = await requests.open(officer, wish(ada, kind=DataRequestKind.ERASURE))
    request = await DataRequest.get(id=request_id)
    assert (request.state, request.work_id) == (DataRequestState.AWAITING_APPROVAL, None)
    plan = {step.store: (step.action.value, step.rows, step.done) for step in await DataRequestStep.filter(request_id=request_id)}
    assert plan["identities"] == ("DELETE", 5, False)
    assert plan["keys"] == ("SHRED_KEY", 1, False)
    assert plan["customers"] == ("DELETE", 1, False)
    assert await Outbox.filter(job="run_data_request").count() == 0


async def test_a_person_may_be_named_by_an_identity(house: House, officer: Actor, ada: Person) -> None:
    found = await requests.open(officer, wish(identity=IdentityGiven(kind=IdentityKind.PHONE, value=ada.phone)))
    assert (await DataRequest.get(id=found)).customer_id == ada.id


@pytest.mark.parametrize("kind", sorted(set(DataRequestKind) - HANDLED))
async def test_a_kind_that_is_not_handled_yet_is_refused_by_its_name(
    house: House, officer: Actor, ada: Person, kind: DataRequestKind
) -> None:
    with pytest.raises(Refusal) as refused:
        await requests.open(officer, wish(ada, kind=kind))
    assert refused.value.path == ("input", "kind")
    assert kind.value in refused.value.message
    await nothing_happened()


@pytest.mark.parametrize(
    ("given", "path", "code"),
    [
        ({}, ("input", "identity"), Code.INVALID),
        ({"customer_id": uuid4()}, ("input", "customer_id"), Code.NOT_FOUND),
        ({"identity": IdentityGiven(kind=IdentityKind.PHONE, value="+8613777777777")}, ("input", "identity"), Code.NOT_FOUND),
        ({"identity": IdentityGiven(kind=IdentityKind.PHONE, value="me")}, ("input", "identity", "value"), Code.INVALID),
        ({"customer_id": "ada", "received_at": timedelta(hours=1)}, ("input", "received_at"), Code.INVALID),
        ({"customer_id": "ada", "received_at": timedelta(days=-400)}, ("input", "received_at"), Code.INVALID),
        ({"customer_id": "ada", "channel": "x" * 41}, ("input", "channel"), Code.TOO_LONG),
        ({"customer_id": "ada", "channel": "call 13800001111"}, ("input", "channel"), Code.INVALID),
    ],
)
async def test_what_does_not_fit_is_refused_at_its_path(
    house: House, officer: Actor, ada: Person, given: dict[str, object], path: tuple[str, ...], code: Code
) -> None:
    if given.get("customer_id") == "ada":
        given = {**given, "customer_id": ada.id}
    if isinstance(ago := given.get("received_at"), timedelta):
        given = {**given, "received_at": clock.now() + ago}
    with pytest.raises(Refusal) as refused:
        await requests.open(officer, wish(None, **given))
    assert (refused.value.path, refused.value.code) == (path, code)
    await nothing_happened()


async def test_a_second_request_of_a_kind_is_refused_while_the_first_is_open(house: House, officer: Actor, ada: Person) -> None:
    first = await requests.open(officer, wish(ada))
    with pytest.raises(Refusal) as refused:
        await requests.open(officer, wish(ada))
    assert refused.value.code is Code.CONFLICT
    assert (await DataRequest.get(id=first)).number in refused.value.message
    await requests.open(officer, wish(ada, kind=DataRequestKind.ERASURE))
    await requests.withdraw(officer, DataRequestWithdraw(id=first))
    await requests.open(officer, wish(ada))
    assert await DataRequest.all().count() == 3


async def test_whoever_may_not_opens_nothing(house: House, ada: Person) -> None:
    for caller in (actors.staff(Role.SERVICE), actors.staff(Role.MARKETER), actors.holder(Scope.DATA_REQUESTS_READ, Scope.CUSTOMERS_READ)):
        with pytest.raises(Forbidden):
            await requests.open(caller, wish(ada))
    writer = actors.holder(Scope.DATA_REQUESTS_WRITE, Scope.CUSTOMERS_READ)
    with pytest.raises(Forbidden):
        await requests.open(writer, wish(identity=IdentityGiven(kind=IdentityKind.PHONE, value=ada.phone)))
    await nothing_happened()


async def test_nobody_approves_what_their_own_token_opened(house: House, ada: Person) -> None:
    for email in ("one@example.com", "two@example.com"):
        await staff.add(
            actors.worker(Scope.STAFF_WRITE), email=email, name="Officer", role=Role.ADMIN, password="correct horse battery staple"
        )
    maker = await staff.acting(actors.staff(), email="one@example.com")
    given = tokens.AccessTokenCreateInput(
        name="n", partner="p", scopes=(Scope.DATA_REQUESTS_WRITE,), purpose="service", expires_at=clock.now() + timedelta(days=1)
    )
    issued = await tokens.create(maker, given)
    program = replace(actors.holder(Scope.DATA_REQUESTS_WRITE), id=issued.id)
    request_id = await requests.open(program, wish(ada, kind=DataRequestKind.ERASURE))
    with pytest.raises(Refusal) as refused:
        await requests.approve(maker, DataRequestApprove(id=request_id))
    assert refused.value.code is Code.SECOND_PERSON_REQUIRED
    other = await staff.acting(actors.staff(), email="two@example.com")
    assert await requests.approve(other, DataRequestApprove(id=request_id)) == request_id


async def test_nobody_approves_what_they_opened(house: House, officer: Actor, second: Actor, ada: Person, opened: Open) -> None:
    request_id = await opened(ada, DataRequestKind.ERASURE)
    for caller in (officer, actors.holder(Scope.DATA_REQUESTS_WRITE)):
        with pytest.raises(Refusal) as refused:
            await requests.approve(caller, DataRequestApprove(id=request_id))
        assert refused.value.code is Code.SECOND_PERSON_REQUIRED
    with pytest.raises(Forbidden):
        await requests.approve(actors.staff(Role.SERVICE), DataRequestApprove(id=request_id))
    assert (await DataRequest.get(id=request_id)).state is DataRequestState.AWAITING_APPROVAL
    assert await DataRequestApproval.all().count() == await Outbox.filter(job="run_data_request").count() == 0


async def test_an_erasure_is_approved_once(house: House, second: Actor, ada: Person, approved: Open) -> None:
    request_id = await approved(ada)
    (approval,) = await DataRequestApproval.filter(request_id=request_id)
    assert (approval.by_id, approval.note) == (second.id, "seen the passport")
    with pytest.raises(Refusal) as again:
        await requests.approve(second, DataRequestApprove(id=request_id))
    assert again.value.code is Code.WRONG_STATE
    assert await DataRequestApproval.all().count() == await Outbox.filter(job="run_data_request").count() == 1


async def test_an_export_needs_no_approval(house: House, second: Actor, ada: Person, opened: Open) -> None:
    request_id = await opened(ada)
    with pytest.raises(Refusal) as refused:
        await requests.approve(second, DataRequestApprove(id=request_id))
    assert refused.value.code is Code.WRONG_STATE


async def test_a_note_has_its_length(house: House, second: Actor, ada: Person, opened: Open) -> None:
    request_id = await opened(ada, DataRequestKind.ERASURE)
    with pytest.raises(Refusal) as refused:
        await requests.approve(second, DataRequestApprove(id=request_id, note="x" * 501))
    assert (refused.value.code, refused.value.path) == (Code.TOO_LONG, ("input", "note"))
    assert await DataRequestApproval.all().count() == 0


async def test_a_request_is_taken_back_before_it_runs(house: House, officer: Actor, second: Actor, ada: Person, opened: Open) -> None:
    request_id = await opened(ada, DataRequestKind.ERASURE)
    await requests.withdraw(officer, DataRequestWithdraw(id=request_id, reason="changed their mind"))
    request = await DataRequest.get(id=request_id)
    assert (request.state, request.open_key) == (DataRequestState.WITHDRAWN, None)
    assert request.ended_at is not None
    for again in (
        requests.withdraw(officer, DataRequestWithdraw(id=request_id)),
        requests.approve(second, DataRequestApprove(id=request_id)),
    ):
        with pytest.raises(Refusal) as refused:
            await again
        assert refused.value.code is Code.WRONG_STATE


@pytest.mark.parametrize("change", [requests.approve, requests.withdraw, requests.download])
async def test_what_is_not_there_is_not_found(house: House, officer: Actor, change: object) -> None:
    with pytest.raises(NotFound):
        await change(officer, DataRequestApprove(id=uuid4()) if change is requests.approve else DataRequestWithdraw(id=uuid4()))  # type: ignore[operator]  # one of three
