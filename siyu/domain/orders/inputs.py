"""What is said to us of orders. `UNSET` is "left out": it stays as it is; null clears."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from annotated_doc import Doc

from siyu.domain.customers import DateTimeRange, IdentityGiven, Unknown
from siyu.domain.kernel.inputs import UNSET, Ref, Unset
from siyu.domain.kernel.money import MoneyGiven
from siyu.domain.kernel.reading import OneOf, Within
from siyu.domain.kernel.reading.conditions import Tied
from siyu.domain.orders.tables import OrderStatus
from siyu.privacy.actor import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class LineGiven:
    sku: Annotated[str | None, Doc("The article's number; a product that is known by it lends what is left out here.")] = None
    title: Annotated[str | None, Doc("The article's name; needed where no product is known by the number.")] = None
    category: Annotated[str | None, Doc("The article's category.")] = None
    brand: Annotated[str | None, Doc("The article's brand.")] = None
    quantity: Annotated[int, Doc("How many, from 1.")]
    unit_price: Annotated[MoneyGiven, Doc("Price of one, in the order's currency.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSaid:
    external_id: Annotated[str, Doc("The order's number in your own system; by it an order is known again.")]
    customer: Annotated[IdentityGiven, Doc("By what the customer is known who placed it.")]
    total: Annotated[MoneyGiven, Doc("What is to be paid, after discounts and with shipping: lines may come to more or less.")]
    status: Annotated[OrderStatus, Doc("Where the order stands.")]
    channel: Annotated[str | Unset | None, Doc("Where it was placed: a shop, an app, a site.")] = UNSET
    placed_at: Annotated[datetime, Doc("When it was placed.")]
    updated_at: Annotated[
        datetime | None,
        Doc("When your system knew the order so. An older word never overwrites a newer one; without it, a status only advances."),
    ] = None
    lines: Annotated[list[LineGiven] | Unset | None, Doc("The articles, at most 200. They replace those that are there.")] = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersRecord:
    orders: Annotated[list[OrderSaid], Doc("At most 1,000, in the order in which they happened.")]
    unknown_customers: Annotated[Unknown, Doc("What becomes of an identity that nobody is known by; `CREATE` when left out.")] = (
        Unknown.CREATE
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundGiven:
    order_id: Annotated[UUID, Ref("Order"), Doc("The order.")]
    amount: Annotated[MoneyGiven, Doc("What was paid back now, in the order's currency; no more than is left.")]
    idempotency_key: Annotated[str, Doc("A text of your own that no other refund has: sent again, nothing happens twice.")]


class OrderSort(StrEnum):
    PLACED_AT_DESC = "PLACED_AT_DESC"
    PLACED_AT_ASC = "PLACED_AT_ASC"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilter:
    """Every member that is given must hold."""

    customers: Annotated[list[UUID] | None, Ref("Customer"), Doc("Placed by one of these customers."), OneOf("customer_id")] = None
    segment: Annotated[
        UUID | None,
        Ref("Segment"),
        Doc("Placed by a customer who is in this segment now. Scope `segments:read`."),
        Tied("segment_members", "customer_id", "segment_id", Scope.SEGMENTS_READ, of="customer_id"),
    ] = None
    external_id: Annotated[list[str] | None, Doc("One of these numbers."), OneOf("external_id")] = None
    status: Annotated[list[OrderStatus] | None, Doc("In one of these states."), OneOf("status")] = None
    channel: Annotated[list[str] | None, Doc("Placed at one of these."), OneOf("channel")] = None
    currency: Annotated[list[str] | None, Doc("In one of these currencies, as ISO 4217 codes."), OneOf("currency")] = None
    placed_at: Annotated[DateTimeRange | None, Doc("When it was placed."), Within("placed_at")] = None
    all: Annotated[list[OrderFilter] | None, Doc("All of these hold.")] = None
    any: Annotated[list[OrderFilter] | None, Doc("At least one of these holds.")] = None
    not_: Annotated[OrderFilter | None, Doc("This does not hold.")] = None
