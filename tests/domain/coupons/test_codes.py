"""Codes of coupons."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from siyu.domain.coupons import codes, rules


def test_codes_are_long_unlike_and_read_in_any_spelling() -> None:
    made = {codes.fresh() for _ in range(2_000)}
    assert len(made) == 2_000
    letters = {codes.plain(each) for each in made}
    assert all(each is not None and len(each) == 16 for each in letters)
    assert {letter for each in letters if each for letter in each} == set("0123456789ABCDEFGHJKMNPQRSTVWXYZ"), "each is used"
    assert codes.plain(" oiL0-abcd-EFGH-jkmn ") == codes.plain("0110ABCDEFGHJKMN") == "0110ABCDEFGHJKMN"
    for wrong in ("", "ABCD", "0110ABCDEFGHJKMU", "0110-ABCD-EFGH-JKMN-P", "0110ABCDEFGHJKM*"):
        assert codes.plain(wrong) is None


def test_a_coupon_holds_until_the_end_of_its_last_day_there() -> None:
    zone = ZoneInfo("Europe/Berlin")
    night = datetime(2026, 3, 27, 23, 30, tzinfo=UTC)  # the 28th there
    assert rules.until(1, night, zone) == datetime(2026, 3, 29, 22, 0, tzinfo=UTC), "the clocks went forward that day"
    assert rules.until(1, datetime(2026, 3, 28, 22, 59, tzinfo=UTC), zone) == datetime(2026, 3, 29, 22, 0, tzinfo=UTC)
