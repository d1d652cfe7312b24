"""Data requests as workers run them: rung for, killed and gone on with."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import UUID

import pytest
from arq.connections import ArqRedis

from siyu.domain import requests
from siyu.domain.kernel import boot
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.settings import Settings
from siyu.domain.requests import DataRequestApprove, DataRequestDownload, DataRequestKind, DataRequestOpen, DataRequestState, Jurisdiction
from siyu.domain.requests.tables import DataRequest, DataRequestEvent, DataRequestStep
from siyu.jobs import worker
from siyu.privacy import audit, keyring
from siyu.privacy.actor import Actor, Role, Scope
from siyu.privacy.requests import erase
from tests import actors
from tests.domain.requests import people
from tests.domain.requests.people import Person

#: Statements between two kills: an export begins each time anew, an erasure goes on.
_STEP = {DataRequestKind.ERASURE: 3, DataRequestKind.EXPORT: 5}


async def until(is_so: Callable[[], Awaitable[bool]], seconds: float = 20) -> None:
    """Wait until it is so, or fail."""
    async with asyncio.timeout(seconds):
        while not await is_so():
            await asyncio.sleep(0.02)


async def asked(officer: Actor, person: Person, kind: DataRequestKind) -> UUID:
    """A request that a worker may run."""
    request_id = await requests.open(officer, DataRequestOpen(kind=kind, customer_id=person.id, jurisdiction=Jurisdiction.CN))
    if kind is DataRequestKind.ERASURE:
        await requests.approve(actors.staff(Role.COMPLIANCE_OFFICER), DataRequestApprove(id=request_id))
    return request_id


async def test_a_worker_exports_and_erases(house: House, redis: ArqRedis, admin: Actor) -> None:
    officer = actors.staff(Role.COMPLIANCE_OFFICER)
    await people.define(admin)
    ada = await people.full(admin, 1)

    async with worker.working(house, redis):
        for kind in (DataRequestKind.EXPORT, DataRequestKind.ERASURE):
            request_id = await asked(officer, ada, kind)

            async def completed(request_id: UUID = request_id) -> bool:
                return await DataRequest.exists(id=request_id, state=DataRequestState.COMPLETED)

            await until(completed)
    assert await erase.left(ada.id) == {}


def _killed(settings: Settings, folder: Path, request_id: UUID, step: int) -> list[str]:
    """Run the request in processes that are killed, ever later; how each ended."""
    written = folder / "settings.json"
    written.write_text(settings.model_dump_json(exclude={"vault_token", "metrics_token"}))
    command = [sys.executable, "-m", "tests.jobs.killed", str(written), str(request_id), str(step)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, cwd=Path(__file__).parents[2])
    assert done.returncode == 0, done.stderr
    assert "Error" not in done.stderr, done.stderr
    return done.stdout.split()


async def _prepared(settings: Settings, kind: DataRequestKind) -> tuple[Person, Person, UUID]:
    async with boot.running(settings):
        admin, officer = actors.staff(), actors.staff(Role.COMPLIANCE_OFFICER)
        await people.define(admin)
        ada, eve = await people.full(admin, 1), await people.full(admin, 2)
        return ada, eve, await asked(officer, ada, kind)


@pytest.mark.parametrize("kind", [DataRequestKind.ERASURE, DataRequestKind.EXPORT])
async def test_killed_again_and_again_it_ends_complete_and_once(
    settings: Settings, clean: None, tmp_path: Path, kind: DataRequestKind
) -> None:
    ada, eve, request_id = await _prepared(settings, kind)
    *killed, first, again = await asyncio.to_thread(_killed, settings, tmp_path, request_id, _STEP[kind])
    assert len(killed) > 10
    assert {*killed} == {"killed"}
    assert (first, again) == ("ended", "ended")
    async with boot.running(settings):
        request = await DataRequest.get(id=request_id)
        assert request.state is DataRequestState.COMPLETED
        assert await DataRequestEvent.filter(request_id=request_id, state=DataRequestState.COMPLETED).count() == 1
        steps = {step.store: (step.rows, step.done) for step in await DataRequestStep.filter(request_id=request_id)}
        assert all(done for _, done in steps.values())
        assert (steps["identities"], steps["notes"]) == ((5, True), (1, True))
        assert await audit.verify() == []
        assert (await erase.left(eve.id))["identities"] == 5
        if kind is DataRequestKind.ERASURE:
            assert await erase.left(ada.id) == {}
            assert await keyring.current().erased([ada.id]) == [ada.id]
        else:
            await requests.purge(actors.worker(Scope.DATA_REQUESTS_RUN))
            archives = [path.name for path in (settings.data_dir / "exports").iterdir()]
            assert archives == [f"{request_id}.zip"]
            officer = actors.staff(Role.COMPLIANCE_OFFICER)
            assert (await requests.download(officer, DataRequestDownload(id=request_id))).passphrase
