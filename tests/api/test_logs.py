"""Logs say what happened, and nothing of anybody."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import orjson
import pytest
import structlog

from siyu.api import logs
from siyu.api.logs import SafeFormatter
from siyu.schema.errors import log_bug

PHONE = "+8613900000000"


@pytest.fixture(autouse=True)
def _json() -> Iterator[None]:
    logs.configure(level="info", format="json")
    yield
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()
    SafeFormatter.format_name = "auto"


@dataclass
class Person:
    phone: str


def test_an_event_is_one_line_of_json_with_its_correlation(capsys: pytest.CaptureFixture[str]) -> None:
    structlog.contextvars.bind_contextvars(request="0123abcd")
    structlog.get_logger("x").info("page_read", rows=50, took=1.5, id=UUID(int=7))
    line = orjson.loads(capsys.readouterr().err)
    assert line.pop("at").endswith("+00:00")
    assert line == {"level": "info", "event": "page_read", "rows": 50, "took": 1.5, "id": str(UUID(int=7)), "request": "0123abcd"}


def test_what_is_not_plain_is_named_by_its_type(capsys: pytest.CaptureFixture[str]) -> None:
    structlog.get_logger("x").warning("odd", who=Person(PHONE), many=[PHONE], raw=PHONE.encode(), long="x" * 1000)
    said = capsys.readouterr().err
    assert PHONE not in said
    line = json.loads(said)
    assert (line["who"], line["many"], line["raw"], line["long"]) == ("<Person>", "<list>", "<bytes>", "<text of 1000>")


def broken() -> None:
    try:
        raise KeyError(PHONE)
    except KeyError as error:
        raise ValueError(f"duplicate key (phone)=({PHONE})") from error


def test_an_exception_is_types_and_places_without_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        broken()
    except ValueError:
        structlog.get_logger("x").error("job_failed", exc_info=True)
    said = capsys.readouterr().err
    assert PHONE not in said
    told = json.loads(said)["exception"]
    assert [each["type"] for each in told] == ["ValueError", "KeyError"]
    assert told[0]["at"][-1].startswith("tests/api/test_logs.py:")
    assert told[0]["at"][-1].endswith(" broken")


def test_a_masked_bug_can_be_found_by_its_correlation_id(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        broken()
    except ValueError as bug:
        log_bug(bug, "0123abcd", path="customers")
    said = capsys.readouterr().err
    assert PHONE not in said
    line = json.loads(said)
    assert (line["event"], line["correlation"], line["path"]) == ("bug", "0123abcd", "customers")
    assert [each["type"] for each in line["exception"]] == ["ValueError", "KeyError"]
    assert line["exception"][0]["at"][-1].endswith(" broken")


@pytest.mark.parametrize("format", ["json", "text"])
def test_other_peoples_libraries_are_written_in_the_same_way(format: logs.Format) -> None:
    logs.configure(format=format)
    try:
        broken()
    except ValueError as error:
        record = logging.LogRecord("uvicorn.error", logging.ERROR, "f.py", 1, "Exception in %s", ("ASGI",), (type(error), error, None))
    said = SafeFormatter().format(record)
    assert "Exception in ASGI" in said
    assert "ValueError" in said
    assert PHONE not in said


def test_asyncios_words_are_not_repeated() -> None:
    record = logging.LogRecord("asyncio", logging.ERROR, "f.py", 1, f"Task exception was never retrieved: ValueError('{PHONE}')", (), None)
    assert PHONE not in SafeFormatter().format(record)


def test_below_the_level_nothing_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(level="warning", format="json")
    structlog.get_logger("x").info("quiet")
    assert capsys.readouterr().err == ""
