from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from siyu.domain.imports.cells import Facts, content
from siyu.domain.imports.columns import resolve
from siyu.domain.imports.customer_fields import CUSTOMER_FIELDS
from siyu.domain.imports.order_fields import ORDER_FIELDS, currency_of
from siyu.domain.imports.problems import Problem, read_row
from siyu.domain.imports.refusals import UnknownColumns

FACTS = Facts("CN", date(2026, 5, 1), ZoneInfo("Asia/Shanghai"), "CNY")


def _targets(*headers: str, **mapping: str) -> dict[str, str | None]:
    return {column.title: column.target for column in resolve(headers, CUSTOMER_FIELDS, mapping).known}


def test_the_usual_titles_are_known_in_both_languages() -> None:
    assert _targets("会员号", "姓名", "手机号", "邮箱", "性别", "生日", "城市", "省份", "来源", "备注") == {
        "会员号": "member_no", "姓名": "display_name", "手机号": "phone", "邮箱": "email", "性别": "gender", "生日": "birthday",
        "城市": "city", "省份": "province", "来源": "source", "备注": "note",
    }  # fmt: skip
    assert _targets("Member No.", "Full Name", "MOBILE_NUMBER", "e-mail", "Sex", "Date of Birth") == {
        "Member No.": "member_no", "Full Name": "display_name", "MOBILE_NUMBER": "phone", "e-mail": "email", "Sex": "gender",
        "Date of Birth": "birthday",
    }  # fmt: skip
    assert _targets("手机号（必填）", "displayName", "*姓 名") == {"手机号（必填）": "phone", "displayName": "display_name"}


def test_a_mapping_wins_over_the_guess() -> None:
    assert _targets("手机号", "紧急联系人电话", **{"手机号": "", "紧急联系人电话": "phone"}) == {"紧急联系人电话": "phone"}
    assert _targets("a", "openid", a="displayName", openid="wechatOpenid:wx123") == {"a": "display_name", "openid": "wechat_openid:wx123"}


def test_of_two_columns_for_one_field_the_first_counts_unless_told() -> None:
    found = resolve(("手机号", "电话", "年龄"), CUSTOMER_FIELDS, {})
    assert [column.title for column in found.known] == ["手机号"]
    assert found.unknown == ("电话", "年龄")
    assert _targets("手机号", "电话", 电话="phone") == {"电话": "phone"}


def test_mistakes_in_a_mapping_name_what_there_is() -> None:
    with pytest.raises(UnknownColumns, match="no column '手机'; it has: 手机号"):
        resolve(("手机号",), CUSTOMER_FIELDS, {"手机": "phone"})
    with pytest.raises(UnknownColumns, match="no field 'fone'"):
        resolve(("手机号",), CUSTOMER_FIELDS, {"手机号": "fone"})
    with pytest.raises(UnknownColumns, match="No column is known"):
        resolve(("M00001", "张三"), CUSTOMER_FIELDS, {})


def test_our_own_columns_are_passed_over() -> None:
    found = resolve(("手机号", "_row", "_reason"), CUSTOMER_FIELDS, {})
    assert (len(found.known), found.unknown) == (1, ())


def test_an_amount_may_name_its_currency() -> None:
    for title, currency in (("amount_usd", "USD"), ("金额（USD）", "USD"), ("金额", "CNY"), ("Total HKD", "HKD")):
        found = resolve((title,), ORDER_FIELDS, {})
        assert (found.known[0].key, currency_of(found, "CNY")) == ("total", currency)
    assert currency_of(resolve(("price",), ORDER_FIELDS, {"price": "total:eur"}), "CNY") == "EUR"


def test_a_bad_cell_leaves_the_rest_of_the_row() -> None:
    columns = resolve(("会员号", "手机号", "生日", "城市"), CUSTOMER_FIELDS, {})
    reading = read_row(7, ("M1", "12345", "1990-02-30", "西安"), columns, FACTS, content)
    assert reading.values == {"member_no": "M1", "city": "西安"}
    assert reading.problems == (
        Problem(7, "手机号", "12345", "The phone number has too few digits."),
        Problem(7, "生日", "1990-02-30", "There is no such day in the calendar."),
    )
