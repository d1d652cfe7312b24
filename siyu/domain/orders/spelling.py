"""From what was said of an order to what is stored of it. Everything that does not fit is refused by its path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import orjson

from siyu.domain.kernel.inputs import UNSET, Unset
from siyu.domain.kernel.money import AMOUNT_BOUND, amount_e4, currency_code
from siyu.domain.kernel.wording import optional_line, required_code
from siyu.domain.orders.inputs import LineGiven, OrderSaid
from siyu.domain.orders.rules import digest
from siyu.domain.orders.tables import OrderStatus
from siyu.domain.products import Article
from siyu.privacy.refusal import Code, Refusal

#: Lines of an order, and pieces of a line.
LINES_MAX: Final = 200
QUANTITY_MAX: Final = 1_000_000
#: How far ahead of ours another system's clock may be.
_AHEAD: Final = timedelta(days=1)
_EARLIEST_YEAR: Final = 1970
#: Whose an order is before its customer is looked up.
NOBODY: Final = UUID(int=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One article. The amount is in whole ten-thousandths of the order's currency."""

    sku: str | None
    title: str | None
    category: str | None
    brand: str | None
    quantity: int
    unit_price_e4: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderGiven:
    """An order as it comes from elsewhere, its customer known. Amounts are whole ten-thousandths. What is `UNSET` stays."""

    external_id: str
    customer_id: UUID
    total_e4: int
    currency: str
    status: OrderStatus
    channel: str | Unset | None
    placed_at: datetime
    items_count: int | Unset
    said_at: datetime | None = None
    lines: Sequence[Line] | Unset = UNSET
    #: Where the order was in the input, for what is refused later.
    path: tuple[str, ...] = ()

    @property
    def lines_digest(self) -> bytes | None:
        """By what the same lines are known again, as they were given."""
        return None if isinstance(self.lines, Unset) else digest(orjson.dumps([asdict(line) for line in self.lines]))


def spelled(said: OrderSaid, now: datetime, path: tuple[str, ...]) -> OrderGiven:
    """The order in its normal spelling, of nobody yet; `now` is what our clock says."""
    currency = currency_code(said.total.currency, (*path, "total", "currency"))
    lines: Sequence[Line] | Unset = UNSET
    if said.lines is not UNSET:
        if len(said.lines or ()) > LINES_MAX:
            raise Refusal(f"An order has at most {LINES_MAX} lines.", path=(*path, "lines"), code=Code.LIMIT_EXCEEDED)
        lines = [_line(line, currency, (*path, "lines", str(number))) for number, line in enumerate(said.lines or ())]
    for name, moment in (("placed_at", said.placed_at), ("updated_at", said.updated_at)):
        if moment is not None and not (moment.year >= _EARLIEST_YEAR and moment <= now + _AHEAD):
            raise Refusal("The moment lies in the future, or before 1970.", path=(*path, name))
    return OrderGiven(
        external_id=required_code(said.external_id, (*path, "external_id"), most=80),
        customer_id=NOBODY,
        total_e4=amount_e4(said.total.amount, (*path, "total", "amount")),
        currency=currency,
        status=said.status,
        channel=UNSET if isinstance(said.channel, Unset) else optional_line(said.channel, (*path, "channel"), most=40),
        placed_at=said.placed_at,
        items_count=UNSET if isinstance(lines, Unset) else sum(line.quantity for line in lines),
        said_at=said.updated_at,
        lines=lines,
        path=path,
    )


def _line(given: LineGiven, currency: str, path: tuple[str, ...]) -> Line:
    if not 1 <= given.quantity <= QUANTITY_MAX:
        raise Refusal(f"A quantity is from 1 to {QUANTITY_MAX:,}.", path=(*path, "quantity"))
    if currency_code(given.unit_price.currency, (*path, "unit_price", "currency")) != currency:
        raise Refusal("A line is in its order's currency.", path=(*path, "unit_price", "currency"), code=Code.CONFLICT)
    price = amount_e4(given.unit_price.amount, (*path, "unit_price", "amount"))
    if price * given.quantity >= AMOUNT_BOUND * 10_000:
        raise Refusal(f"A line comes to less than {AMOUNT_BOUND:,}.", path=path, code=Code.LIMIT_EXCEEDED)
    sku = required_code(given.sku, (*path, "sku"), most=80) if given.sku is not None else None
    title = optional_line(given.title, (*path, "title"), most=200)
    if sku is None and title is None:
        raise Refusal("A line needs a title, or the sku of a product.", path=(*path, "title"), code=Code.BLANK)
    return Line(
        sku=sku,
        title=title,
        category=optional_line(given.category, (*path, "category"), most=80),
        brand=optional_line(given.brand, (*path, "brand"), most=80),
        quantity=given.quantity,
        unit_price_e4=price,
    )


def completed(line: Line, known: Mapping[str, Article]) -> Line:
    """The line with what its product lends where it says nothing; its number is its title where nothing else is known."""
    article = known.get(line.sku or "")
    return replace(
        line,
        title=line.title or (article.title if article else line.sku),
        category=line.category or (article.category if article else None),
        brand=line.brand or (article.brand if article else None),
    )
