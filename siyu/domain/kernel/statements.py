"""Which statements a piece of code sent: tests hold every list to its number."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(slots=True)
class Statements:
    """The SQL of the statements sent while counting, in order. Bound values are never kept."""

    sent: list[str] = field(default_factory=list)

    @property
    def statements(self) -> list[str]:
        """The same list, under the name that reads well after `count.`."""
        return self.sent

    def __len__(self) -> int:
        return len(self.sent)


_counting: ContextVar[Statements | None] = ContextVar("siyu_statements", default=None)


_total = 0


def total() -> int:
    """How many statements this process has sent since it started."""
    return _total


def note(sql: str) -> None:
    """Remember one statement, if anybody counts."""
    global _total  # noqa: PLW0603  # one count a process
    _total += 1
    count = _counting.get()
    if count is not None:
        count.sent.append(sql)


@contextmanager
def counting() -> Iterator[Statements]:
    """Collect the statements sent by this task, and by tasks started inside the block."""
    count = Statements()
    token = _counting.set(count)
    try:
        yield count
    finally:
        _counting.reset(token)


class StatementLog(logging.Logger):
    """Takes the place of the ORM's logger, which writes bound values: this one counts and writes nothing."""

    def __init__(self) -> None:
        super().__init__("siyu.statements", logging.CRITICAL)

    def debug(self, msg: object, *args: object, **_: object) -> None:
        sql = args[0] if args else msg
        if isinstance(sql, str):
            note(sql)
