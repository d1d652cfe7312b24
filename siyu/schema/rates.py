"""Exchange rates in the SDL."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import strawberry

from siyu.domain import rates, work
from siyu.domain.kernel.paging import Slice
from siyu.schema import planned
from siyu.schema.binding import reads
from siyu.schema.connections import Connection
from siyu.schema.context import Info
from siyu.schema.errors import Payload, mutation
from siyu.schema.planned import PageOf
from siyu.schema.relay import Node
from siyu.schema.taking import Input, takes
from siyu.schema.work import Job


@reads(rates.EXCHANGE_RATE)
class ExchangeRate(Node):
    currency: str
    base: str
    rate: Decimal
    valid_from: date
    updated_at: datetime


@takes
class ExchangeRateInput(Input[rates.RateGiven]):
    """What one unit of a currency is worth, from a day on."""


@takes
class ExchangeRatesSetInput(Input[rates.ExchangeRatesSet]):
    """Rates to set."""


@strawberry.type(description="The work that converts orders by the rates that were set.")
class ExchangeRatesPayload(Payload):
    work_id: strawberry.Private[UUID | None] = None
    job: Job | None = planned.written(work.JOB, by="work_id")


@strawberry.type
class Query:
    @planned.query(Connection[ExchangeRate])
    def exchange_rates(
        self, info: Info, first: int | None = None, after: str | None = None, last: int | None = None, before: str | None = None
    ) -> PageOf:
        """The organisation's exchange rates, the latest day first."""
        return PageOf(rates.EXCHANGE_RATE, None, None, Slice(first, after, last, before))


@strawberry.type
class Mutation:
    @mutation
    async def exchange_rates_set(self, info: Info, input: ExchangeRatesSetInput) -> ExchangeRatesPayload:
        """Set exchange rates into the organisation's currency, all of them or none; orders that they concern are converted again by a job,
        null where nothing changed. Scope `orders:write`."""
        return ExchangeRatesPayload(work_id=await rates.set_(info.context.actor, input.to_domain()))
