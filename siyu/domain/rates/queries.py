"""Looking rates up for other nouns."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from siyu.domain.kernel import boot, database
from siyu.domain.kernel.dialect import Kind, Statement, decoder
from siyu.domain.kernel.operation import operation
from siyu.domain.rates.rules import Rates
from siyu.domain.rates.tables import ExchangeRate
from siyu.privacy.actor import Actor

#: Whoever converts shares it, whoever sets rates has it alone: what was converted at an old rate is then seen by who converts again.
LOCK = "exchange rates"


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A rate by which orders are still to be converted."""

    id: UUID
    currency: str
    valid_from: date
    updated_at: datetime


@operation()
async def between(actor: Actor, currencies: Collection[str], *, first: datetime, last: datetime) -> Rates:
    """The rates of these currencies that hold on the days of the two moments and between; at most one statement.

    Inside a transaction no rate is set until it has ended.
    """
    settings = boot.current().settings
    base, zone = settings.currency, ZoneInfo(settings.timezone)
    foreign = sorted(set(currencies) - {base})
    if not foreign:
        return Rates(base, zone, {})
    if database.within():
        await database.alone(LOCK, shared=True)
    statement = Statement(database.dialect())
    among = statement.among("t.currency", foreign, Kind.TEXT)
    own, until = statement.bind(base), statement.bind(last.astimezone(zone).date(), Kind.DATE)
    since = statement.bind(first.astimezone(zone).date(), Kind.DATE)
    earlier = f"select max(e.valid_from) from exchange_rates e where e.base = {own} and e.currency = t.currency and e.valid_from <= {since}"  # noqa: S608  # bound values only
    sql = (
        f"select t.currency, t.valid_from, t.rate_e12 from exchange_rates t where t.base = {own} and {among} and t.valid_from <= {until}"  # noqa: S608  # bound values only
        f" and t.valid_from >= coalesce(({earlier}), t.valid_from) order by t.currency, t.valid_from"
    )
    day = decoder(statement.dialect, Kind.DATE) or (lambda value: value)
    known: dict[str, tuple[list[date], list[int]]] = {}
    for currency, valid_from, rate in await database.rows(sql, statement.args):
        days, values = known.setdefault(currency, ([], []))
        days.append(day(valid_from))  # type: ignore[arg-type]  # the column's kind
        values.append(int(rate))
    return Rates(base, zone, known)


@operation()
async def unsettled(actor: Actor) -> list[Unsettled]:
    """The rates by which orders are still to be converted."""
    found = await ExchangeRate.filter(base=boot.current().settings.currency, pending=True).order_by("currency", "valid_from")
    return [Unsettled(row.id, row.currency, row.valid_from, row.updated_at) for row in found]
