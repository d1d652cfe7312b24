"""Deadlines, numbers and the moves of a request. Pure."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from siyu.domain.requests.tables import DataRequestKind, DataRequestState, Jurisdiction
from siyu.privacy.refusal import Code, Refusal

State = DataRequestState

#: What this version can handle; others are refused by their name.
HANDLED: Final = frozenset({DataRequestKind.EXPORT, DataRequestKind.ERASURE})
#: States that a request doesn't leave.
ENDED: Final = frozenset({State.COMPLETED, State.PARTLY_COMPLETED, State.DENIED, State.WITHDRAWN})
#: States in which a worker has to do with it.
WORKING: Final = frozenset({State.SCHEDULED, State.RUNNING, State.VERIFYING, State.FAILED})
#: States from which whoever asked can still go back.
WITHDRAWABLE: Final = frozenset({State.AWAITING_APPROVAL, State.SCHEDULED})

#: How long before today a request may have reached the organisation.
RECEIVED_DAYS_MAX: Final = 366
NOTE_LENGTH_MAX: Final = 500
#: Digits and letters that nobody takes for each other.
NUMBER_LETTERS: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

_MOVES: Final[dict[State, frozenset[State]]] = {
    State.AWAITING_APPROVAL: frozenset({State.SCHEDULED, State.WITHDRAWN}),
    State.SCHEDULED: frozenset({State.RUNNING, State.WITHDRAWN, State.FAILED}),
    State.RUNNING: frozenset({State.VERIFYING, State.COMPLETED, State.WITHDRAWN, State.FAILED}),
    State.VERIFYING: frozenset({State.COMPLETED, State.FAILED}),
    State.FAILED: frozenset({State.RUNNING, State.WITHDRAWN}),
}
_WORKING_DAYS: Final = {Jurisdiction.CN: 15}
_MONTHS: Final = {Jurisdiction.EU: 1, Jurisdiction.UK: 1}
_DAYS: Final = {Jurisdiction.US_CA: 45, Jurisdiction.OTHER: 30}


def first_state(kind: DataRequestKind) -> State:
    """Where a new request stands: an erasure waits for a second person, an export runs at once."""
    return State.AWAITING_APPROVAL if kind is DataRequestKind.ERASURE else State.SCHEDULED


def before(state: State) -> list[State]:
    """The states from which a request may come into this one."""
    return [known for known, following in _MOVES.items() if state in following]


def due(requested_at: datetime, jurisdiction: Jurisdiction, timezone: str) -> datetime:
    """The first moment that is too late: midnight after the last day, in the organisation's time zone.

    The day on which the request came does not count. Weekends are no working days; public holidays are not known here, so a
    deadline in their season comes early rather than late.
    """
    zone = ZoneInfo(timezone)
    came = requested_at.astimezone(zone).date()
    if jurisdiction in _WORKING_DAYS:
        last = _working_days_after(came, _WORKING_DAYS[jurisdiction])
    elif jurisdiction in _MONTHS:
        last = _months_after(came, _MONTHS[jurisdiction])
    else:
        last = came + timedelta(days=_DAYS[jurisdiction])
    return datetime.combine(last + timedelta(days=1), time(), zone)


def _working_days_after(day: date, count: int) -> date:
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


def _months_after(day: date, count: int) -> date:
    """The same day of a later month, or that month's last day."""
    years, month = divmod(day.month - 1 + count, 12)
    first = day.replace(year=day.year + years, month=month + 1, day=1)
    length = ((first + timedelta(days=31)).replace(day=1) - first).days
    return first.replace(day=min(day.day, length))


def overdue(due_at: datetime, state: State, now: datetime) -> bool:
    """Whether it should have been answered by now and was not."""
    return state not in ENDED and now >= due_at


def check_kind(kind: DataRequestKind) -> None:
    """Refuse, by its name, a kind that this version can't handle."""
    if kind not in HANDLED:
        raise Refusal(f"{kind} can't be handled here yet; {' and '.join(sorted(HANDLED))} can.", path=("input", "kind"))


def check_received(received_at: datetime, now: datetime) -> None:
    """Refuse a request from the future or from long ago."""
    if received_at > now:
        raise Refusal("A request can't have come in the future.", path=("input", "received_at"))
    if received_at < now - timedelta(days=RECEIVED_DAYS_MAX):
        raise Refusal(f"A request came at most {RECEIVED_DAYS_MAX} days ago.", path=("input", "received_at"))


def note(text: str | None, name: str) -> str | None:
    """A note as it is kept; blank is None."""
    if text is None or not text.strip():
        return None
    if len(text.strip()) > NOTE_LENGTH_MAX:
        raise Refusal(f"At most {NOTE_LENGTH_MAX} characters.", path=("input", name), code=Code.TOO_LONG)
    return text.strip()
