"""Setting rates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Final
from uuid import UUID

from annotated_doc import Doc

from siyu.domain import work
from siyu.domain.kernel import boot, clock, database
from siyu.domain.kernel.money import currency_code
from siyu.domain.kernel.operation import operation
from siyu.domain.rates.queries import LOCK, Unsettled
from siyu.domain.rates.rules import rate_e12
from siyu.domain.rates.tables import ExchangeRate
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, Refusal, Refusals

#: Rates a call.
RATES_MAX: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RateGiven:
    currency: Annotated[str, Doc("ISO 4217 code of the currency that is converted.")]
    rate: Annotated[Decimal, Doc("What one unit of it is worth in the organisation's currency; at most twelve decimals.")]
    valid_from: Annotated[date, Doc("The first day on which it holds, in the organisation's time zone.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeRatesSet:
    rates: Annotated[list[RateGiven], Doc("At most 1,000. One that is there for the same currency and day is replaced.")]


@operation(Scope.ORDERS_WRITE, writes=True)
async def set_(actor: Actor, wish: ExchangeRatesSet) -> UUID | None:
    """Set rates, all of them or none. The id of the work that converts the orders concerned; None where nothing changed."""
    if len(wish.rates) > RATES_MAX:
        raise Refusal(f"Set at most {RATES_MAX:,} rates at once.", path=("input", "rates"), code=Code.LIMIT_EXCEEDED)
    base = boot.current().settings.currency
    given = _checked(wish.rates, base)
    await database.alone(LOCK)
    known = {
        (row.currency, row.valid_from): row
        for row in await ExchangeRate.filter(base=base, currency__in=sorted({currency for currency, _ in given}))
        if (row.currency, row.valid_from) in given
    }
    rows = []
    for (currency, valid_from), rate in given.items():
        row = known.get((currency, valid_from))
        if row is None:
            rows.append(ExchangeRate(base=base, currency=currency, valid_from=valid_from, rate_e12=rate))
        elif row.rate_e12 != rate:
            row.rate_e12, row.pending, row.updated_at = rate, True, clock.now()
            rows.append(row)
    if not rows:
        return None
    await ExchangeRate.bulk_create(
        rows, update_fields=["rate_e12", "pending", "updated_at"], on_conflict=["base", "currency", "valid_from"]
    )
    return await work.start(actor, "convert_orders")


def _checked(rates: Sequence[RateGiven], base: str) -> dict[tuple[str, date], int]:
    """The rates by currency and day, in trillionths. All that does not fit is refused at once, each at its path."""
    found: dict[tuple[str, date], int] = {}
    refusals: list[Refusal] = []
    for number, each in enumerate(rates):
        path = ("input", "rates", str(number))
        try:
            currency = currency_code(each.currency, (*path, "currency"))
            if currency == base:
                raise Refusal("This is the organisation's own currency: it needs no rate.", path=(*path, "currency"))
            rate = rate_e12(each.rate, (*path, "rate"))
            if found.setdefault((currency, each.valid_from), rate) != rate:
                raise Refusal("Two rates of one currency for one day.", path=(*path, "valid_from"), code=Code.CONFLICT)
        except Refusal as refusal:
            refusals.append(refusal)
    if refusals:
        raise Refusals(refusals)
    return found


@operation(Scope.JOBS_RUN, writes=True)
async def settle(actor: Actor, done: Sequence[Unsettled]) -> None:
    """Orders are marked to be converted by these rates; one that was set again meanwhile stays unsettled."""
    for each in done:
        await ExchangeRate.filter(id=each.id, updated_at=each.updated_at).update(pending=False)
