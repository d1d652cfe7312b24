"""A person is the customer and all who were merged into them: erased, exported and counted as one."""

from __future__ import annotations

from uuid import UUID

import pytest

from siyu.domain import customers, merges, requests
from siyu.domain.customers import CustomerCreate
from siyu.domain.kernel.boot import House
from siyu.domain.merges import CustomerMerge
from siyu.domain.requests import DataRequestApprove, DataRequestDownload, DataRequestKind, DataRequestOpen, Jurisdiction, erasing
from siyu.domain.requests.tables import DataRequest, DataRequestStep
from siyu.privacy import keyring
from siyu.privacy.actor import Actor, Role
from siyu.privacy.requests import erase
from tests import actors
from tests.domain.requests.conftest import WORKER
from tests.domain.requests.people import Person
from tests.domain.requests.test_exporting import claimed, read

OFFICER, SECOND = actors.staff(Role.COMPLIANCE_OFFICER), actors.staff(Role.COMPLIANCE_OFFICER)


@pytest.fixture
async def three(admin: Actor, ada: Person, eve: Person) -> list[UUID]:
    """Ada in Eve in a third one, who is named first."""
    third = await customers.create(admin, CustomerCreate(display_name="Third"))
    await merges.merge(admin, CustomerMerge(keep_id=eve.id, merge_id=ada.id))
    await merges.merge(admin, CustomerMerge(keep_id=third, merge_id=eve.id, take_from_merged=["phone"]))
    return [third, eve.id, ada.id]


async def asked(customer_id: UUID, kind: DataRequestKind) -> UUID:
    return await requests.open(OFFICER, DataRequestOpen(kind=kind, customer_id=customer_id, jurisdiction=Jurisdiction.CN))


async def test_an_erasure_takes_all_of_them(house: House, three: list[UUID], admin: Actor) -> None:
    bystander = await customers.create(admin, CustomerCreate(display_name="Bystander"))
    request_id = await asked(three[0], DataRequestKind.ERASURE)
    planned = {step.store: step.rows for step in await DataRequestStep.filter(request_id=request_id)}
    assert (planned["customers"], planned["keys"]) == (3, 3)
    await requests.approve(SECOND, DataRequestApprove(id=request_id))
    await requests.run(WORKER, request_id)
    assert await erase.left(*three) == {}
    assert sorted(await keyring.current().erased(three)) == sorted(three)
    assert await keyring.current().keys(three) == {}
    row = await DataRequest.get(id=request_id)
    assert (row.customer_id, row.people) == (None, None)
    assert await erase.left(bystander) != {}


async def test_an_erasure_that_broke_off_after_the_rows_shreds_every_key(house: House, three: list[UUID]) -> None:
    request_id = await asked(three[0], DataRequestKind.ERASURE)
    await requests.approve(SECOND, DataRequestApprove(id=request_id))
    await erasing._delete_rows(WORKER, await DataRequest.get(id=request_id))
    assert await erase.left(*three) == {}
    assert await keyring.current().erased(three) == []
    await requests.run(WORKER, request_id)
    assert sorted(await keyring.current().erased(three)) == sorted(three)


async def test_an_export_holds_all_of_them(house: House, three: list[UUID], ada: Person, eve: Person) -> None:
    request_id = await asked(three[0], DataRequestKind.EXPORT)
    await requests.run(WORKER, request_id)
    handed = await requests.download(OFFICER, DataRequestDownload(id=request_id))
    held = b"\n".join(read(await claimed(handed.url), handed.passphrase).values()).decode()
    # What a person has once only is in the rows that stayed behind; that is theirs as well.
    missing = [needle for each in (ada, eve) for needle in each.needles if needle not in held and f"'{needle}" not in held]
    assert missing == []
