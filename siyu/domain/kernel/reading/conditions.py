"""Conditions of a filter: declared beside the filter's fields, compiled to SQL with bound values only.

A filter is a frozen dataclass whose fields are `Annotated` with one of the conditions here. Its fields `all`, `any` and
`not_`, where it has them, hold further filters. Whoever may not see a column may not filter by it either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final, get_type_hints

from siyu.domain.kernel.dialect import MONEY_SCALE, Kind, Statement
from siyu.domain.kernel.reading.source import Column, Source, source_of
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, Forbidden, Refusal
from siyu.privacy.sealed import BlindIndexField

Path = tuple[str, ...]
#: Ids found beforehand for conditions on truncated indexes, by the condition's path in the filter.
Found = Mapping[Path, Sequence[object]]

#: How deep `all`, `any` and `not` may nest, and how many conditions one filter may hold.
DEPTH_MAX = 8
CONDITIONS_MAX = 100
#: No amount of money that is compared reaches this.
AMOUNT_BOUND = 10**14


@dataclass(frozen=True, slots=True)
class Same:
    """The column equals the value. As an argument it is text, or with `chosen` one of the column's own choices."""

    column: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class OneOf:
    """The column is one of the values; an empty list matches nothing."""

    column: str


@dataclass(frozen=True, slots=True)
class Within:
    """The column lies in a range given as a dataclass of (lowest, bound): `from_`/`before` or `min`/`max`."""

    column: str


@dataclass(frozen=True, slots=True)
class Since:
    """The column is the value or comes after it."""

    column: str


@dataclass(frozen=True, slots=True)
class Until:
    """The column comes before the value."""

    column: str


@dataclass(frozen=True, slots=True)
class Containing:
    """The text is a part of one of the columns, whatever its case (SQLite: of the letters A to Z)."""

    columns: tuple[str, ...]

    @property
    def column(self) -> str:
        """The first of them: whose scope is asked for."""
        return self.columns[0]


@dataclass(frozen=True, slots=True)
class Through:
    """Rows of another source of the same noun, naming the filtered row in `by`, of which one must match; `only` is SQL over them."""

    target: str
    by: str
    only: str


@dataclass(frozen=True, slots=True)
class Blind:
    """The sealed column `of` equals the value, asked of its blind index after `normal` has spelled it.

    A truncated index finds more than the value's own rows, so the candidates' values are opened and compared beforehand.
    """

    index: str
    of: str
    normal: Callable[[str], str]
    truncated: bool = False
    through: Through | None = None


class Match(StrEnum):
    """How many of the values a row has to be tied to."""

    ANY = "ANY"
    ALL = "ALL"
    NONE = "NONE"


@dataclass(frozen=True, slots=True)
class Tied:
    """The row is tied to one of the values, to all or to none of them, by a table of links that names it in `by`, each link once.

    It is named by its id, or by what its column `of` holds: an order by its customer.

    A value is a key in the column `to`, or what the table `named` calls it: that table, and its column. No value: `ANY` matches nothing,
    `ALL` and `NONE` everything; a name that there is not is tied to nobody.
    """

    link: str
    by: str
    to: str
    scope: Scope
    match: Match = Match.ANY
    named: tuple[str, str] | None = None
    of: str = "id"


@dataclass(frozen=True, slots=True)
class Beginning:
    """Each word of the text begins a word of the row. Words in bytes are kept in `table`, beside the row's id in the column `by`."""

    column: str
    table: str
    word: str
    by: str
    words: Callable[[str], Sequence[bytes]]


#: The longest part of a text that is looked for: SQLite takes no pattern of any length.
PART_MAX: Final = 1_000

Condition = Same | OneOf | Within | Since | Until | Containing | Blind | Beginning | Tied

#: Read off a filter's class once.
_CONDITIONS: dict[type, dict[str, Condition]] = {}


