"""Deadlines, without a database."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from siyu.domain.requests import rules
from siyu.domain.requests.tables import DataRequestState, Jurisdiction


@pytest.mark.parametrize(
    ("came", "jurisdiction", "last_day_ends"),
    [
        # Monday 5 January 2026: three weeks of working days later, Monday the 26th is the 15th.
        ("2026-01-05T09:00", Jurisdiction.CN, "2026-01-26T16:00"),
        # A Friday evening in UTC is a Saturday in Shanghai; the first working day is Monday.
        ("2026-01-09T17:00", Jurisdiction.CN, "2026-01-30T16:00"),
        ("2026-01-31T00:00", Jurisdiction.EU, "2026-02-28T16:00"),
        ("2026-01-15T00:00", Jurisdiction.UK, "2026-02-15T16:00"),
        ("2026-12-31T00:00", Jurisdiction.EU, "2027-01-31T16:00"),
        ("2028-01-30T00:00", Jurisdiction.EU, "2028-02-29T16:00"),
        ("2026-01-01T00:00", Jurisdiction.US_CA, "2026-02-15T16:00"),
        ("2026-01-01T00:00", Jurisdiction.OTHER, "2026-01-31T16:00"),
    ],
)
def test_a_deadline_is_the_midnight_after_its_last_day(came: str, jurisdiction: Jurisdiction, last_day_ends: str) -> None:
    found = rules.due(datetime.fromisoformat(came).replace(tzinfo=UTC), jurisdiction, "Asia/Shanghai")
    assert found.astimezone(UTC) == datetime.fromisoformat(last_day_ends).replace(tzinfo=UTC)


def test_every_jurisdiction_has_a_deadline() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert all(rules.due(now, jurisdiction, "UTC") > now for jurisdiction in Jurisdiction)


def test_a_request_is_overdue_from_the_deadline_on_while_it_is_open() -> None:
    due = datetime(2026, 1, 1, tzinfo=UTC)
    assert rules.overdue(due, DataRequestState.RUNNING, due)
    assert not rules.overdue(due, DataRequestState.COMPLETED, due)
    assert not rules.overdue(due, DataRequestState.RUNNING, due.replace(year=2025))


def test_no_move_leads_out_of_an_end() -> None:
    for state in DataRequestState:
        assert not rules.ENDED & set(rules.before(state))


def test_a_deadline_is_never_moved_by_daylight_saving() -> None:
    found = rules.due(datetime(2026, 3, 1, 12, tzinfo=UTC), Jurisdiction.UK, "Europe/London")
    assert found.isoformat() == "2026-04-02T00:00:00+01:00"
