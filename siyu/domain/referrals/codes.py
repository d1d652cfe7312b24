"""Finding the customer whose code it is. Codes follow from customers; what is kept is the way back, filled as customers come."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from siyu.domain import customers
from siyu.domain.kernel import clock, database, ids
from siyu.domain.kernel.dialect import Kind, Statement
from siyu.domain.kernel.operation import operation
from siyu.domain.referrals.tables import ReferralCode
from siyu.privacy.actor import Actor, Scope

#: Customers of one transaction.
BATCH: Final = 1_000
#: So many of them are filled for the sake of a code that is not kept; the rest the job does.
_AT_ONCE: Final = 20
#: A transaction that makes customers has ended after so long: older ones are all seen.
_SETTLED: Final = timedelta(hours=1)


async def holder(actor: Actor, code: str) -> UUID | None:
    """Whose code it is, of those who are there, whoever they were merged into; None: nobody's. In the current operation."""
    spelled = customers.referral_code_spelled(code)
    row = await ReferralCode.get_or_none(code=spelled)
    if row is None:
        for _ in range(_AT_ONCE):
            if not await fill_next():
                break
        row = await ReferralCode.get_or_none(code=spelled)
    return None if row is None else (await customers.hold(actor, [row.customer_id])).get(row.customer_id)


@operation(Scope.JOBS_RUN)
async def fill(actor: Actor) -> int:
    """Keep the codes of customers who came since; how many they were. Twice is the same as once."""
    count = 0
    while some := await _fill(actor):
        count += some
    return count


@operation(Scope.JOBS_RUN, writes=True)
async def _fill(actor: Actor) -> int:
    return await fill_next()


async def fill_next() -> int:
    """Keep the codes of the next customers who have none kept; how many. Two statements, which walk indexes.

    Keys are in order of time: everybody before the newest code, less the time that a transaction lasts, has theirs.
    """
    last = await ReferralCode.all().order_by("-customer_id").limit(1).only("id", "customer_id")
    since = ids.earliest(min(_made(last[0].customer_id), clock.now()) - _SETTLED) if last else UUID(int=0)
    statement = Statement(database.dialect())
    rows = await database.rows(
        f"select t.id from customers t where t.id > {statement.bind(since, Kind.ID)}"  # noqa: S608  # bound values only
        " and not exists (select 1 from referral_codes c where c.customer_id = t.id)"
        f" order by t.id limit {BATCH}",
        statement.args,
    )
    fresh = [UUID(str(row[0])) for row in rows]
    if fresh:
        await _keep(fresh)
    return len(fresh)


async def restore(customer_ids: Collection[UUID]) -> None:
    """Have each of these customers hold their own code, where one's has become another's."""
    owners = {customers.referral_code(key): key for key in customer_ids}
    for row in await ReferralCode.filter(customer_id__in=list(customer_ids)):
        owner = owners.get(row.code, row.customer_id)
        if owner != row.customer_id:
            await ReferralCode.filter(id=row.id).update(customer_id=owner)


async def _keep(customer_ids: Collection[UUID]) -> None:
    rows = [ReferralCode(id=ids.uuid7(), customer_id=key, code=customers.referral_code(key)) for key in customer_ids]
    await ReferralCode.bulk_create(rows, ignore_conflicts=True)


def _made(key: UUID) -> datetime:
    """When a key was made, as it says itself."""
    return datetime.fromtimestamp((key.int >> 80) / 1000, UTC)