def walk(value: object, path: Path = ()) -> Iterator[tuple[Path, Condition, object]]:
    """Every condition that the filter sets, with its path and value."""
    conditions = conditions_of(type(value))
    for item in fields(value):  # type: ignore[arg-type]  # a filter is a dataclass
        given, at = getattr(value, item.name), (*path, item.name)
        if given is None:
            continue
        if item.name in conditions:
            yield at, conditions[item.name], given
        elif isinstance(given, list | tuple):
            for number, each in enumerate(given):
                yield from walk(each, (*at, str(number)))
        elif is_dataclass(given):
            yield from walk(given, at)


def compile_filter(statement: Statement, source: Source, value: object, found: Found, path: Path = (), depth: int = 1) -> str:
    """The filter as SQL over alias `t`; every member of one filter must hold."""
    if depth > DEPTH_MAX:
        raise Refusal(f"Filters nest at most {DEPTH_MAX} deep.", path=path, code=Code.LIMIT_EXCEEDED)
    conditions = conditions_of(type(value))
    holds: list[str] = []
    for item in fields(value):  # type: ignore[arg-type]  # a filter is a dataclass
        given, at = getattr(value, item.name), (*path, item.name)
        if given is None:
            continue
        if item.name in conditions:
            holds.append(compile_condition(statement, source, conditions[item.name], given, found, at))
        elif item.name in ("all", "any"):
            inner = [compile_filter(statement, source, each, found, (*at, str(n)), depth + 1) for n, each in enumerate(given)]
            holds.append("(" + (" and " if item.name == "all" else " or ").join(inner or ["1=1" if item.name == "all" else "1=0"]) + ")")
        else:
            holds.append(f"coalesce(not {compile_filter(statement, source, given, found, at, depth + 1)}, true)")
    return "(" + " and ".join(holds or ["1=1"]) + ")"


def compile_condition(statement: Statement, source: Source, condition: Condition, value: object, found: Found, path: Path) -> str:
    """One condition as SQL over alias `t`."""
    if isinstance(condition, Blind):
        if condition.truncated:
            return statement.among("t.id", found[path], source.columns["id"].kind)
        matches = f"{condition.index} = {statement.bind(token(source, condition, value, path))}"
        if condition.through is None:
            return f"t.{matches}"
        link = condition.through
        return f"t.id in (select {link.by} from {source_of(link.target).table} where {link.only} and {matches})"
    if any(isinstance(each, str) and "\0" in each for each in (value if isinstance(value, list | tuple) else (value,))):
        raise Refusal("A text holds no NUL character.", path=path)
    if isinstance(condition, Tied):
        return _tied(statement, condition, value if isinstance(value, list | tuple) else [value])
    column = source.columns[condition.column]
    sql = column.sql.format(t="t")
    if isinstance(condition, Same):
        return f"{sql} = {statement.bind(value, column.kind)}"
    if isinstance(condition, OneOf):
        assert isinstance(value, list | tuple)
        return statement.among(sql, value, column.kind)
    if isinstance(condition, Since | Until):
        return f"{sql} {'>=' if isinstance(condition, Since) else '<'} {statement.bind(value, column.kind)}"
    if isinstance(condition, Containing):
        if len(str(value)) > PART_MAX:
            raise Refusal(f"At most {PART_MAX} characters are looked for.", path=path, code=Code.TOO_LONG)
        return _containing(statement, source, condition, str(value))
    if isinstance(condition, Beginning):
        return _beginning(statement, condition, str(value))
    return _within(statement, column, sql, value, path)


def _beginning(statement: Statement, condition: Beginning, text: str) -> str:
    holds = []
    for each in condition.words(text):
        # No byte of UTF-8 is 255: what lies between begins with the word.
        first, bound = statement.bind(each), statement.bind(each + bytes([255]))
        between = f"{condition.word} >= {first} and {condition.word} < {bound}"
        holds.append(f"t.id in (select {condition.by} from {condition.table} where {between})")
    return "(" + " and ".join(holds or ["1=0"]) + ")"


