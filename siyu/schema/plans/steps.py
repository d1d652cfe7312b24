"""The steps of an operation, as `describe` tells them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from siyu.domain.kernel.reading import Ask, Denial, Path, Reader, Source
from siyu.domain.kernel.reading.conditions import Found
from siyu.schema.plans.plan import Shown
from siyu.schema.plans.shape import Level


@dataclass(frozen=True, slots=True)
class Step:
    """What is read for one field: `sql` in the order in which it is sent, unless the level above is empty."""

    path: Path
    noun: str
    sql: tuple[str, ...]
    columns: tuple[str, ...]
    opened: tuple[str, ...] = ()
    denied: tuple[Denial, ...] = ()
    note: str = ""


@dataclass(slots=True)
class Description:
    """The operation's steps. `engine` says, by field, why the engine answers there; empty: all of it is planned."""

    steps: list[Step] = field(default_factory=list)
    engine: dict[str, str] = field(default_factory=dict)


def searches(reader: Reader, source: Source, where: object | None) -> tuple[Found, list[str], list[str]]:
    """For conditions on truncated indexes: nobody found, the statements that would look, the columns that would be opened."""
    found: dict[Path, list[object]] = {}
    sent, opened = [], []
    for path, condition, value in reader.alike(source, where) if where is not None else ():
        ask = Ask(source)
        ask.want(condition.of)
        sent.append(reader.sharing(ask, condition, value, path)[1])
        opened.append(condition.of)
        found[path] = []
    return found, sent, opened


def step(path: Path, level: Level, shown: Shown, sent: list[str], *, note: str = "", opened: Sequence[str] = ()) -> Step:
    """The step that reads this level; `opened` are columns that are opened beside those that it shows."""
    columns = tuple(column.name for column in shown.select.columns) if note != "only counted" else ()
    sealed = dict.fromkeys((*opened, *(column.name for column in shown.make.sealed)))
    return Step(path, level.source.name, tuple(sent), columns, tuple(sealed), tuple(level.denials), note)
