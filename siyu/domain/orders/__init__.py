"""Orders: what customers bought."""

from siyu.domain.orders.commands import OrderGiven, Recorded, record_batch
from siyu.domain.orders.source import ORDER, ORDER_LINE
from siyu.domain.orders.tables import OrderStatus

__all__ = ["ORDER", "ORDER_LINE", "OrderGiven", "OrderStatus", "Recorded", "record_batch"]
