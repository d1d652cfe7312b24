"""Orders: what customers bought."""

from siyu.domain.orders.buying import ordering_since, pieces, placements
from siyu.domain.orders.commands import ORDERS_MAX, record, record_batch, refund
from siyu.domain.orders.converting import convert
from siyu.domain.orders.inputs import LineGiven, OrderFilter, OrderSaid, OrderSort, OrdersRecord, RefundGiven
from siyu.domain.orders.paying import Payment, has_paid, payments
from siyu.domain.orders.queries import resolve
from siyu.domain.orders.recording import Recorded
from siyu.domain.orders.rules import COUNTED
from siyu.domain.orders.source import CURRENCY_SUMMARY, ORDER, ORDER_LINE, ORDER_REFUND
from siyu.domain.orders.spelling import OrderGiven
from siyu.domain.orders.sums import refresh
from siyu.domain.orders.tables import OrderStatus

__all__ = [
    "COUNTED", "CURRENCY_SUMMARY", "ORDER", "ORDERS_MAX", "ORDER_LINE", "ORDER_REFUND", "LineGiven", "OrderFilter", "OrderGiven",
    "OrderSaid", "OrderSort", "OrderStatus", "OrdersRecord", "Payment", "Recorded", "RefundGiven", "convert", "has_paid", "ordering_since",
    "payments", "pieces", "placements", "record", "record_batch", "refresh", "refund", "resolve",
]  # fmt: skip
