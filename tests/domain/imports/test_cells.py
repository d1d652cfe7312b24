from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from siyu.domain.imports import cells, order_cells
from siyu.domain.imports.cells import Facts
from siyu.domain.imports.problems import hint
from siyu.privacy.refusal import Refusal

FACTS = Facts("CN", date(2026, 5, 1), ZoneInfo("Asia/Shanghai"), "CNY")


@pytest.mark.parametrize(
    "text",
    [
        "1987/12/29",
        "19871229",
        "1987-12-29",
        "1987.12.29",
        "1987年12月29日",
        "1987 年 12 月 29 号",
        "１９８７-12-29",
        "1987-12-29 00:00:00",
        "1987-12-29T08:30:00Z",
    ],
)
def test_every_spelling_of_a_day(text: str) -> None:
    assert cells.birthday(text, FACTS) == date(1987, 12, 29)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1990-02-30", "no such day"),
        ("2099-01-01", "future"),
        ("2026-05-02", "future"),
        ("今年", "not a date"),
        ("1899-12-31", "before 1900"),
        ("03/04/1987", "two days"),
        ("87-12-29", "two days"),
        ("1987-1", "not a date"),
        ("1987-12/29", "not a date"),
        ("198712299", "not a date"),
    ],
)
def test_what_is_no_day(text: str, reason: str) -> None:
    with pytest.raises(Refusal, match=reason):
        cells.birthday(text, FACTS)


def test_today_is_a_birthday() -> None:
    assert cells.birthday("2026-05-01", FACTS) == date(2026, 5, 1)


@pytest.mark.parametrize(
    ("texts", "gender"),
    [
        (("女", "F", "female", "女士", "2"), "FEMALE"),
        (("男", "m", "Mr.", "1"), "MALE"),
        (("未知", "0", "保密"), "UNKNOWN"),
        (("其他",), "OTHER"),
    ],
)
def test_genders(texts: tuple[str, ...], gender: str) -> None:
    assert {cells.gender(text, FACTS) for text in texts} == {gender}


def test_an_unknown_gender_is_refused() -> None:
    with pytest.raises(Refusal):
        cells.gender("猫", FACTS)


@pytest.mark.parametrize("raw", ["", "  ", "-", "NULL", "n/a", "\u3000", "\t", "#N/A", '=""'])
def test_the_many_ways_to_write_nothing(raw: str) -> None:
    assert cells.content(raw) == ""


def test_what_spreadsheets_wrap_around_a_value_goes() -> None:
    assert cells.content('="13800001111"') == "13800001111"
    assert cells.content("'=1+1") == "=1+1"
    assert cells.content('=HYPERLINK("http://example.invalid","x")') == '=HYPERLINK("http://example.invalid","x")'
    assert cells.content(" a\r\nb ") == "a\nb"


def test_saying_that_there_is_none_is_told() -> None:
    for rule, word in ((cells.phone, "无"), (cells.email, "没有")):
        with pytest.raises(Refusal, match="leave the cell empty"):
            rule(word, FACTS)


def test_a_clear_column_takes_no_personal_value() -> None:
    read = cells.word(11)
    assert read(" 西安 ", FACTS) == "西安"
    for text in ("13800001111", "a@qq.com"):
        with pytest.raises(Refusal, match="looks like"):
            read(text, FACTS)
    with pytest.raises(Refusal, match="longer than 11"):
        read("x" * 12, FACTS)


def test_moments_are_aware() -> None:
    assert order_cells.moment("1997-01-12", FACTS) == datetime(1997, 1, 11, 16, tzinfo=UTC)
    assert order_cells.moment("1997-01-12 08:00:00", FACTS) == datetime(1997, 1, 12, tzinfo=UTC)
    assert order_cells.moment("1997-01-12T08:00:00+00:00", FACTS) == datetime(1997, 1, 12, 8, tzinfo=UTC)
    assert order_cells.moment("1997年1月12日", FACTS) == datetime(1997, 1, 11, 16, tzinfo=UTC)
    for text in ("2099-01-01", "2099-01-01T00:00:00", "soon", "0001-01-01"):
        with pytest.raises(Refusal):
            order_cells.moment(text, FACTS)


@pytest.mark.parametrize(("text", "e4"), [("11.77", 117_700), ("¥1,286.01", 12_860_100), ("0.00", 0), ("12元", 120_000), ("0.0001", 1)])
def test_amounts(text: str, e4: int) -> None:
    assert order_cells.amount(text, FACTS) == e4


@pytest.mark.parametrize("text", ["-1", "1.00001", "1e5", "abc", "9" * 20, "NaN", "1.2.3", ""])
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(Refusal):
        order_cells.amount(text, FACTS)


def test_currencies_quantities_and_time_zones() -> None:
    assert [order_cells.currency(text, FACTS) for text in ("usd", "人民币", "¥")] == ["USD", "CNY", "CNY"]
    assert [order_cells.quantity(text, FACTS) for text in ("3", "３", "2.0")] == [3, 3, 2]
    assert cells.timezone("Asia/Shanghai", FACTS) == "Asia/Shanghai"
    for rule, text in (
        (order_cells.currency, "dollars"),
        (order_cells.quantity, "0"),
        (order_cells.quantity, "1.5"),
        (cells.timezone, "Mars/Base"),
    ):
        with pytest.raises(Refusal):
            rule(text, FACTS)


def test_a_hint_shows_a_quarter_at_most() -> None:
    assert hint("1381234567890123") == "138… (16 characters)"
    assert hint("12345") == "1… (5 characters)"
    assert hint("张三") == "… (2 characters)"
    assert hint("没有") == "没有"


def test_statuses() -> None:
    assert [order_cells.status(text, FACTS) for text in ("已完成", "Paid", "已取消", "partly refunded")] == [
        "FULFILLED",
        "PAID",
        "CANCELLED",
        "PARTLY_REFUNDED",
    ]
    with pytest.raises(Refusal):
        order_cells.status("maybe", FACTS)
