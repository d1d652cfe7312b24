"""What long work is handed to say how far it is."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Protocol


class Progress(Protocol):
    """Told how much is done, of how much; it may raise to stop the work there."""

    def __call__(self, done: int, total: int | None = None, message: str | None = None) -> Awaitable[None]: ...
