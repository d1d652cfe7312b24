"""Accounts, held until the transaction ends, by whoever writes entries; and the lots that entries touch."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast
from uuid import UUID

from siyu.domain import customers
from siyu.domain.kernel import clock, database, ids
from siyu.domain.kernel.database import DriverRow
from siyu.domain.kernel.dialect import Kind, Statement, decoder, held
from siyu.domain.points.book import Book, Lot
from siyu.domain.points.program import DEFAULT, ONLY, Program
from siyu.domain.points.tables import NegativeBalancePolicy
from siyu.privacy.actor import Actor

_HELD: Final = (
    "select c.id, c.merged_into_id, exists (select 1 from restrictions r where r.customer_id = c.id) as restricted,"
    " a.id as account_id, a.balance, a.pending, a.lifetime_earned, a.last_sequence,"
    " p.name, p.expire_after_days, p.pending_days, p.negative_balance, p.version"
)


@dataclass(frozen=True, slots=True)
class Held:
    """An account's book, without its lots, whether its person is restricted, and the program as it is now."""

    book: Book
    restricted: bool
    program: Program


async def hold(actor: Actor, customer_ids: Collection[UUID]) -> dict[UUID, Held]:
    """By each id the account of whoever that is now; whoever is no customer is missing. Who has no account gets one.

    They are held in the order of the customers' ids: hold all that a transaction writes to at once, or two wait for each other. One
    statement, and a few more for those who are new or were merged.
    """
    known = await _held(customer_ids)
    if len(known) == len(set(customer_ids)):
        return known
    stands = await customers.hold(actor, [each for each in customer_ids if each not in known])
    await open_accounts(set(stands.values()) - known.keys())
    known = await _held([*known, *stands.values()])
    return {given: known[now] for given in customer_ids if (now := stands.get(given, given)) in known}


async def _held(customer_ids: Iterable[UUID]) -> dict[UUID, Held]:
    """The accounts of those who are customers, not merged, and have one."""
    wanted = list(dict.fromkeys(customer_ids))
    if not wanted:
        return {}
    statement = Statement(database.dialect())
    bound = statement.parents(wanted)
    given = f"{bound} as s(id)" if statement.dialect == "postgres" else f"{bound} as s"
    sql = (
        f"{_HELD} from {given} join customers c on c.id = s.id join points_accounts a on a.customer_id = c.id"
        f" left join points_program p on p.id = {ONLY} where c.merged_into_id is null"
    )
    if statement.dialect == "postgres":
        sql += " order by c.id for key share of c for no key update of a"
    now = clock.now()
    found = [_of(row, now) for row in await database.rows(sql, statement.args)]
    return {each.book.customer_id: each for each in found}


def _of(row: DriverRow, now: datetime) -> Held:
    book = Book(
        customer_id=as_id(row["id"]),
        account_id=as_id(row["account_id"]),
        balance=int(row["balance"]),
        pending=int(row["pending"]),
        lifetime_earned=int(row["lifetime_earned"]),
        last_sequence=int(row["last_sequence"]),
        at=now,
    )
    known = (
        DEFAULT
        if row["version"] is None
        else Program(
            row["name"], row["expire_after_days"], row["pending_days"], NegativeBalancePolicy(row["negative_balance"]), row["version"]
        )
    )
    return Held(book, bool(row["restricted"]), known)


async def open_accounts(customer_ids: Collection[UUID]) -> None:
    """Accounts for these customers, where they have none."""
    if not customer_ids:
        return
    now = clock.now()
    statement = Statement(database.dialect())
    columns = {"id": Kind.ID, "customer_id": Kind.ID, "created_at": Kind.DATETIME}
    given = statement.table("g", columns, [(ids.uuid7(), each, now) for each in sorted(customer_ids)])
    await database.run(
        "insert into points_accounts (id, customer_id, created_at, updated_at, balance, pending, lifetime_earned, last_sequence)"  # noqa: S608  # bound values only
        f" select id, customer_id, created_at, created_at, 0, 0, 0, 0 from {given} where true on conflict (customer_id) do nothing",
        statement.args,
    )


async def hold_known(customer_ids: Collection[UUID]) -> dict[UUID, Book]:
    """The accounts that these ids have, merged or not, held; their customers are held by the caller. One statement."""
    statement = Statement(database.dialect())
    rows = await database.rows(
        "select customer_id, id, balance, pending, lifetime_earned, last_sequence from points_accounts"  # noqa: S608  # bound values only
        f" where {statement.among('customer_id', list(customer_ids), Kind.ID)} order by customer_id{held(statement.dialect)}",
        statement.args,
    )
    now = clock.now()
    return {as_id(row[0]): Book(as_id(row[0]), as_id(row[1]), int(row[2]), int(row[3]), int(row[4]), int(row[5]), now) for row in rows}


async def fill(books: Mapping[UUID, Book], *, also: Collection[UUID] = (), due: bool = False) -> None:
    """Put into each book the lots that anything is left of, and those named by `also`, where they are that customer's. One statement.

    With `due` those only of which something is due.
    """
    statement = Statement(database.dialect())
    wanted = f"{statement.among('customer_id', list(books), Kind.ID)} and open"
    if due:
        now = statement.bind(clock.now(), Kind.DATETIME)
        wanted += f" and (expires_at <= {now} or (available_at <= {now} and not activated))"
    if also:
        wanted = f"({wanted}) or {statement.among('id', list(also), Kind.ID)}"
    rows = await database.rows(
        f"select id, customer_id, entry_id, points, remaining, available_at, expires_at, activated from points_lots where {wanted}",  # noqa: S608  # as above
        statement.args,
    )
    for row in rows:
        book = books.get(as_id(row["customer_id"]))
        if book is not None:
            lot = as_lot(row)
            book.lots[lot.id] = lot


def as_lot(row: DriverRow) -> Lot:
    """A row of `points_lots`."""
    entry_id = row["entry_id"]
    return Lot(
        as_id(row["id"]),
        int(row["points"]),
        int(row["remaining"]),
        cast(datetime, as_moment(row["available_at"])),
        as_moment(row["expires_at"]),
        bool(row["activated"]),
        None if entry_id is None else as_id(entry_id),
    )


def as_id(value: object) -> UUID:
    """The driver's spelling of a key."""
    return value if isinstance(value, UUID) else UUID(str(value))


def as_moment(value: object) -> datetime | None:
    """The driver's spelling of a moment."""
    decode = decoder(database.dialect(), Kind.DATETIME)
    return cast("datetime | None", value if value is None or decode is None else decode(value))
