"""When something happened, whatever the sender's clock says. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from siyu.privacy.refusal import Refusal

#: Of a date without a time.
LENGTH_MIN: Final = len("2026-01-31")


def parsed(text: object, field: str) -> datetime | None:
    """A moment as the specification writes it, ISO 8601; without a zone it is UTC. Null and the empty text are None."""
    if text is None or text == "":
        return None
    if not isinstance(text, str) or len(text) < LENGTH_MIN:
        raise Refusal("Give a moment as ISO 8601, such as 2026-01-31T12:00:00.000Z.", path=(field,))
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is UTC:
            return found
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refusal("Give a moment as ISO 8601, such as 2026-01-31T12:00:00.000Z.", path=(field,)) from None


def skew(sent_at: datetime | None, received_at: datetime) -> timedelta:
    """How far the sender's clock is behind ours: to be added to its moments. Nothing where it didn't say when it sent."""
    return received_at - sent_at if sent_at is not None else timedelta(0)


def corrected(said: datetime | None, behind: timedelta, received_at: datetime) -> datetime:
    """`timestamp = receivedAt - (sentAt - originalTimestamp)`; when nothing was said, the moment of receipt."""
    if said is None:
        return received_at
    try:
        return said + behind
    except OverflowError:
        raise Refusal("This is no moment that anything happened at.", path=("timestamp",)) from None
