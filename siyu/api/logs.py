"""Structured logs: JSON for machines, text for a terminal, and no value of a person in either.

Code of ours logs an event's name with plain facts: names, numbers, ids. What is not plain is replaced by the name of its type,
and of an exception only types and places are written, because the text of a driver's exception quotes the values it stumbled on.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path
from traceback import walk_tb
from types import TracebackType
from typing import Any, Final, Literal
from uuid import UUID

import orjson
import structlog
from structlog.typing import EventDict, WrappedLogger

_PLAIN = (str, int, float, bool, type(None))
_TEXT_MAX = 300
_HOUSE = str(Path(__file__).parents[2])

Format = Literal["auto", "json", "text"]
ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def plain(value: object) -> object:
    """The value where it is plain and short, else what it is."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return value if len(value) <= _TEXT_MAX else f"<text of {len(value)}>"
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    return f"<{type(value).__name__}>"


def _places(traceback: TracebackType | None) -> Iterator[str]:
    for frame, line in walk_tb(traceback):
        yield f"{frame.f_code.co_filename.removeprefix(_HOUSE + '/')}:{line} {frame.f_code.co_name}"


def without_text(error: BaseException) -> list[dict[str, object]]:
    """An exception and its causes as types and places; their texts stay unwritten."""
    told: list[dict[str, object]] = []
    seen: BaseException | None = error
    while seen is not None and len(told) < 5:
        told.append({"type": type(seen).__name__, "at": list(_places(seen.__traceback__))[-12:]})
        seen = seen.__cause__ or seen.__context__
    return told


def _exception(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    given = event.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event["exception"] = without_text(error)
    return event


def _only_plain(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {key: value if key == "exception" else plain(value) for key, value in event.items()}


#: What every event passes before it is written: no text of an exception, no value of a kind that we don't know.
SAFE: Final[tuple[structlog.typing.Processor, ...]] = (_exception, _only_plain)


def _json(_: WrappedLogger, __: str, event: EventDict) -> str:
    return orjson.dumps({"at": event.pop("timestamp", None), "level": event.pop("level", None), **event}).decode()


def _text(_: WrappedLogger, __: str, event: EventDict) -> str:
    lines = [f"{event.pop('timestamp', '')[11:19]} {event.pop('level', ''):<7} {event.pop('event', '')}"]
    exceptions = event.pop("exception", ())
    facts = " ".join(f"{key}={value}" for key, value in event.items())
    for told in exceptions:
        lines.append(f"  {told['type']}")
        lines.extend(f"    {place}" for place in told["at"])
    return "\n".join([f"{lines[0]:<48} {facts}".rstrip(), *lines[1:]])


def _timestamp(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    event["timestamp"] = datetime.now(UTC).isoformat(timespec="milliseconds")
    return event


def _renderer(format: Format) -> structlog.typing.Processor:
    chosen = ("text" if sys.stderr.isatty() else "json") if format == "auto" else format
    return _text if chosen == "text" else _json


class SafeFormatter(logging.Formatter):
    """Writes records of other people's libraries in the same way. `uvicorn.ini` names it."""

    format_name: Format = "auto"

    def format(self, record: logging.LogRecord) -> str:
        # asyncio puts an exception's text into its message; the rest of the libraries here write no values.
        message = record.getMessage().partition("\n")[0] if record.name != "asyncio" else "asyncio reported an error"
        event: MutableMapping[str, Any] = {"event": message, "logger": record.name, "level": record.levelname.lower()}
        if record.exc_info:
            event["exc_info"] = record.exc_info
        event = _timestamp(None, "", event)
        event = _only_plain(None, "", _exception(None, "", event))
        return str(_renderer(self.format_name)(None, "", event))


class _Out:
    """Writes a line to standard error, whichever it is at that moment."""

    def msg(self, line: str) -> None:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()

    debug = info = warning = error = critical = msg


def _out(*_: object) -> _Out:
    return _Out()


def configure(*, level: str = "info", format: Format = "auto") -> None:
    """Set up logging of this process, to standard error. Calling it again replaces the first set-up."""
    SafeFormatter.format_name = format
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            _timestamp,
            *SAFE,
            _renderer(format),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=_out,
        cache_logger_on_first_use=False,
    )


def report(_: object, context: Mapping[str, Any]) -> None:
    """An event loop's exception handler: what went wrong where, without the text."""
    error = context.get("exception")
    structlog.get_logger("siyu.loop").error("loop_error", exc_info=error if isinstance(error, BaseException) else None)
