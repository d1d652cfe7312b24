from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.domain.kernel.defuse import defuse, restored


@pytest.mark.parametrize(
    "cell",
    [
        '=HYPERLINK("http://example.invalid","x")',
        "+1+2",
        "-1+2|cmd",
        "@SUM(A1)",
        "\t=1",
        "＝1+1",
        "  =1",
        "|calc",
        "%0A",
        "+86-138-0000-1111",
    ],
)
def test_what_a_spreadsheet_would_run_is_defused_and_comes_back(cell: str) -> None:
    assert defuse(cell) == "'" + cell
    assert restored(defuse(cell)) == cell


@pytest.mark.parametrize("cell", ["", "张三", "-12.5", "+3", "VIP,老客户", "a=b", "'quoted", "2024-05-01"])
def test_everything_else_stays(cell: str) -> None:
    assert defuse(cell) == cell
    assert restored(cell) == cell


@given(st.text(max_size=40))
def test_nothing_dangerous_leaves_and_nothing_is_lost(cell: str) -> None:
    out = defuse(cell)
    assert restored(out) == cell or cell.startswith("'")
    assert not out.startswith(("=", "@", "＝"))
    assert defuse(out) == out
