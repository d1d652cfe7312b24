from __future__ import annotations

import asyncio
import time

from siyu.privacy import passwords


async def test_a_password_is_verified_and_not_kept() -> None:
    one, two = await asyncio.gather(passwords.hash("correct horse"), passwords.hash("correct horse"))
    assert one.startswith("$argon2id$")
    assert one != two
    assert "correct horse" not in one
    assert await passwords.verify(one, "correct horse")
    assert not await passwords.verify(one, "correct horsf")
    assert not await passwords.verify("rubbish", "correct horse")
    assert not passwords.outdated(one)
    assert passwords.outdated("$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$WkEVLlMdlJLdVw7gnUWvjg")


async def test_nobodys_password_takes_as_long_and_is_never_right() -> None:
    known = await passwords.hash("x")
    started = time.perf_counter()
    await passwords.verify(known, "y")
    middle = time.perf_counter()
    assert not await passwords.verify(None, "nobody's password")
    assert time.perf_counter() - middle > (middle - started) / 5


async def test_the_loop_is_free_meanwhile() -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0.001)

    ticking = asyncio.create_task(tick())
    await asyncio.gather(*(passwords.hash("x") for _ in range(3)))
    ticking.cancel()
    assert ticks > 10
