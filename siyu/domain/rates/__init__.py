"""Exchange rates into the organisation's own currency, as the organisation sets them."""

from siyu.domain.rates.commands import RATES_MAX, ExchangeRatesSet, RateGiven, set_, settle
from siyu.domain.rates.queries import Unsettled, between, unsettled
from siyu.domain.rates.rules import Rates, converted
from siyu.domain.rates.source import EXCHANGE_RATE

__all__ = [
    "EXCHANGE_RATE", "RATES_MAX", "ExchangeRatesSet", "RateGiven", "Rates", "Unsettled", "between", "converted", "set_", "settle",
    "unsettled",
]  # fmt: skip
