"""Opening the values that people are compared by: under a grant, a page at a time, with a line in the audit trail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast
from uuid import UUID

from siyu.domain.customers import CUSTOMER
from siyu.domain.duplicates.person import Person, person
from siyu.domain.kernel.reading import Ask, Reader
from siyu.privacy.actor import Actor, Scope

#: What the job that compares must hold.
SCOPES: Final = (
    Scope.DATA_QUALITY_WRITE, Scope.CUSTOMERS_READ, Scope.CUSTOMER_NAME_READ, Scope.CUSTOMER_PHONE_READ, Scope.CUSTOMER_EMAIL_READ,
    Scope.CUSTOMER_ADDRESS_READ, Scope.CUSTOMER_BIRTHDAY_READ, Scope.CUSTOMER_DEMOGRAPHICS_READ, Scope.CUSTOMER_LOCATION_READ,
)  # fmt: skip
_COLUMNS: Final = (
    "display_name", "family_name", "given_name", "birthday", "phone", "email", "line1", "line2", "postal_code", "city", "province",
    "gender",
)  # fmt: skip
_PAGE: Final = 500


async def people(actor: Actor, customer_ids: Sequence[UUID]) -> dict[UUID, Person]:
    """These people, ready to be compared. Whoever restricted processing, was merged or erased is missing."""
    found: dict[UUID, Person] = {}
    for start in range(0, len(customer_ids), _PAGE):
        ask = Ask(CUSTOMER)
        for name in (*_COLUMNS, "restricted", "merged_into_id"):
            ask.want(name)
        for row in await Reader(actor).by_ids(ask, customer_ids[start : start + _PAGE]):
            if row is not None and not row["restricted"] and row["merged_into_id"] is None:
                values = {name: row[name] for name in _COLUMNS}
                found[cast(UUID, row["id"])] = person(**values)  # type: ignore[arg-type]  # as the columns' kinds are
    return found
