"""The real file, read and matched in memory: its facts come out to the last row."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import orjson
import pytest

from siyu.domain.imports.cells import Facts
from siyu.domain.imports.columns import resolve
from siyu.domain.imports.customer_fields import CUSTOMER_FIELDS
from siyu.domain.imports.drafts import draft_of
from siyu.domain.imports.matching import Draft, ImportMode, Outcome, Plan, plan
from siyu.domain.imports.preparing import Chunk, Repeats, prepare
from siyu.domain.imports.reading import open_table
from tests.domain.imports.samples import CUSTOMERS, CUSTOMERS_GB18030, FACTS, as_jsonlines, as_workbook, first_rows

REGION = Facts("CN", date(2026, 5, 1), ZoneInfo("Asia/Shanghai"), "CNY")


def _read(path: Path) -> Chunk[Draft]:
    table = open_table(path)
    return prepare(table.rows(), resolve(table.headers, CUSTOMER_FIELDS, {}), REGION, Repeats(), draft_of)


def _matched(chunk: Chunk[Draft]) -> Plan:
    return plan(chunk.drafts, {}, match_on=("PHONE", "EMAIL", "MEMBER_NO"), mode=ImportMode.UPSERT, new_id=uuid4)


def test_the_facts_of_the_file() -> None:
    chunk = _read(CUSTOMERS)
    problems = Counter(problem.column for _, each in chunk.troubled.values() for problem in each)
    assert problems == {
        "手机号": FACTS["bad_phone"],
        "邮箱": FACTS["bad_email"],
        "生日": FACTS["bad_birthday"],
        None: FACTS["ragged_row"],
    }
    assert (chunk.read, chunk.skipped, chunk.rejected) == (FACTS["rows"], FACTS["repeated_row"] + FACTS["blank_row"], FACTS["ragged_row"])
    notes = [note for draft in chunk.drafts for note in draft.notes]
    assert sum(note.startswith("=") for note in notes) == FACTS["formula_cell"]
    assert sum("\n" in note for note in notes) == FACTS["newline_in_cell"]

    found = _matched(chunk)
    assert len(found.people) == FACTS["members"]
    assert Counter(verdict.outcome for verdict in found.verdicts) == {
        Outcome.CREATED: FACTS["members"],
        Outcome.UPDATED: FACTS["same_phone_other_member"],
    }
    second_cards = [person for person in found.people if sum(key.kind == "MEMBER_NO" for key in person.keys) == 2]
    assert len(second_cards) == FACTS["same_phone_other_member"]
    assert not any("*" in str(person.values["display_name"]) for person in found.people)


def test_problems_carry_the_row_that_a_person_sees() -> None:
    with CUSTOMERS.open(encoding="utf-8-sig", newline="") as file:
        numbered: Iterator[tuple[int, list[str]]] = enumerate(csv.reader(file), start=1)
        by_number = dict(numbered)
    for number, (row, problems) in _read(CUSTOMERS).troubled.items():
        assert list(row.cells) == by_number[number]
        assert all(problem.row == number for problem in problems)
        assert all(problem.value in by_number[number] for problem in problems if problem.column)


def test_gb18030_is_read_as_the_same_rows() -> None:
    assert _read(CUSTOMERS_GB18030).drafts == _read(CUSTOMERS).drafts[: len(_read(CUSTOMERS_GB18030).drafts)]


@pytest.mark.parametrize("write", [as_jsonlines, as_workbook])
def test_other_formats_give_the_same_people(tmp_path: Path, write: object) -> None:
    assert callable(write)
    source, other = tmp_path / "slice.csv", tmp_path / "other"
    first_rows(source, 1_500)
    write(source, other)
    here, there = _read(source), _read(other)
    assert [draft.values for draft in there.drafts] == [draft.values for draft in here.drafts]
    assert [draft.keys for draft in there.drafts] == [draft.keys for draft in here.drafts]
    assert [person.values for person in _matched(there).people] == [person.values for person in _matched(here).people]
    assert orjson.dumps([problem.message for _, each in there.troubled.values() for problem in each if problem.column]) == orjson.dumps(
        [problem.message for _, each in here.troubled.values() for problem in each if problem.column]
    )
