"""The statements of reads: one a page, one a nested relation, whatever the page's size."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from siyu.domain.kernel.dialect import Kind, Statement
from siyu.domain.kernel.paging import Slice, place
from siyu.domain.kernel.reading.source import Column, Order, Source
from siyu.privacy.refusal import Refusal

_WHOLE_MOST = 2**63


class Select:
    """Columns of one source, in the order in which the driver's rows will hold them."""

    __slots__ = ("columns", "names", "source", "text")

    def __init__(self, source: Source, columns: Sequence[Column]) -> None:
        self.source = source
        self.columns = tuple(columns)
        #: The columns over alias `t`, and under their own names over alias `x`.
        self.text = ", ".join(f"{column.sql.format(t='t')} as c{number}" for number, column in enumerate(self.columns))
        self.names = ", ".join(f"x.c{number}" for number in range(len(self.columns)))

    def also(self, sql: str) -> Select:
        """With one more expression over alias `t` behind the columns."""
        more = Select.__new__(Select)
        more.source, more.columns, more.names = self.source, self.columns, self.names
        more.text = f"{self.text}, {sql} as c{len(self.columns)}"
        return more


def by_ids(statement: Statement, select: Select, ids: Sequence[object], guard: str, by: str = "id") -> str:
    """The rows with these ids, in no order; `by` is another column that names one row."""
    key = select.source.columns[by].sql.format(t="t")
    return f"select {select.text} from {select.source.table} t where {statement.among(key, ids, Kind.ID)}{_and(guard)}"


def page(statement: Statement, select: Select, where: str, order: Order, piece: Slice) -> str:
    """A page by keyset, with one row more than asked, which tells whether there are further pages."""
    descending = order.descending is not piece.backward
    keyset = keyset_where(statement, select.source, order, piece)
    direction = "desc" if descending else "asc"
    sort = select.source.columns[order.column].sql.format(t="t")
    tie = "" if order.column == "id" else f", t.id {direction}"
    return (
        f"select {select.text} from {select.source.table} t where {where}{_and(keyset)} "
        f"order by {sort} {direction}{tie} limit {piece.size + 1}"
    )


def counted_page(statement: Statement, select: Select, where: str, order: Order, piece: Slice) -> str:
    """A page that tells before each row how many rows the filter leaves: it filters once, and looks up the page's rows by id."""
    descending = order.descending is not piece.backward
    keyset = keyset_where(statement, select.source, order, piece)
    direction, table = "desc" if descending else "asc", select.source.table
    sort = select.source.columns[order.column].sql
    return (
        f"with found as materialized (select t.id, {sort.format(t='t')} as place from {table} t where {where}), "
        f"page as (select t.id, t.place from found t where {keyset.replace(sort.format(t='t'), 't.place') or '1=1'} "
        f"order by t.place {direction}, t.id {direction} limit {piece.size + 1}) "
        f"select (select count(*) from found), {select.text} from page p join {table} t on t.id = p.id "
        f"order by p.place {direction}, p.id {direction}"
    )


def child_counts(statement: Statement, source: Source, by: Column, ids: Sequence[object], where: str) -> str:
    """How many rows each parent has: `parent id, count`; a parent without any is not among them."""
    key = by.sql.format(t="t")
    return f"select {key}, count(*) from {source.table} t where {statement.among(key, ids, Kind.ID)}{_and(where)} group by 1"


def count(source: Source, where: str) -> str:
    """How many rows the filter leaves."""
    return f"select count(*) from {source.table} t where {where}"


def keyset_where(statement: Statement, source: Source, order: Order, piece: Slice) -> str:
    """The rows beyond the cursors of the slice."""
    column = source.columns[order.column]
    sort = column.sql.format(t="t")
    holds = []
    for name, text, past in (("after", piece.after, True), ("before", piece.before, False)):
        if text is None:
            continue
        key, row_id = place(text, order.name, keys=2, name=name)
        try:
            marks = f"({statement.bind(_placed(column, key), column.kind)}, {statement.bind(row_id, Kind.ID)})"
        except (ValueError, ArithmeticError):
            raise Refusal("This is no cursor of this list; take one from `pageInfo` or an edge.", path=(name,)) from None
        holds.append(f"({sort}, t.id) {'<' if order.descending is past else '>'} {marks}")
    return " and ".join(holds)


def _placed(column: Column, key: str | int) -> str | int:
    """A sort key out of a cursor, which anybody can forge; raises ValueError or ArithmeticError where the column can't hold it."""
    if column.kind is Kind.MONEY:
        amount_e4 = Decimal(key).scaleb(4)
        if not abs(amount_e4) < _WHOLE_MOST or amount_e4 != amount_e4.to_integral_value():
            raise ValueError("no such amount")
        return int(amount_e4)
    if "\0" in key if isinstance(key, str) else abs(key) >= _WHOLE_MOST:
        raise ValueError("no such key")
    return key


def children(
    statement: Statement, select: Select, by: Column, ids: Sequence[object], where: str, order: Order, piece: Slice, *, counted: bool
) -> str:
    """The first rows of each parent: `parent id, [count,] columns…`, parents in no order, a parent's rows in `order`.

    Either way walks an index once a parent, however many rows there are: PostgreSQL joins laterally; SQLite, which can't, looks
    the first ids up for each parent.
    """
    direction = "desc" if order.descending else "asc"
    source = select.source
    table, key = source.table, by.sql.format(t="t")
    parents = statement.parents(ids)
    sort = source.columns[order.column].sql.format(t="t")
    keyset = keyset_where(statement, source, order, piece)
    limit = piece.size + 1  # as it is: a bound limit makes PostgreSQL plan anew each time
    total = f"(select count(*) from {table} t where {key} = k.id{_and(where)})"
    if statement.dialect == "postgres":
        inner = (
            f"select {select.text} from {table} t where {key} = k.id{_and(where)}{_and(keyset)} "
            f"order by {sort} {direction}, t.id {direction} limit {limit}"
        )
        joined = f"left join lateral ({inner}) x on true" if counted else f"cross join lateral ({inner}) x"
        counts = f"cross join lateral {total} n(total)" if counted else ""
        return f"select k.id, {'n.total, ' if counted else ''}{select.names} from {parents} k(id) {counts} {joined}"
    first = (
        f"select t.id from {table} t where {key} = k.id{_and(where)}{_and(keyset)} "
        f"order by {sort} {direction}, t.id {direction} limit {limit}"
    )
    joined = f"{'left' if counted else 'cross'} join {table} t on t.id in ({first})"
    return (
        f"select k.id, {f'{total}, ' if counted else ''}{select.text} from {parents} k {joined} "
        f"order by k.id, {sort} {direction}, t.id {direction}"
    )


def _and(condition: str) -> str:
    return f" and {condition}" if condition else ""
