"""The statements of reads: one a page, one a nested relation, whatever the page's size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from siyu.domain.kernel.dialect import Kind, Statement
from siyu.domain.kernel.paging import Slice, place
from siyu.domain.kernel.reading.source import Across, Column, Many, Order, Source
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


@dataclass(frozen=True, slots=True)
class Hung:
    """How rows hang below others: what follows `from`, the rows being `t`; what ties one to its parent `k`; and the SQL of its own id."""

    rows: str
    tie: str
    own: str = "t.id"

    def sort(self, source: Source, order: Order) -> str:
        """What the rows are sorted by: their id as the link has it, whose index is then walked."""
        return self.own if order.column == "id" else source.columns[order.column].sql.format(t="t")


def hung(statement: Statement, source: Source, relation: Many, given: Mapping[str, object]) -> Hung:
    """How the rows of a relation hang; `given` are its arguments."""
    if not isinstance(relation, Across):
        return Hung(f"{source.table} t", f"{source.columns[relation.by].sql.format(t='t')} = k.id")
    deciding = {name: value for name, value in given.items() if value is not None and name in relation.linking}
    joined = f"l join {source.table} t on t.id = l.{relation.child}"
    own = f"l.{relation.child}"
    if deciding:
        assert relation.otherwise is not None, f"{relation.name}: nothing makes a link of its arguments"
        return Hung(f"({relation.otherwise(statement, 'k.id', deciding)}) {joined}", source.where or "1=1", own)
    return Hung(f"{relation.link} {joined}", f"l.{relation.parent} = k.id{_and(source.where)}", own)


def hung_counts(statement: Statement, hung: Hung, ids: Sequence[object], where: str) -> str:
    """How many rows of a link each parent has: `parent id, count`."""
    named = "k(id)" if statement.dialect == "postgres" else "k"
    return f"select k.id, (select count(*) from {hung.rows} where {hung.tie}{_and(where)}) from {statement.parents(ids)} {named}"


def count(source: Source, where: str) -> str:
    """How many rows the filter leaves."""
    return f"select count(*) from {source.table} t where {where}"


def keyset_where(statement: Statement, source: Source, order: Order, piece: Slice, hung: Hung | None = None) -> str:
    """The rows beyond the cursors of the slice."""
    column = source.columns[order.column]
    sort, own = (hung.sort(source, order), hung.own) if hung else (column.sql.format(t="t"), "t.id")
    holds = []
    for name, text, past in (("after", piece.after, True), ("before", piece.before, False)):
        if text is None:
            continue
        key, row_id = place(text, order.name, keys=2, name=name)
        try:
            marks = f"({statement.bind(_placed(column, key), column.kind)}, {statement.bind(row_id, Kind.ID)})"
        except (ValueError, ArithmeticError):
            raise Refusal("This is no cursor of this list; take one from `pageInfo` or an edge.", path=(name,)) from None
        holds.append(f"({sort}, {own}) {'<' if order.descending is past else '>'} {marks}")
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
    statement: Statement, select: Select, hung: Hung, ids: Sequence[object], where: str, order: Order, piece: Slice, *, counted: bool
) -> str:
    """The first rows of each parent: `parent id, [count,] columns…`, parents in no order, a parent's rows in `order`.

    Either way walks an index once a parent, however many rows there are: PostgreSQL joins laterally; SQLite, which can't, looks
    the first ids up for each parent.
    """
    direction = "desc" if order.descending else "asc"
    source = select.source
    parents = statement.parents(ids)
    sort = source.columns[order.column].sql.format(t="t")
    keyset = keyset_where(statement, source, order, piece, hung)
    tie = "" if order.column == "id" else f", t.id {direction}"
    # The limit as it is: a bound one makes PostgreSQL plan anew each time.
    first = (
        f"from {hung.rows} where {hung.tie}{_and(where)}{_and(keyset)} "
        f"order by {hung.sort(source, order)} {direction}{tie} limit {piece.size + 1}"
    )
    total = f"(select count(*) from {hung.rows} where {hung.tie}{_and(where)})"
    if statement.dialect == "postgres":
        inner = f"select {select.text} {first}"
        joined = f"left join lateral ({inner}) x on true" if counted else f"cross join lateral ({inner}) x"
        counts = f"cross join lateral {total} n(total)" if counted else ""
        return f"select k.id, {'n.total, ' if counted else ''}{select.names} from {parents} k(id) {counts} {joined}"
    found = f"t.id in (select t.id {first}) order by k.id, {sort} {direction}{tie}"
    if counted:
        # Counted beforehand, once a parent: otherwise SQLite counts again for each row of the page.
        counts = f"with k as materialized (select k.id, {total} as total from {parents} k)"
        return f"{counts} select k.id, k.total, {select.text} from k left join {source.table} t on {found}"
    return f"select k.id, {select.text} from {parents} k cross join {source.table} t on {found}"


def _and(condition: str) -> str:
    return f" and {condition}" if condition else ""
