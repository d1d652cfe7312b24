from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import orjson
import pytest
from tortoise.transactions import in_transaction

from siyu.domain.kernel.statements import total
from siyu.privacy import audit, clock, trail
from siyu.privacy.actor import Actor, Role
from siyu.privacy.keyring import Keyring
from siyu.privacy.tables import AuditEvent, AuditPending
from tests import actors
from tests.privacy.conftest import Home
from tests.privacy.tables import Person

Raw = Callable[..., Awaitable[list[dict[str, Any]]]]
ACTOR = actors.staff(Role.SERVICE)


@pytest.fixture
async def lines(ring: Keyring) -> None:
    for n in range(10):
        await audit.record(ACTOR, f"step.{n}", subjects=[uuid4()], fields=["phone"], detail={"n": n})


async def numbers() -> list[int]:
    return [line.sequence for line in await AuditEvent.all().order_by("sequence")]


async def test_a_line_says_who_what_whose_and_which_and_never_more(ring: Keyring) -> None:
    subject = uuid4()
    worker = Actor.worker("points", purpose="service", request="r-1")
    await audit.record(worker, "points.expired", subjects=[subject, str(subject)], fields=["b", "a"], detail={"points": 5})
    (line,) = await AuditEvent.all()
    pseudonym = audit.current().pseudonym(subject)
    assert (line.actor, line.action, line.purpose, line.request) == ("worker:points", "points.expired", "service", "r-1")
    assert (orjson.loads(line.subjects), line.fields_, line.detail) == ([pseudonym] * 2, '["a","b"]', '{"points":5}')
    assert len(pseudonym) == 32
    assert subject.hex not in pseudonym
    assert line.previous == bytes(32)
    assert await audit.verify() == []


async def test_a_whole_trail_has_no_problem(lines: None) -> None:
    assert await numbers() == list(range(1, 11))
    assert await audit.verify() == []


@pytest.mark.parametrize(
    ("tampering", "first"),
    [
        ("UPDATE audit_events SET actor = 'somebody else' WHERE sequence = 4", 4),
        ("UPDATE audit_events SET subjects = '[]' WHERE sequence = 4", 4),
        ("UPDATE audit_events SET purpose = NULL WHERE sequence = 10", 10),
        ("UPDATE audit_events SET detail = '{\"n\":7}' WHERE sequence = 4", 4),
        ("UPDATE audit_events SET at = (SELECT at FROM audit_events WHERE sequence = 1) WHERE sequence = 4", 4),
        ("UPDATE audit_events SET hash = previous WHERE sequence = 4", 4),
        ("DELETE FROM audit_events WHERE sequence = 4", 4),
        ("DELETE FROM audit_events WHERE sequence = 1", 1),
        ("DELETE FROM audit_events WHERE sequence = 10", 10),
        ("DELETE FROM audit_events WHERE sequence > 7", 8),
        ("DELETE FROM audit_events", 1),
        ("UPDATE audit_events SET sequence = 11 WHERE sequence = 4", 4),
        ("UPDATE audit_events SET sequence = CASE sequence WHEN 4 THEN -5 WHEN 5 THEN -4 END WHERE sequence IN (4, 5)", 4),
        (
            "INSERT INTO audit_events (sequence, at, actor, action, subjects, fields, request, previous, hash)"
            " SELECT 11, at, actor, action, subjects, fields, request, hash, hash FROM audit_events WHERE sequence = 10",
            11,
        ),
        ("UPDATE audit_heads SET sequence = 9", 11),
    ],
)
async def test_tampering_is_found(lines: None, raw: Raw, tampering: str, first: int) -> None:
    await raw(tampering)
    await raw("UPDATE audit_events SET sequence = -sequence WHERE sequence < 0")
    problems = await audit.verify()
    assert problems
    assert problems[0].sequence == first


async def test_two_lines_exchanged_are_found(lines: None, raw: Raw) -> None:
    await raw("UPDATE audit_events SET sequence = 100 WHERE sequence = 4")
    await raw("UPDATE audit_events SET sequence = 4 WHERE sequence = 5")
    await raw("UPDATE audit_events SET sequence = 5 WHERE sequence = 100")
    assert (await audit.verify())[0].sequence == 4


