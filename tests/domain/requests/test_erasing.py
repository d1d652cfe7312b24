"""Erasures: what goes, what stays, what can't be undone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import cast
from uuid import UUID

import pytest

from siyu.domain import customers, files, imports, notes, requests, work
from siyu.domain.customers import CustomerCreate, CustomerUpdate, IdentityGiven, IdentityKind
from siyu.domain.imports import ImportKind, Wish
from siyu.domain.kernel import announcements, boot, clock, outbox
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.operation import after_commit, operation
from siyu.domain.kernel.tables import Outbox
from siyu.domain.notes import NoteAdd
from siyu.domain.notes.tables import Note
from siyu.domain.requests import DataRequestDownload, DataRequestKind, DataRequestState, StepAction
from siyu.domain.requests.tables import DataRequest, DataRequestApproval, DataRequestEvent, DataRequestStep
from siyu.domain.work import WorkState
from siyu.domain.work.tables import Work
from siyu.privacy import audit, consent, keyring, keystore, vault
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.columns import Sealed
from siyu.privacy.customerkey import place
from siyu.privacy.keyring import Erased
from siyu.privacy.refusal import NotFound, Refusal
from siyu.privacy.requests import erase
from siyu.privacy.sealed import PersonalModel
from tests import actors
from tests.domain.requests import people
from tests.domain.requests.conftest import WORKER, Open
from tests.domain.requests.people import Person


async def test_an_erasure_leaves_nothing_of_one_and_all_of_the_others(house: House, admin: Actor, ada: Person, approved: Open) -> None:
    eve = await people.full(admin, 2)
    before = await erase.left(eve.id)
    request_id = await approved(ada)
    await requests.run(WORKER, request_id)
    assert await erase.left(ada.id) == {}
    assert await keyring.current().erased([ada.id]) == [ada.id]
    assert await erase.left(eve.id) == before
    assert await customers.find(admin, IdentityGiven(kind=IdentityKind.PHONE, value=ada.phone)) is None


async def test_the_request_stays_and_does_not_lead_back(house: House, ada: Person, opened: Open, approved: Open) -> None:
    export, request_id = await opened(ada), await approved(ada)
    pseudonym = audit.current().pseudonym(ada.id)
    await requests.run(WORKER, request_id)
    for row in await DataRequest.all():
        assert (row.customer_id, row.open_key, row.subject_pseudonym) == (None, None, pseudonym)
    assert (await DataRequest.get(id=request_id)).state is DataRequestState.COMPLETED
    assert (await DataRequest.get(id=export)).state is DataRequestState.WITHDRAWN, "there is nothing left to export"
    for table in (DataRequestApproval, DataRequestEvent):
        assert await table.filter(note__isnull=False).count() == 0
    states = [event.state.value for event in await DataRequestEvent.filter(request_id=request_id).order_by("created_at")]
    assert states == ["AWAITING_APPROVAL", "SCHEDULED", "RUNNING", "VERIFYING", "COMPLETED"]
    steps = {step.store: step for step in await DataRequestStep.filter(request_id=request_id)}
    assert all(step.done for step in steps.values())
    assert (steps["identities"].rows, steps["keys"].rows, steps["keys"].action) == (5, 1, StepAction.SHRED_KEY)
    assert await audit.verify() == []


async def test_an_old_ciphertext_does_not_open_any_more(house: House, admin: Actor, officer: Actor, ada: Person, approved: Open) -> None:
    note = await Note.get(customer_id=ada.id)
    sealed = cast(Sealed, note.body)
    under = await consent.grant(officer, [ada.id], fields=["body"])
    assert consent.disclose(note, sealed, under) == "=cmd(needles 0001)", "it opened before"
    await requests.run(WORKER, await approved(ada))
    assert await keyring.current().keys([ada.id]) == {}, "no key: not in the store, not in a cache"
    late = await consent.grant(officer, [ada.id], fields=["body"])
    with pytest.raises(consent.NotGranted):
        consent.disclose(note, sealed, late)
    again = await customers.create(admin, CustomerCreate(phone=ada.phone))
    key = (await keyring.current().keys([again]))[again]
    with pytest.raises(vault.Unreadable):
        key.open(place("notes", "body", "text"), note.id, sealed.blob)


async def test_the_same_number_makes_a_new_person_with_a_new_key(house: House, admin: Actor, ada: Person, approved: Open) -> None:
    await requests.run(WORKER, await approved(ada))
    again = await customers.create(admin, CustomerCreate(phone=ada.phone, display_name="Somebody new"))
    assert again != ada.id
    assert list(await keyring.current().keys([again])) == [again]


async def test_an_erased_person_is_written_never_again(house: House, admin: Actor, ada: Person, approved: Open) -> None:
    await requests.run(WORKER, await approved(ada))
    with pytest.raises(NotFound):
        await customers.update(admin, CustomerUpdate(id=ada.id, city="杭州"))
    with pytest.raises(NotFound):
        await notes.add(admin, NoteAdd(customer_id=ada.id, body="back again"))
    late: PersonalModel = Note(customer_id=ada.id, body="a late write, past every check")
    with pytest.raises(Erased):
        await late.save(force_create=True)
    assert await erase.left(ada.id) == {}


async def test_run_again_it_does_nothing(house: House, ada: Person, approved: Open) -> None:
    request_id = await approved(ada)
    await requests.run(WORKER, request_id)
    before = await DataRequest.get(id=request_id), await DataRequestEvent.all().count()
    await requests.run(WORKER, request_id)
    after = await DataRequest.get(id=request_id), await DataRequestEvent.all().count()
    assert (before[0].ended_at, before[1]) == (after[0].ended_at, after[1])


async def test_nothing_runs_before_it_was_approved(house: House, ada: Person, opened: Open) -> None:
    before = await erase.left(ada.id)
    await requests.run(WORKER, await opened(ada, DataRequestKind.ERASURE))
    assert await erase.left(ada.id) == before


async def test_every_process_is_told(house: House, ada: Person, approved: Open) -> None:
    told: list[tuple[str, ...]] = []
    announcements.listen(boot.FORGET, told.append)
    await requests.run(WORKER, await approved(ada))
    assert (str(ada.id),) in told


async def test_what_another_process_erased_is_forgotten_here(house: House, ada: Person) -> None:
    assert await keyring.current().keys([ada.id])
    await keystore.bury(ada.id.bytes)
    assert await keyring.current().keys([ada.id]), "the cache still has it"
    announcements.hear(announcements.Announcement(boot.FORGET, (str(ada.id),)))
    assert await keyring.current().keys([ada.id]) == {}


async def test_a_lost_bus_empties_the_cache(house: House, ada: Person) -> None:
    assert await keyring.current().keys([ada.id])
    await keystore.bury(ada.id.bytes)
    announcements.hear(announcements.Announcement(announcements.LOST, ()))
    assert await keyring.current().keys([ada.id]) == {}


@operation(writes=True)
async def _due(actor: Actor, *ids: str) -> None:
    after_commit("some_job", *ids)


async def test_jobs_that_name_the_person_go(house: House, ada: Person, approved: Open) -> None:
    await _due(actors.holder(), str(ada.id))
    await _due(actors.holder(), "somebody-else")
    await requests.run(WORKER, await approved(ada))
    assert [row.args for row in await Outbox.filter(job="some_job")] == [["somebody-else"]]


async def _uploaded(actor: Actor) -> files.Kept:
    async def content() -> AsyncIterator[bytes]:
        yield "手机号,姓名\n13900000001,欧阳\nnonsense,欧阳\n".encode()

    return await files.keep(actor, content(), filename="some.csv")


async def test_files_that_may_hold_the_person_go(
    house: House, admin: Actor, officer: Actor, ada: Person, opened: Open, approved: Open
) -> None:
    export = await opened(ada)
    await requests.run(WORKER, export)
    handed = await requests.download(officer, DataRequestDownload(id=export))
    await _uploaded(admin)
    done = await imports.start(admin, Wish(kind=ImportKind.CUSTOMERS, upload_id=(await _uploaded(admin)).id, mapping={}))
    await _import(done)
    assert await imports.rejected_link(admin, done) is not None
    await requests.run(WORKER, await approved(ada))
    folder = house.settings.data_dir
    assert [path.name for name in ("uploads", "imports", "exports") for path in (folder / name).iterdir()] == []
    assert await imports.errors(admin, done) == []
    with pytest.raises(NotFound):
        await files.claim(actors.worker(), handed.url.rsplit("/", 1)[1])


async def _import(import_id: UUID) -> None:
    runner = actors.worker(Scope.JOBS_RUN, Scope.CUSTOMERS_IMPORT, Scope.ORDERS_IMPORT)

    async def progress(done: int, total: int | None = None, message: str | None = None) -> None:
        return None

    await imports.run(runner, import_id, progress=progress)
    await Work.all().update(state=WorkState.SUCCEEDED)


async def test_an_erasure_waits_for_an_import_under_way(house: House, admin: Actor, ada: Person, approved: Open) -> None:
    await imports.start(admin, Wish(kind=ImportKind.CUSTOMERS, upload_id=(await _uploaded(admin)).id, mapping={}))
    request_id = await approved(ada)
    before = await erase.left(ada.id)
    await requests.run(WORKER, request_id)
    assert await erase.left(ada.id) == before
    request = await DataRequest.get(id=request_id)
    assert request.state is DataRequestState.SCHEDULED
    assert request.work_id is not None
    (later,) = [due for due in await outbox.waiting(late_by=-timedelta(hours=1)) if due.id == request.work_id]
    assert later.due_at > clock.now()
    assert later.args == (str(request.work_id), str(request_id))


async def test_a_request_whose_job_failed_for_good_is_marked_and_tried_again(house: House, ada: Person, approved: Open) -> None:
    request_id = await approved(ada)
    request = await DataRequest.get(id=request_id)
    assert await requests.tend(WORKER) == 0, "its work is waiting"
    await Work.filter(id=request.work_id).update(state=WorkState.FAILED)
    assert await requests.tend(WORKER) == 1
    failed = await DataRequest.get(id=request_id)
    assert failed.state is DataRequestState.FAILED
    assert failed.work_id != request.work_id
    found = await work.found(WORKER, [failed.work_id or request_id])
    assert [each.state for each in found.values()] == [WorkState.QUEUED]
    await requests.run(WORKER, request_id)
    assert (await DataRequest.get(id=request_id)).state is DataRequestState.COMPLETED


async def test_whoever_may_not_runs_nothing(house: House, admin: Actor, officer: Actor, ada: Person, approved: Open) -> None:
    request_id, before = await approved(ada), await erase.left(ada.id)
    for caller in (admin, officer):
        with pytest.raises(Refusal):
            await requests.run(caller, request_id)
        with pytest.raises(Refusal):
            await requests.tend(caller)
        with pytest.raises(Refusal):
            await requests.purge(caller)
    assert await erase.left(ada.id) == before
