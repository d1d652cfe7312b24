"""Opening the values that are looked at: under a grant, a page at a time, with a line in the audit trail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Final, cast
from uuid import UUID

from siyu.domain.customers import CUSTOMER
from siyu.domain.kernel.reading import Ask, Reader
from siyu.domain.quality.rules import Stored
from siyu.privacy.actor import Actor, Scope

#: What the jobs of this noun must hold.
SCOPES: Final = (
    Scope.DATA_QUALITY_READ, Scope.DATA_QUALITY_WRITE, Scope.CUSTOMERS_READ, Scope.CUSTOMERS_WRITE, Scope.CUSTOMER_NAME_READ,
    Scope.CUSTOMER_PHONE_READ, Scope.CUSTOMER_EMAIL_READ, Scope.CUSTOMER_ADDRESS_READ, Scope.CUSTOMER_BIRTHDAY_READ,
    Scope.CUSTOMER_DEMOGRAPHICS_READ,
)  # fmt: skip
ALL: Final = tuple(field.name for field in fields(Stored))
#: What ages and months are worked out from.
DERIVED: Final = ("birthday", "birth_month", "age_band")


async def stored(actor: Actor, customer_ids: Sequence[UUID], columns: Sequence[str] = ALL) -> dict[UUID, Stored]:
    """What is stored of these people. Whoever restricted processing, was merged or erased is missing."""
    ask = Ask(CUSTOMER)
    for name in (*columns, "restricted", "merged_into_id"):
        ask.want(name)
    return {
        cast(UUID, row["id"]): Stored(**{name: row[name] for name in columns})  # type: ignore[arg-type]  # as the columns' kinds are
        for row in await Reader(actor).by_ids(ask, customer_ids)
        if row is not None and not row["restricted"] and row["merged_into_id"] is None
    }
