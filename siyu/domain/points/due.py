"""Points that wait become spendable, and points that are past their days go, each at its moment."""

from __future__ import annotations

from typing import Final

from siyu.domain.kernel import clock, database
from siyu.domain.kernel.dialect import Kind, Statement
from siyu.domain.kernel.operation import operation
from siyu.domain.points.holding import as_id, fill, hold
from siyu.domain.points.storing import write
from siyu.privacy.actor import Actor, Scope

#: Customers of one transaction.
BATCH: Final = 500


@operation(Scope.JOBS_RUN)
async def settle(actor: Actor) -> int:
    """Activate and expire whatever is due, some customers a transaction; how many entries that took. Twice is the same as once.

    Those who restricted processing are not left out: nothing is kept for them longer than it lasts.
    """
    settled = 0
    while some := await _settle(actor):
        settled += some
    return settled


@operation(Scope.JOBS_RUN, writes=True)
async def _settle(actor: Actor) -> int:
    statement = Statement(database.dialect())
    now = statement.bind(clock.now(), Kind.DATETIME)
    waiting = f"select customer_id from points_lots where activated = {{}} and open and available_at <= {now}"  # noqa: S608  # bound values only
    ending = f"select customer_id from points_lots where open and expires_at <= {now} and activated"  # noqa: S608  # as above
    no = "false" if statement.dialect == "postgres" else "0"
    rows = await database.rows(f"{waiting.format(no)} union {ending} limit {BATCH}", statement.args)
    if not rows:
        return 0
    held = await hold(actor, [as_id(row[0]) for row in rows])
    books = {each.book.customer_id: each.book for each in held.values()}
    await fill(books, due=True)
    for book in books.values():
        book.settle()
    entries = sum(len(book.lines) for book in books.values())
    await write(books.values())
    return entries
