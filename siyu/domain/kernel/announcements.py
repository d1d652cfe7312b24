"""Small announcements to every process: a key to forget, a token that was revoked. Topic and ids, never a value.

Listeners of this process hear at once; the publisher (installed by `jobs.bus`) carries it to the others.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

Listener = Callable[[tuple[str, ...]], None]


@dataclass(frozen=True, slots=True)
class Announcement:
    """What happened, to which ids."""

    topic: str
    ids: tuple[str, ...]


#: Carries announcements to other processes. It swallows and logs its own failures.
Publisher = Callable[[Sequence[Announcement]], Awaitable[None]]

_listeners: dict[str, list[Listener]] = {}
_publisher: Publisher | None = None


def listen(topic: str, listener: Listener) -> None:
    """Call `listener` with the ids of each announcement of `topic`, from this process or another. Registering twice is once."""
    known = _listeners.setdefault(topic, [])
    if listener not in known:
        known.append(listener)


def set_publisher(publisher: Publisher | None) -> None:
    """Install what reaches the other processes; None keeps announcements at home."""
    global _publisher  # noqa: PLW0603  # one bus a process
    _publisher = publisher


def hear(announcement: Announcement) -> None:
    """Tell this process's listeners."""
    for listener in _listeners.get(announcement.topic, ()):
        listener(announcement.ids)


async def publish(announcements: Sequence[Announcement]) -> None:
    """Tell everybody; never fails."""
    for each in announcements:
        hear(each)
    if announcements and _publisher is not None:
        await _publisher(announcements)