def _tied(statement: Statement, condition: Tied, values: Sequence[object]) -> str:
    distinct = list(dict.fromkeys(values))
    if not distinct:
        return "1=0" if condition.match is Match.ANY else "1=1"
    if condition.named is None:
        among = statement.among(f"l.{condition.to}", distinct, Kind.ID)
    else:
        table, name = condition.named
        among = f"l.{condition.to} in (select g.id from {table} g where {statement.among(f'g.{name}', distinct, Kind.TEXT)})"
    links = f"from {condition.link} l where {among}"
    if condition.match is Match.NONE:
        return f"not exists (select 1 {links} and l.{condition.by} = t.{condition.of})"
    all_of_them = "" if condition.match is Match.ANY else f" group by l.{condition.by} having count(*) = {statement.bind(len(distinct))}"
    return f"t.{condition.of} in (select l.{condition.by} {links}{all_of_them})"


def _containing(statement: Statement, source: Source, condition: Containing, text: str) -> str:
    pattern = "%" + text.lower().replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%"
    mark = statement.bind(pattern)
    return "(" + " or ".join(f"lower({source.columns[name].sql.format(t='t')}) like {mark} escape '\\'" for name in condition.columns) + ")"


def _within(statement: Statement, column: Column, sql: str, value: object, path: Path) -> str:
    lowest, bound = (getattr(value, item.name) for item in fields(value))  # type: ignore[arg-type]  # a range is a dataclass
    inclusive = fields(value)[1].name == "max"  # type: ignore[arg-type]  # as above
    if lowest is not None and bound is not None and lowest > bound:
        raise Refusal("The range ends before it begins.", path=path)
    if column.kind is Kind.MONEY:
        _check_amounts(lowest, bound, path)
    holds = []
    if lowest is not None:
        holds.append(f"{sql} >= {statement.bind(lowest, column.kind)}")
    if bound is not None:
        holds.append(f"{sql} {'<=' if inclusive else '<'} {statement.bind(bound, column.kind)}")
    return "(" + " and ".join(holds or [f"{sql} is not null"]) + ")"


def _check_amounts(lowest: Decimal | None, bound: Decimal | None, path: Path) -> None:
    """An amount is stored in ten-thousandths: what is finer or too large to be stored can't be compared."""
    for amount in (lowest, bound):
        if amount is not None and (abs(amount) >= AMOUNT_BOUND or (amount * MONEY_SCALE) % 1):
            raise Refusal(f"An amount is less than {AMOUNT_BOUND:,} and has at most four decimals.", path=path)


def token(source: Source, condition: Blind, value: object, path: Path) -> bytes:
    """The blind index's token for a plain value; a value that has no normal form is refused by its path."""
    holder = source_of(condition.through.target) if condition.through else source
    index = holder.model._meta.fields_map[condition.index]
    assert isinstance(index, BlindIndexField)
    try:
        return index.token(condition.normal(str(value)))
    except Refusal as refusal:
        raise Refusal(refusal.message, path=path, code=refusal.code) from None


def check(actor: Actor, source: Source, value: object, path: Path) -> None:
    """Refuse a filter that is too large, or that tells of columns which this caller may not see."""
    for number, (at, condition, _) in enumerate(walk(value, path), start=1):
        if number > CONDITIONS_MAX:
            raise Refusal(f"A filter holds at most {CONDITIONS_MAX} conditions.", path=at, code=Code.LIMIT_EXCEEDED)
        scope = scope_of(source, condition)
        if not actor.may(scope):
            raise Forbidden(f"Filtering by this needs the scope {scope}.", path=at)


def scope_of(source: Source, condition: Condition) -> Scope | None:
    """What a caller needs, beside the source's own scope, to filter so."""
    if isinstance(condition, Tied):
        return condition.scope
    return source.columns[condition.of if isinstance(condition, Blind) else condition.column].scope


def conditions_of(filter_type: type) -> dict[str, Condition]:
    """The condition of each field that has one."""
    known = _CONDITIONS.get(filter_type)
    if known is None:
        known = _CONDITIONS[filter_type] = _conditions_of(filter_type)
    return known


def _conditions_of(filter_type: type) -> dict[str, Condition]:
    hints = get_type_hints(filter_type, include_extras=True)
    return {name: mark for name, hint in hints.items() for mark in getattr(hint, "__metadata__", ()) if isinstance(mark, Condition)}
