"""What a process knows by heart, until it hears otherwise."""

from __future__ import annotations

import pytest

from siyu.domain.kernel import announcements, believing
from siyu.domain.kernel.announcements import Announcement
from siyu.domain.kernel.believing import Belief
from siyu.domain.kernel.boot import House

pytestmark = pytest.mark.on("sqlite")


class _Written:
    """Something that is written down, and how often it was read."""

    def __init__(self) -> None:
        self.value, self.reads = 0, 0
        self.heard_while_read: Announcement | None = None

    async def read(self) -> int:
        self.reads += 1
        found = self.value
        if self.heard_while_read is not None:
            announcements.hear(self.heard_while_read)
        return found


async def test_it_is_read_once_and_again_when_it_is_announced(house: House) -> None:
    written = _Written()
    belief = Belief("test_believing", written.read)
    assert [await belief.now(), await belief.now(), written.reads] == [0, 0, 1]
    written.value = 1
    assert await belief.now() == 0
    announcements.hear(Announcement("test_believing", ()))
    assert [await belief.now(), await belief.now(), written.reads] == [1, 1, 2]
    announcements.hear(Announcement(announcements.LOST, ()))
    assert [await belief.now(), written.reads] == [1, 3]


async def test_what_was_read_before_an_announcement_is_not_kept_after_it(house: House) -> None:
    written = _Written()
    belief = Belief("test_believing_late", written.read)
    written.heard_while_read = Announcement("test_believing_late", ())
    assert await belief.now() == 0
    written.heard_while_read, written.value = None, 1
    assert await belief.now() == 1


async def test_it_is_believed_for_a_second_where_nobody_is_heard(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    written = _Written()
    belief = Belief("test_believing_alone", written.read)
    monkeypatch.setattr(believing, "BELIEF_SECONDS", -1.0)
    assert [await belief.now(), await belief.now(), written.reads] == [0, 0, 2]


async def test_what_is_true_for_good_is_never_asked_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    written = _Written()
    belief = Belief("test_believing_good", written.read, lasts=bool)
    monkeypatch.setattr(believing, "BELIEF_SECONDS", -1.0)
    assert [await belief.now(), await belief.now(), written.reads] == [0, 0, 2]
    written.value = 1
    assert await belief.now() == 1
    announcements.hear(Announcement("test_believing_good", ()))
    assert [await belief.now(), written.reads] == [1, 3]
