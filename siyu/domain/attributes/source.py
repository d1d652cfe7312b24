"""What can be read of attributes."""

from __future__ import annotations

import orjson

from siyu.domain.attributes.tables import AttributeDefinition, AttributeValue
from siyu.domain.kernel.dialect import Kind
from siyu.domain.kernel.reading import Derived, Order, Source
from siyu.privacy.actor import Scope
from siyu.privacy.personal import Category, about

ATTRIBUTE_DEFINITION = Source(
    "AttributeDefinition",
    table=AttributeDefinition,
    scope=Scope.CUSTOMERS_READ,
    description="An attribute that the organisation defined for its customers.",
    columns=("key", "title", "type", "choices", "personal", "searchable", "retention_days"),
    orders=(Order("KEY_ASC", "key", descending=False),),
)


def _value(clear: object, sealed: object, searchable: object) -> object:
    if clear is not None:
        return clear
    return orjson.loads(searchable) if isinstance(searchable, str) else sealed


ATTRIBUTE_VALUE = Source(
    "AttributeValue",
    table=AttributeValue,
    scope=Scope.CUSTOMERS_READ,
    description="One customer's value of an attribute.",
    columns=("key",),
    internal=("clear", "sealed", "searchable"),
    more=(
        Derived(
            "value",
            Kind.JSON,
            needs=("clear", "sealed", "searchable"),
            compute=_value,
            description="The value, by the attribute's type. A personal one is null without `customer.attributes:read`.",
            about=about(Category.BEHAVIOUR),
        ),
    ),
    orders=(Order("KEY_ASC", "key", descending=False),),
)
