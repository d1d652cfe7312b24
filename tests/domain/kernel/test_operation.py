"""Operations: scope, transaction, outbox after the commit."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from siyu.domain.kernel import announcements, database, outbox
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.operation import OPERATIONS, after_commit, announce, operation
from siyu.domain.kernel.outbox import Due
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Forbidden, Refusal
from tests import actors


@operation(Scope.CUSTOMERS_WRITE, writes=True)
async def write(actor: Actor, name: str, *, refuse: bool = False) -> str:
    after_commit("sleep", name)
    announce("slept", name)
    if refuse:
        raise Refusal("No.")
    return name


@operation(writes=True)
async def write_twice(actor: Actor) -> None:
    await write(actor, "one")
    await write(actor, "two")
    raise Refusal("Both are forgotten.")


@pytest.fixture
def rung() -> list[Due]:
    return []


@pytest.fixture(autouse=True)
def _doorbell(rung: list[Due]) -> object:
    async def ring(jobs: Sequence[Due]) -> None:
        rung.extend(jobs)

    outbox.set_doorbell(ring)
    yield
    outbox.set_doorbell(None)


WRITER = actors.holder(Scope.CUSTOMERS_WRITE)


async def test_a_caller_without_the_scope_changes_nothing(house: House, rung: list[Due]) -> None:
    with pytest.raises(Forbidden, match="customers:write"):
        await write(actors.holder(Scope.CUSTOMERS_READ), "x")
    assert rung == []
    assert await outbox.waiting() == []


async def test_what_is_due_is_written_and_rung_for_after_the_commit(house: House, rung: list[Due]) -> None:
    heard: list[tuple[str, ...]] = []
    announcements.listen("slept", heard.append)
    assert await write(WRITER, "a") == "a"
    assert [(each.job, each.args) for each in rung] == [("sleep", ("a",))]
    assert [each.id for each in await outbox.waiting()] == [rung[0].id]
    assert heard == [("a",)]


async def test_a_refusal_forgets_the_job(house: House, rung: list[Due]) -> None:
    with pytest.raises(Refusal):
        await write(WRITER, "a", refuse=True)
    assert rung == []
    assert await outbox.waiting() == []


async def test_an_operation_inside_another_joins_its_transaction(house: House, rung: list[Due]) -> None:
    with pytest.raises(Refusal):
        await write_twice(WRITER)
    assert rung == []
    assert await outbox.waiting() == []


async def test_afterwards_outside_an_operation_is_our_mistake(house: House) -> None:
    with pytest.raises(AssertionError, match="operation that writes"):
        after_commit("sleep")


async def test_an_operation_without_writes_opens_no_transaction(house: House) -> None:
    @operation()
    async def look(actor: Actor) -> bool:
        return database.within()

    assert await look(WRITER) is False
    assert OPERATIONS[f"{__name__}.write"] is write
