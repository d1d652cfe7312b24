"""Runs data requests in processes that are killed before their n-th statement, and once more to the end.

`python -m tests.jobs.killed SETTINGS.json REQUEST_ID STEP`: process after process, each killed (SIGKILL) STEP statements later than the
one before, until one comes to its end; then a last one, that nobody kills. It prints `killed`, `ended` or `failed` for each.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from pathlib import Path
from uuid import UUID

from siyu.domain import requests
from siyu.domain.kernel import boot, statements
from siyu.domain.kernel.settings import Settings
from siyu.privacy.actor import Actor, Purpose, Scope
from tests import finished

WORKER = Actor.worker("data-requests", Scope.DATA_REQUESTS_RUN, Scope.JOBS_RUN, Scope.CUSTOMERS_IMPORT, purpose=Purpose.COMPLIANCE)


def arm(before: int) -> None:
    """Have this process killed before that statement."""
    known, sent = statements.note, 0

    def note(sql: str) -> None:
        nonlocal sent
        sent += 1
        if sent == before:
            os.kill(os.getpid(), signal.SIGKILL)
        known(sql)

    statements.note = note


async def run(settings: Settings, request_id: UUID, before: int) -> None:
    """Open the house as a worker does, and run the request."""
    async with boot.running(settings):
        if before:
            arm(before)
        await requests.run(WORKER, request_id)


async def opened(settings: Settings) -> None:
    """What opening the house takes the first time is done here once, and not in each process again."""
    async with boot.running(settings):
        pass


def attempt(settings: Settings, request_id: UUID, before: int) -> str:
    """One process; how it ended."""
    child = os.fork()
    if child == 0:
        asyncio.run(run(settings, request_id, before))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    how = "killed" if os.WIFSIGNALED(status) else "ended" if status == 0 else "failed"
    sys.stdout.write(f"{how}\n")
    sys.stdout.flush()
    return how


def main() -> None:
    settings = Settings.model_validate_json(Path(sys.argv[1]).read_text())
    request_id, step = UUID(sys.argv[2]), int(sys.argv[3])
    finished.install()
    asyncio.run(opened(settings))
    gc.freeze()
    before = 1
    while attempt(settings, request_id, before) == "killed":
        before += step
    attempt(settings, request_id, 0)


if __name__ == "__main__":
    main()
