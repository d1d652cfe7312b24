"""A cache that is bounded in number and in seconds, and that never gives back what was forgotten meanwhile."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Lasting(Generic[K, V]):
    """The least recently used entries go first; none stays longer than its seconds, however often it is used."""

    __slots__ = ("_capacity", "_cleared_at", "_entries", "_forgotten", "_sweep_at", "_ttl_seconds")

    def __init__(self, capacity: int, ttl_seconds: float) -> None:
        self._capacity = capacity
        self._ttl_seconds = ttl_seconds
        self._entries: OrderedDict[K, tuple[float, V]] = OrderedDict()
        self._sweep_at = 0.0
        self._cleared_at = 0.0
        #: When each key was forgotten, for as long as a slow load may still bring it.
        self._forgotten: dict[K, float] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: K) -> V | None:
        """The value while its seconds last."""
        return self.many((key,))[0]

    def many(self, keys: Iterable[K]) -> list[V | None]:
        """The values while their seconds last, in the order of the keys."""
        entries, now = self._entries, time.monotonic()
        found: list[V | None] = []
        for key in keys:
            entry = entries.get(key)
            if entry is None:
                found.append(None)
            elif entry[0] < now:
                del entries[key]
                found.append(None)
            else:
                entries.move_to_end(key)
                found.append(entry[1])
        return found

    def moment(self) -> float:
        """Now, to be handed to `keep` for what is loaded from here on."""
        return time.monotonic()

    def keep(self, values: Mapping[K, V], *, since: float) -> dict[K, V]:
        """Keep what was loaded since that moment, and give it back, without what was forgotten after it."""
        fresh = {key: value for key, value in values.items() if self._forgotten.get(key, -1.0) < since}
        if since < self._cleared_at:
            return fresh
        self._sweep()
        expires = since + self._ttl_seconds
        for key, value in fresh.items():
            self._entries[key] = (expires, value)
            self._entries.move_to_end(key)
        while len(self._entries) > self._capacity:
            self._entries.popitem(last=False)
        return fresh

    def _sweep(self) -> None:
        now = time.monotonic()
        if now < self._sweep_at:
            return
        self._sweep_at = now + self._ttl_seconds
        for key in [key for key, (expires, _) in self._entries.items() if expires < now]:
            del self._entries[key]

    def forget(self, key: K) -> None:
        """Drop it, also from a load that is under way."""
        now = time.monotonic()
        self._entries.pop(key, None)
        self._forgotten = {known: at for known, at in self._forgotten.items() if at > now - 600}
        self._forgotten[key] = now

    def clear(self) -> None:
        """Drop everything; what is being loaded just now is given back, but not kept."""
        self._entries.clear()
        self._cleared_at = time.monotonic()
