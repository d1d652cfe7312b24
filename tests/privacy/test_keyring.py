from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from siyu.domain.kernel.statements import counting
from siyu.privacy import keyring, keystore
from siyu.privacy.cache import Lasting
from siyu.privacy.custodian import CustodyError, FileCustodian
from siyu.privacy.customerkey import place
from siyu.privacy.keyring import SYSTEM_KEYS, Erased, Keyring
from siyu.privacy.keystore import CustomerKeyRow
from tests.privacy.conftest import Home

Raw = Callable[..., Awaitable[list[dict[str, Any]]]]
AT = place("t", "c", "text")


async def test_a_key_is_made_once(ring: Keyring) -> None:
    ids = [uuid4() for _ in range(5)]
    made = await ring.create(ids)
    sealed = {subject: key.seal(AT, subject, b"plain") for subject, key in made.items()}
    for subject in ids:
        ring.forget(subject)
    again = await ring.create([*ids, uuid4()])
    texts = await ring.keys([str(subject) for subject in ids])
    assert len(again) == 6
    assert set(texts) == {str(subject) for subject in ids}, "under the ids as they were given"
    for subject in ids:
        assert again[subject].open(AT, subject, sealed[subject]) == b"plain" == texts[str(subject)].open(AT, subject, sealed[subject])
    assert await ring.keys([uuid4()]) == {}


async def test_a_batch_is_one_statement_and_a_cached_one_none(ring: Keyring) -> None:
    ids = [uuid4() for _ in range(1000)]
    await ring.create(ids)
    with counting() as cached:
        await ring.keys(ids)
    for subject in ids:
        ring.forget(subject)
    with counting() as read:
        assert len(await ring.keys(ids)) == 1000
    assert (len(cached), len(read)) == (0, 1)


async def test_two_processes_that_make_a_key_at_once_agree(ring: Keyring, home: Home) -> None:
    other = await Keyring.opened(home.custodian())
    subject = uuid4()
    one, two = await asyncio.gather(ring.create([subject]), other.create([subject]))
    assert two[subject].open(AT, subject, one[subject].seal(AT, subject, b"plain")) == b"plain"
    assert await CustomerKeyRow.all().count() == 1


async def test_a_shredded_key_is_gone_and_never_made_again(ring: Keyring, raw: Raw) -> None:
    subject, other = uuid4(), uuid4()
    await ring.create([subject, other])
    await ring.shred(subject)
    await ring.shred(str(subject))
    assert set(await ring.keys([subject, other])) == {other}
    assert await ring.erased() == [subject] == await ring.erased([subject, other])
    with pytest.raises(Erased):
        await ring.create([subject])
    with pytest.raises(Erased):
        await ring.create([uuid4(), subject])
    assert await raw("SELECT 1 FROM customer_keys", on="keystore") == [{next(iter((await raw("SELECT 1", on="keystore"))[0])): 1}]


async def test_a_key_that_a_backup_brought_back_stays_dead(ring: Keyring) -> None:
    subject = uuid4()
    await ring.create([subject])
    row = await CustomerKeyRow.get(customer_id=subject)
    await ring.shred(subject)
    await CustomerKeyRow.create(customer_id=subject, wrapped=row.wrapped, root_version=row.root_version)
    assert await ring.keys([subject]) == {}
    with pytest.raises(Erased):
        await ring.create([subject])


async def test_an_announcement_empties_the_cache_of_another_process(ring: Keyring, home: Home) -> None:
    other = await Keyring.opened(home.custodian())
    subject = uuid4()
    await ring.create([subject])
    await other.keys([subject])
    await ring.shred(subject)
    assert subject in await other.keys([subject]), "until it is told, or the seconds are over"
    other.forget(subject)
    assert await other.keys([subject]) == {}


