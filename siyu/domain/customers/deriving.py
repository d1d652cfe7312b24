"""What follows from a date of birth and goes stale by itself: the month and the age band."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from siyu.domain.customers.tables import Customer
from siyu.domain.kernel import database
from siyu.domain.kernel.dialect import Kind, encode
from siyu.domain.kernel.operation import operation, touch
from siyu.domain.kernel.touching import Change
from siyu.privacy.actor import Actor, Scope


@dataclass(frozen=True, slots=True)
class Derived:
    """What follows from a customer's date of birth today; None for who gave none."""

    customer_id: UUID
    birth_month: int | None
    age_band: str | None


@operation(Scope.CUSTOMERS_WRITE, writes=True)
async def derive(actor: Actor, people: Sequence[Derived]) -> None:
    """Set the derived columns; `updated_at` stays, since nobody has said anything new. One statement, run for each customer."""
    dialect, mark = database.dialect(), database.mark
    await database.run_many(
        f"update {Customer._meta.db_table} set birth_month = {mark(1)}, age_band = {mark(2)} where id = {mark(3)}",  # noqa: S608  # marks only
        [(each.birth_month, each.age_band, encode(dialect, Kind.ID, each.customer_id)) for each in people],
    )
    touch(Change.PROFILE, [each.customer_id for each in people])
