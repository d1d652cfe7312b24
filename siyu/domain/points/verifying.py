"""Proving that every balance is what its entries come to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from siyu.domain.kernel import database
from siyu.domain.kernel.database import DriverRow
from siyu.domain.kernel.dialect import Kind, Statement
from siyu.domain.kernel.operation import operation
from siyu.domain.points import replaying
from siyu.domain.points.holding import as_id
from siyu.privacy.actor import Actor, Scope

#: Accounts of one statement.
BATCH: Final = 2_000

Progress = Callable[[int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Fault:
    """An account that does not agree with its ledger, and in what: `balance`, `pending`, `lifetime`, `lots`, `account`."""

    customer_id: UUID
    what: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verified:
    """How many accounts were replayed, what all balances and all entries come to, and what is wrong.

    The two sums are equal where nothing is wrong and nobody posts meanwhile.
    """

    accounts: int
    balances: int
    entries: int
    faults: tuple[Fault, ...]


@operation(Scope.POINTS_READ)
async def verify(actor: Actor, *, progress: Progress | None = None) -> Verified:
    """Replay everybody's entries and lots, and compare; a few statements for some thousand accounts, each its own view.

    So a posting made meanwhile is seen as a whole or not at all, and nobody waits.
    """
    faults: list[Fault] = []
    accounts = balances = 0
    after: UUID | None = None
    while rows := await _batch(after):
        for row in rows:
            accounts += 1
            balances += int(row["balance"])
            what = _wrong(row)
            if what:
                faults.append(Fault(as_id(row["customer_id"]), what))
        after = as_id(rows[-1]["customer_id"])
        if progress is not None:
            await progress(accounts)
    faults += [Fault(each, ("account",)) for each in await _without_account()]
    total = int((await database.rows("select cast(coalesce(sum(change), 0) as bigint) from points_entries"))[0][0])
    return Verified(accounts, balances, total, tuple(faults))


def _wrong(row: DriverRow) -> tuple[str, ...]:
    checks = (
        ("balance", row["balance"] == row["replayed"]),
        ("pending", row["pending"] == row["replayed_pending"] == row["waiting"]),
        ("lifetime", row["lifetime_earned"] == row["earned"]),
        ("lots", row["ready"] == max(0, row["balance"]) and not row["wrong"]),
    )
    return tuple(name for name, right in checks if not right)


async def _batch(after: UUID | None) -> list[DriverRow]:
    statement = Statement(database.dialect())
    beyond = f" where customer_id > {statement.bind(after, Kind.ID)}" if after is not None else ""
    some = "select customer_id from batch"
    hint = "materialized " if statement.dialect == "postgres" else ""
    return list(
        await database.rows(
            f"with batch as {hint}(select customer_id, balance, pending, lifetime_earned from points_accounts{beyond}"  # noqa: S608  # bound values only
            f" order by customer_id limit {BATCH})"
            " select a.customer_id, a.balance, a.pending, a.lifetime_earned, coalesce(e.balance, 0) as replayed,"
            " coalesce(e.pending, 0) as replayed_pending, coalesce(e.earned, 0) as earned, coalesce(l.ready, 0) as ready,"
            " coalesce(l.waiting, 0) as waiting, coalesce(l.wrong, 0) as wrong from batch a"
            f" left join ({replaying.entries(some)}) e on e.customer_id = a.customer_id"
            f" left join ({replaying.lots(some)}) l on l.customer_id = a.customer_id order by a.customer_id",
            statement.args,
        )
    )


async def _without_account() -> list[UUID]:
    without = "not exists (select 1 from points_accounts a where a.customer_id = t.customer_id)"
    lacking = f"select distinct t.customer_id from {{}} t where {without}"  # noqa: S608  # our own words only
    rows = await database.rows(" union ".join(lacking.format(table) for table in ("points_entries", "points_lots")))
    return [as_id(row[0]) for row in rows]
