"""How much is known of customers, in numbers: no value leaves here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from siyu.domain.customers.tables import Customer
from siyu.domain.kernel import database
from siyu.domain.kernel.dialect import Kind, Statement
from siyu.domain.kernel.operation import operation
from siyu.privacy.actor import Actor, Scope

#: What is counted, by the SDL's name of the field; an address counts when it has a first line.
COUNTED: Final[Mapping[str, str]] = {
    "externalId": "external_id",
    "displayName": "display_name",
    "familyName": "family_name",
    "givenName": "given_name",
    "phone": "phone",
    "email": "email",
    "address": "line1",
    "postalCode": "postal_code",
    "birthday": "birthday",
    "gender": "gender",
    "occupation": "occupation",
    "incomeBand": "income_band",
    "education": "education",
    "locale": "locale",
    "timezone": "timezone",
    "city": "city",
    "province": "province",
    "country": "country",
    "source": "source",
    "owner": "owner_id",
}


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the customers of one source: how many they are, who has each field filled, and of whom nothing changed lately."""

    source: str | None
    customers: int
    filled: Mapping[str, int]
    stale: int


@operation(Scope.DATA_QUALITY_READ)
async def known(actor: Actor, *, stale_before: datetime) -> list[Known]:
    """What is known, by source, the largest first. One statement, which goes over all customers once and opens nothing.

    Left out are visitors who have not said who they are, merged customers, and people who restricted processing.
    """
    statement = Statement(database.dialect())
    stale = statement.bind(stale_before, Kind.DATETIME)
    counts = ", ".join(f"count(t.{column})" for column in COUNTED.values())
    found = await database.rows(
        f"select t.source, count(*), sum(case when t.updated_at < {stale} then 1 else 0 end), {counts}"  # noqa: S608  # our own names
        f" from {Customer._meta.db_table} t where t.merged_into_id is null and not t.anonymous"
        " and not exists (select 1 from restrictions r where r.customer_id = t.id) group by t.source order by 2 desc, 1",
        statement.args,
    )
    return [
        Known(row[0], int(row[1]), {name: int(row[place]) for place, name in enumerate(COUNTED, start=3)}, stale=int(row[2]))
        for row in found
    ]
