"""Two customers who turn out to be one, and back: accounts are worked out anew from the rows that each has now.

Entries keep the account and the number under which they were written, so that two ledgers lie side by side in one. What one owes is
taken from what the other has, by takes without an entry, which the next merge or parting works out anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from siyu.domain.kernel import database
from siyu.domain.kernel.dialect import Kind, Statement
from siyu.domain.kernel.joining import refreshes
from siyu.domain.kernel.operation import operation
from siyu.domain.points import replaying
from siyu.domain.points.book import Book
from siyu.domain.points.holding import as_id, as_lot, hold_known, open_accounts
from siyu.domain.points.program import program
from siyu.domain.points.storing import write
from siyu.privacy.actor import Actor


@refreshes
@operation(writes=True)
async def refresh(actor: Actor, customer_ids: Sequence[UUID]) -> None:
    """Have balances be the sums of the entries that each has now, and lots hold what balances say. A few statements."""
    among = Statement(database.dialect())
    wanted = among.among("customer_id", list(customer_ids), Kind.ID)
    found = await database.rows(
        f"select customer_id from points_accounts where {wanted} union select customer_id from points_entries where {wanted}",  # noqa: S608  # bound values only
        among.args,
    )
    if not found:
        return
    await open_accounts([as_id(row[0]) for row in found])
    settled = Statement(database.dialect())
    gone = settled.among("customer_id", list(customer_ids), Kind.ID)
    await database.run(f"delete from points_takes where entry_id is null and {gone}", settled.args)  # noqa: S608  # as above
    books = await hold_known(customer_ids)
    stored = await _replay(books)
    expires_at = (await program(actor)).expires_at
    for book in books.values():
        book.mend(expires_at=expires_at(book.at))
        book.touched = {lot.id: lot for lot in book.lots.values() if lot.fresh or lot.remaining != stored[lot.id]}
    await write(books.values(), all_accounts=True)


async def _replay(books: dict[UUID, Book]) -> dict[UUID, int]:
    """Put into each book what its rows come to; by lot what it is stored with."""
    for book in books.values():
        book.balance = book.pending = book.lifetime_earned = 0
    sums = Statement(database.dialect())
    named = f"{sums.parents(list(books))} as s{'(id)' if sums.dialect == 'postgres' else ''}"
    within = f"select id from {named}"  # noqa: S608  # bound values only
    for row in await database.rows(replaying.entries(within), sums.args):
        book = books[as_id(row["customer_id"])]
        book.balance, book.pending, book.lifetime_earned = int(row["balance"]), int(row["pending"]), int(row["earned"])
    statement = Statement(database.dialect())
    stored: dict[UUID, int] = {}
    rows = await database.rows(
        "select id, customer_id, entry_id, points, remaining, available_at, expires_at, activated,"  # noqa: S608  # bound values only
        " (select coalesce(sum(t.points), 0) from points_takes t where t.lot_id = points_lots.id"
        " and t.customer_id = points_lots.customer_id) as taken"
        f" from points_lots where {statement.among('customer_id', list(books), Kind.ID)}",
        statement.args,
    )
    for row in rows:
        lot = as_lot(row)
        stored[lot.id] = lot.remaining
        lot.remaining = lot.points - int(row["taken"])
        books[as_id(row["customer_id"])].lots[lot.id] = lot
    return stored
