"""Writing what was entered into books: one statement on PostgreSQL, a few on SQLite, however many books and lines."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final
from uuid import UUID

from siyu.domain.kernel import database, ids
from siyu.domain.kernel.dialect import Dialect, Kind, Statement, encode
from siyu.domain.kernel.operation import touch
from siyu.domain.kernel.touching import Change
from siyu.domain.points.book import Book
from siyu.domain.points.tables import PointsEntry
from siyu.privacy import sealed

_ENTRIES: Final = {
    "id": Kind.ID, "customer_id": Kind.ID, "account_id": Kind.ID, "sequence": Kind.INT, "kind": Kind.TEXT, "points": Kind.INT,
    "change": Kind.INT, "balance_after": Kind.INT, "source": Kind.TEXT, "about_id": Kind.ID, "rule_id": Kind.ID, "rule_version": Kind.INT,
    "reverses_id": Kind.ID, "covers": Kind.INT, "lot_id": Kind.ID, "available_at": Kind.DATETIME, "expires_at": Kind.DATETIME,
    "created_at": Kind.DATETIME, "reason": Kind.BYTES, "key": Kind.BYTES, "digest": Kind.BYTES,
}  # fmt: skip
_LOTS: Final = {
    "id": Kind.ID, "customer_id": Kind.ID, "entry_id": Kind.ID, "points": Kind.INT, "remaining": Kind.INT, "available_at": Kind.DATETIME,
    "expires_at": Kind.DATETIME, "activated": Kind.BOOL, "open": Kind.BOOL, "created_at": Kind.DATETIME,
}  # fmt: skip
_LEFT: Final = {"id": Kind.ID, "remaining": Kind.INT, "activated": Kind.BOOL, "open": Kind.BOOL}
_TAKES: Final = {"id": Kind.ID, "customer_id": Kind.ID, "entry_id": Kind.ID, "lot_id": Kind.ID, "points": Kind.INT}
_ACCOUNTS: Final = {
    "id": Kind.ID, "balance": Kind.INT, "pending": Kind.INT, "lifetime_earned": Kind.INT, "last_sequence": Kind.INT,
    "updated_at": Kind.DATETIME,
}  # fmt: skip

Rows = list[tuple[object, ...]]


async def write(books: Collection[Book], *, all_accounts: bool = False) -> None:
    """Write lines, lots, takes and what accounts come to, of books whose accounts are held; and say whose points have changed.
    With `all_accounts` accounts are written that have no new line.

    Books are left as if just opened: nothing is written twice.
    """
    changed = [book for book in books if all_accounts or book.lines or book.takes or book.touched]
    if not changed:
        return
    dialect = database.dialect()
    entries = await _entries(changed)
    parts = _parts(dialect, changed)
    if dialect == "postgres":
        statement = Statement(dialect)
        steps = [_insert(statement, "points_entries", _ENTRIES, entries)] if entries else []
        steps += [part(statement) for part in parts]
        named = ", ".join(f"w{number} as ({step})" for number, step in enumerate(steps))
        await database.rows(f"with {named} select 1", statement.args)
    else:
        await _insert_sqlite(entries)
        for part in parts:
            statement = Statement(dialect)
            await database.run(part(statement), statement.args)
    touch(Change.POINTS, [book.customer_id for book in changed])
    for book in changed:
        book.lines.clear()
        book.takes.clear()
        book.touched.clear()
        for lot in book.lots.values():
            lot.fresh = False


class _Insert:
    def __init__(self, table: str, columns: Mapping[str, Kind], rows: Rows) -> None:
        self.table, self.columns, self.rows = table, columns, rows

    def __call__(self, statement: Statement) -> str:
        return _insert(statement, self.table, self.columns, self.rows)


class _Update:
    def __init__(self, table: str, columns: Mapping[str, Kind], rows: Rows) -> None:
        self.table, self.columns, self.rows = table, columns, rows

    def __call__(self, statement: Statement) -> str:
        given = statement.table("v", self.columns, self.rows)
        sets = ", ".join(f"{name} = v.{name}" for name in self.columns if name != "id")
        return f"update {self.table} set {sets} from {given} where {self.table}.id = v.id"  # noqa: S608  # bound values only


def _parts(dialect: Dialect, books: Collection[Book]) -> list[_Insert | _Update]:
    lots: Rows = []
    left: Rows = []
    for book in books:
        for lot in book.touched.values():
            row = (lot.remaining, lot.available_at, lot.expires_at, lot.activated, lot.remaining > 0)
            if lot.fresh:
                lots.append((lot.id, book.customer_id, lot.entry_id, lot.points, *row, book.at))
            else:
                left.append((lot.id, lot.remaining, lot.activated, lot.remaining > 0))
    takes: Rows = [(ids.uuid7(), book.customer_id, take.entry_id, take.lot_id, take.points) for book in books for take in book.takes]
    accounts: Rows = [(book.account_id, book.balance, book.pending, book.lifetime_earned, book.last_sequence, book.at) for book in books]
    found: list[_Insert | _Update] = [_Update("points_accounts", _ACCOUNTS, accounts)]
    found += [_Insert("points_lots", _LOTS, lots)] if lots else []
    found += [_Update("points_lots", _LEFT, left)] if left else []
    found += [_Insert("points_takes", _TAKES, takes)] if takes else []
    return found


def _insert(statement: Statement, table: str, columns: Mapping[str, Kind], rows: Rows) -> str:
    names = ", ".join(columns)
    return f"insert into {table} ({names}) select {names} from {statement.table('v', columns, rows)}"  # noqa: S608  # bound values only


async def _insert_sqlite(entries: Rows) -> None:
    """Row by row, since JSON has no bytes; one statement all the same."""
    if not entries:
        return
    kinds = list(_ENTRIES.values())
    marks = ", ".join("?" * len(_ENTRIES))
    rows = [[None if value is None else encode("sqlite", kind, value) for kind, value in zip(kinds, row, strict=True)] for row in entries]
    await database.run_many(f"insert into points_entries ({', '.join(_ENTRIES)}) values ({marks})", rows)  # noqa: S608  # as above


async def _entries(books: Collection[Book]) -> Rows:
    reasons = await _sealed(books)
    return [
        (
            line.id, book.customer_id, book.account_id, line.sequence, line.kind, line.points, line.change, line.balance_after,
            line.note.source, line.note.about_id, line.note.rule_id, line.note.rule_version, line.reverses_id, line.covers, line.lot_id,
            line.available_at, line.expires_at, book.at, reasons.get(line.id), line.note.key, line.note.digest,
        )
        for book in books
        for line in book.lines
    ]  # fmt: skip


async def _sealed(books: Collection[Book]) -> dict[UUID, bytes]:
    """What is said of the lines, sealed under each person's own key, by entry."""
    rows = [
        PointsEntry.fresh(id=line.id, customer_id=book.customer_id, reason=line.note.reason)
        for book in books
        for line in book.lines
        if line.note.reason
    ]
    if rows:
        await sealed.seal(rows)
    return {row.id: row.reason.blob for row in rows if row.reason is not None}
