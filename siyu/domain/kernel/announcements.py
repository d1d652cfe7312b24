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

#: Heard when the connection to the other processes was lost: what they announce meanwhile is missed, so empty your caches.
LOST = "lost"

_listeners: dict[str, list[Listener]] = {}
_publisher: Publisher | None = None
_connected = False


def listen(topic: str, listener: Listener) -> None:
    """Call `listener` with the ids of each announcement of `topic`, from this process or another. Registering twice is once."""
    known = _listeners.setdefault(topic, [])
    if listener not in known:
        known.append(listener)


def set_publisher(publisher: Publisher | None) -> None:
    """Install what reaches the other processes; None keeps announcements at home."""
    global _publisher  # noqa: PLW0603  # one bus a process
    _publisher = publisher


def set_connected(connected: bool) -> None:
    """Said by the bus as its connection comes and goes."""
    global _connected  # one bus a process
    lost, _connected = _connected and not connected, connected
    if lost:
        hear(Announcement(LOST, ()))


def is_connected() -> bool:
    """Whether other processes' announcements reach this one now. While they don't, a cache must not outlive a second."""
    return _connected


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
