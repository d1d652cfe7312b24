"""What two people have said, once they are one: pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from siyu.privacy.stricter import Joining, Said, Word, joined, parted

_NOW = datetime(2026, 1, 1, tzinfo=UTC)


def word(state: str = "GRANTED", version: int = 1, *, days: int | None = None, since: int = 0) -> Word:
    expires = None if days is None else (_NOW + timedelta(days=days)).isoformat()
    return Word(state=state, version=version, since=(_NOW + timedelta(days=since)).isoformat(), expires=expires)


words = st.builds(
    word, st.sampled_from(["GRANTED", "WITHDRAWN"]), st.integers(1, 3), days=st.none() | st.integers(0, 3), since=st.integers(0, 9)
)
said = st.dictionaries(st.sampled_from(["marketing", "analytics", "service"]), words)


def test_a_withdrawal_beats_a_grant() -> None:
    withdrawn, granted = word("WITHDRAWN", since=1), word(since=2)
    for kept, merged in ((withdrawn, granted), (granted, withdrawn)):
        assert joined({"marketing": kept}, {"marketing": merged}) == {"marketing": withdrawn}


def test_the_older_notice_and_the_nearer_end_win() -> None:
    assert joined({"m": word(version=2)}, {"m": word(version=1, days=9)}) == {"m": word(version=1, days=9)}
    assert joined({"m": word(days=None)}, {"m": word(days=3)}) == {"m": word(days=3)}


def test_who_was_never_asked_is_not_against_it() -> None:
    assert joined({}, {"marketing": word()}) == {"marketing": word()}


@given(said, said)
def test_nobody_is_asked_more_freely_than_each_was(kept: Said, merged: Said) -> None:
    both = joined(kept, merged)
    assert both.keys() == kept.keys() | merged.keys()
    for purpose, held in both.items():
        each = [one[purpose] for one in (kept, merged) if purpose in one]
        assert held in each
        assert (held["state"] == "WITHDRAWN") == any(one["state"] == "WITHDRAWN" for one in each)
    assert {name: held["state"] for name, held in joined(merged, kept).items()} == {name: held["state"] for name, held in both.items()}


@given(st.lists(said, min_size=2, max_size=4), st.data())
def test_parted_in_any_order_each_has_their_own_word(people: list[Said], data: st.DataObject) -> None:
    kept, *others = people
    now, joinings = dict(kept), []
    for other in others:
        joinings.append(Joining(dict(now), dict(other), joined(now, other)))
        now = dict(joinings[-1].after)
    waiting = list(zip(others, joinings, strict=True))
    while waiting:
        place = data.draw(st.integers(0, len(waiting) - 1))
        other, undone = waiting[place]
        now, back, later = parted(undone, [each for _, each in waiting[place + 1 :]], now)
        assert back == other
        waiting = [*waiting[:place], *zip([theirs for theirs, _ in waiting[place + 1 :]], later, strict=True)]
    assert now == kept


def test_what_was_said_since_stays_and_a_withdrawal_holds_for_both() -> None:
    undone = Joining({}, {"m": word(), "a": word()}, {"m": word(), "a": word()})
    now = {"m": word("WITHDRAWN", since=5), "a": word(since=5)}
    assert parted(undone, [], now) == (now, {"m": word("WITHDRAWN", since=5), "a": word()}, [])
