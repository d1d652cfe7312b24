"""Exchange rates by the day from which they hold."""

from __future__ import annotations

from tortoise import fields

from siyu.domain.kernel import clock
from siyu.domain.kernel.tables import Row


class ExchangeRate(Row):
    """What one unit of a currency is worth in the organisation's, from a day on until a later rate takes its place."""

    base = fields.CharField(3, description="The organisation's currency, as it was when the rate was set.")
    currency = fields.CharField(3, description="ISO 4217 code of the currency that is converted.")
    valid_from = fields.DateField(description="The first day on which it holds, in the organisation's time zone.")
    rate_e12 = fields.BigIntField(description="What one unit is worth, in trillionths.")
    #: Whether orders are still to be converted by it.
    pending = fields.BooleanField(default=True)
    updated_at = fields.DatetimeField(default=clock.now, description="When it was last set.")

    class Meta:
        table = "exchange_rates"
        unique_together = (("base", "currency", "valid_from"),)