async def test_a_slow_read_does_not_bring_a_shredded_key_back(ring: Keyring, monkeypatch: pytest.MonkeyPatch) -> None:
    subject = uuid4()
    await ring.create([subject])
    ring.forget(subject)
    read, shredded = asyncio.Event(), asyncio.Event()
    unwrap = ring.custodian.unwrap

    async def slow(wrapped: Any) -> list[bytes]:
        read.set()
        await shredded.wait()
        return await unwrap(wrapped)

    monkeypatch.setattr(ring.custodian, "unwrap", slow)
    reading = asyncio.create_task(ring.keys([subject]))
    await read.wait()
    await ring.shred(subject)
    shredded.set()
    assert await reading == {}
    assert await ring.keys([subject]) == {}


async def test_a_key_moved_to_another_person_is_refused(ring: Keyring) -> None:
    ada, eve = uuid4(), uuid4()
    await ring.create([ada, eve])
    row = await CustomerKeyRow.get(customer_id=ada)
    await CustomerKeyRow.filter(customer_id=eve).update(wrapped=row.wrapped)
    ring.forget(eve)
    with pytest.raises(CustodyError, match="somebody else"):
        await ring.keys([eve])


async def test_rotation_rewraps_all_and_breaks_nothing(ring: Keyring, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keystore, "_ROTATION_BATCH", 10)
    ids = [uuid4() for _ in range(25)]
    sealed = {subject: key.seal(AT, subject, b"plain") for subject, key in (await ring.create(ids)).items()}
    index = ring.index_key("t", "c").of(b"x")
    assert await ring.custodian.add_version() == "2"
    stopped = ring.rotate()
    steps = [await anext(stopped), await anext(stopped), await anext(stopped)]
    await stopped.aclose()  # as kill -9 would, in the middle
    assert [tuple(step) for step in steps] == [(0, 30), (5, 30), (15, 30)]
    shredded = (await CustomerKeyRow.filter(root_version="1").first()) or pytest.fail("nothing is left to rotate")
    await ring.shred(shredded.customer_id)
    assert [tuple(step) async for step in ring.rotate()] == [(0, 14), (10, 14), (14, 14)]
    assert [tuple(step) async for step in ring.rotate()] == [(0, 0)]
    assert await CustomerKeyRow.exclude(root_version="2").count() == 0
    assert await CustomerKeyRow.all().count() == 24
    fresh = await Keyring.opened(home.custodian())
    keys = await fresh.keys(ids)
    assert len(keys) == 24
    assert all(key.open(AT, cast_id(subject), sealed[cast_id(subject)]) == b"plain" for subject, key in keys.items())
    assert fresh.index_key("t", "c").of(b"x") == index
    assert all(fresh.system_key(name) == ring.system_key(name) for name in SYSTEM_KEYS)


def cast_id(subject: UUID | str) -> UUID:
    return subject if isinstance(subject, UUID) else UUID(subject)


async def test_another_root_key_opens_nothing(ring: Keyring, home: Home) -> None:
    with pytest.raises(CustodyError, match="another root key"):
        await Keyring.opened(FileCustodian(home.root_keys.with_name("other.keys"), create=True))


async def test_system_keys_differ_and_last(ring: Keyring, home: Home) -> None:
    keys = {ring.system_key(name) for name in SYSTEM_KEYS}
    assert len(keys) == len(SYSTEM_KEYS)
    assert {len(key) for key in keys} == {32}
    again = await Keyring.opened(home.custodian())
    assert {again.system_key(name) for name in SYSTEM_KEYS} == keys
    assert ring.index_key("customers", "phone").of(b"1") != ring.index_key("customers", "email").of(b"1")
    assert repr(ring) == "<Keyring>"
    assert keyring.current() is ring


def test_the_cache_is_bounded_in_number_and_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    cache: Lasting[int, str] = Lasting(3, 10.0)
    cache.keep({n: str(n) for n in range(3)}, since=cache.moment())
    assert cache.get(0) == "0"
    cache.keep({3: "3"}, since=cache.moment())
    assert cache.many([0, 1, 2, 3]) == ["0", None, "2", "3"], "the one that was used least recently went"
    now[0] += 9
    assert cache.get(0) == "0"
    now[0] += 2
    assert cache.get(0) is None, "using it does not make it last longer"
    cache.keep({7: "7"}, since=cache.moment())
    assert len(cache) == 1, "what is over is dropped, not only hidden"
