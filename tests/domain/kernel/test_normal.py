from __future__ import annotations

import phonenumbers
import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from siyu.domain.kernel import normal
from siyu.privacy.refusal import Refusal


@pytest.mark.parametrize(
    "spelling",
    [
        "13800001111",
        "138 0000 1111",
        "138-0000-1111",
        " 13800001111\t",
        "１３８００００１１１１",
        "008613800001111",
        "+86-138-0000-1111",
        "(+86)13800001111",
        "+86 138 0000 1111",
        "\u200e138\u00a00000\u00a01111",
    ],
)
def test_every_spelling_of_a_number_is_one_number(spelling: str) -> None:
    assert normal.phone(spelling, "CN") == "+8613800001111"


def test_a_number_is_read_in_its_region() -> None:
    assert normal.phone("020 7946 0000", "GB") == "+442079460000"
    assert normal.phone("+44 20 7946 0000", "CN") == "+442079460000"
    assert normal.phone("010-6234 5678", "CN") == "+861062345678"


@pytest.mark.parametrize("prefix", ["154", "179", "194"])
def test_ranges_that_no_table_lists_yet_are_taken(prefix: str) -> None:
    assert normal.phone(f"{prefix}12345678", "CN") == f"+86{prefix}12345678"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("12345", "too few"),
        ("1381234567890123", "too many"),
        ("无", "not a phone"),
        ("138****1111", "masked"),
        ("1.38E+10", "spreadsheet"),
        ("13800001111/13900001111", "phone number"),
        ("", "no phone"),
        ("9" * 100, "too long"),
    ],
)
def test_what_is_no_number_is_refused_without_repeating_it(text: str, reason: str) -> None:
    with pytest.raises(Refusal) as refused:
        normal.phone(text, "CN")
    assert reason in refused.value.message
    assert not text or text not in refused.value.message


def test_emails_are_folded() -> None:
    assert normal.email("  WILLIAMSJASON86409@EXAMPLE.COM ") == "williamsjason86409@example.com"
    assert normal.email("ａ＠ｑｑ．ｃｏｍ") == "a@qq.com"


@pytest.mark.parametrize(
    "text", ["foo@", "a@b@c.com", "没有", "", "a@localhost", "z***@qq.com", "x@example.invalid", "a" * 300 + "@qq.com"]
)
def test_what_is_no_email_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        normal.email(text)
    assert not text or text not in refused.value.message


def test_names_lose_widths_and_doubled_spaces_only() -> None:
    assert normal.name("\u3000 谢\u200b瑜 ") == "谢瑜"
    assert normal.name("Kathy\n  Sims") == "Kathy Sims"
    assert normal.folded("ＫATHY sims") == "kathy sims"


def test_member_numbers_are_compared_without_case_and_space() -> None:
    assert normal.member_no(" m 00012") == normal.member_no("Ｍ00012") == "M00012"
    assert normal.code(" oAbC-12 ") == "oAbC-12"


def test_masked_names_are_known() -> None:
    assert all(map(normal.masked, ("姜**", "王＊")))
    assert not normal.masked("姜龙")


@pytest.mark.parametrize(
    "text",
    [
        "打给 138 0000 1111",
        "１３８００００１１１１",
        "me@qq.com",
        "110101199003071233",
        "+44 20 7946 0000",
        "11010119900307123X",
        "138.0000.1111",
        "138\u200b0000\ufeff1111",
    ],
)
def test_what_looks_personal(text: str) -> None:
    assert normal.looks_personal(text)


@pytest.mark.parametrize(
    "text", ["门店-014", "微信小程序", "2024-05-01", "100000000000", "20240501123456", "XL", "A13800001111000222", "1380000.1111"]
)
def test_what_does_not_look_personal(text: str) -> None:
    assert not normal.looks_personal(text)


@given(st.text(max_size=60))
def test_any_text_is_normalised_or_refused(text: str) -> None:
    try:
        found = normal.phone(text, "CN")
        assert normal.phone(found, "US") == found
    except Refusal:
        pass
    try:
        address = normal.email(text)
        assert normal.email(address) == address
    except Refusal:
        pass
    assert normal.name(normal.name(text)) == normal.name(text)
    assert normal.member_no(normal.member_no(text)) == normal.member_no(text)


@given(
    st.from_regex(r"(00|\+)?(86)?[ -]?\(?1[0-9]{2}\)?[ -]?[0-9]{3,5}[ -]?[0-9]{3,5}", fullmatch=True), st.sampled_from(["CN", "US", "HK"])
)
def test_the_short_way_for_mobile_numbers_agrees_with_the_long_one(text: str, region: str) -> None:
    short = normal._chinese_mobile(text.replace(" ", ""), region)
    if short is not None:
        number = phonenumbers.parse(text if not text.startswith("00") else "+" + text[2:], region)
        assert short == phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        assert normal._has_mobile_length(number)


@given(
    st.from_regex(r"[a-zA-Z0-9._+-]{1,12}@([a-z0-9]{1,8}[.-]){1,3}(com|cn|test|invalid|local|localhost|onion|arpa|1a|info)", fullmatch=True)
)
def test_the_short_way_for_emails_agrees_with_the_long_one(text: str) -> None:
    try:
        expected: str | None = validate_email(text, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        expected = None
    try:
        found: str | None = normal.email(text)
    except Refusal:
        found = None
    assert found == expected