async def test_lines_that_wait_together_are_committed_together(ring: Keyring) -> None:
    before = total()
    await asyncio.gather(*(audit.record(ACTOR, f"step.{n}") for n in range(100)))
    sent = total() - before
    assert await numbers() == list(range(1, 101))
    assert await audit.verify() == []
    assert sent <= 15, f"{sent} statements for 100 lines that came at once"


async def test_whoever_is_cancelled_takes_nobody_along(ring: Keyring) -> None:
    tasks = [asyncio.create_task(audit.record(ACTOR, f"step.{n}")) for n in range(20)]
    await asyncio.sleep(0)
    tasks[0].cancel()
    tasks[7].cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert sum(isinstance(result, asyncio.CancelledError) for result in results) == 2
    assert {line.action for line in await AuditEvent.all()} >= {f"step.{n}" for n in range(20)} - {"step.0", "step.7"}
    assert await audit.verify() == []


async def test_a_line_of_a_transaction_is_committed_with_it(ring: Keyring) -> None:
    person = await Person.create(name="Ada")
    entered = asyncio.Event()

    async def meanwhile() -> None:
        await entered.wait()
        await audit.record(ACTOR, "other")

    outside = asyncio.create_task(meanwhile())
    async with in_transaction("default"):
        await Person.filter(id=person.id).update(city="Wuhan")
        await audit.record(ACTOR, "customer.moved", subjects=[person.id])
        entered.set()
        await asyncio.sleep(0.05)
    await outside
    assert await AuditPending.all().count() + await AuditEvent.all().count() == 2
    assert await audit.verify() == []
    assert {line.action for line in await AuditEvent.all()} == {"customer.moved", "other"}
    assert await AuditPending.all().count() == 0


async def test_a_line_of_a_rolled_back_transaction_is_gone_with_it(ring: Keyring) -> None:
    async def fail() -> None:
        async with in_transaction("default"):
            await audit.record(ACTOR, "customer.moved")
            raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        await fail()
    assert await audit.verify() == []
    assert await numbers() == []


async def test_a_line_of_a_transaction_is_chained_soon_by_itself(ring: Keyring, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trail, "_SWEEP_SECONDS", 0.01)
    async with in_transaction("default"):
        await audit.record(ACTOR, "customer.moved")
    for _ in range(100):
        if await numbers():
            break
        await asyncio.sleep(0.02)
    assert await numbers() == [1]


async def test_what_was_pending_when_a_process_died_is_chained_at_the_next_start(home: Home, raw: Raw) -> None:
    async with home.opened():
        line = audit.Line(clock.now(), "worker:x", "customer.moved", "[]", "[]", None, "", None)
        await AuditPending.create(line=line.spelled())
    async with home.opened():
        assert [line.action for line in await AuditEvent.all()] == ["customer.moved"]
        assert await audit.verify() == []


async def test_two_processes_write_one_chain(ring: Keyring) -> None:
    other = audit.Trail()
    mine = audit.current()
    line = audit.Line(clock.now(), "worker:x", "step", "[]", "[]", None, "", None)
    await asyncio.gather(*(each.add(line) for each in (mine, other) for _ in range(50)))
    assert await numbers() == list(range(1, 101))
    assert await audit.verify() == []


async def test_a_failure_is_told_to_all_who_wait_and_the_next_line_is_stored(ring: Keyring, raw: Raw) -> None:
    await raw("ALTER TABLE audit_heads RENAME TO elsewhere")
    results = await asyncio.gather(*(audit.record(ACTOR, "lost") for _ in range(3)), return_exceptions=True)
    assert all(isinstance(result, Exception) for result in results)
    await raw("ALTER TABLE elsewhere RENAME TO audit_heads")
    await audit.record(ACTOR, "stored")
    assert [line.action for line in await AuditEvent.all()] == ["stored"]
