"""What can be read of products."""

from __future__ import annotations

from siyu.domain.kernel.reading import Order, Part, Source
from siyu.domain.products.tables import Product
from siyu.privacy.actor import Scope

PRODUCT = Source(
    "Product",
    table=Product,
    scope=Scope.PRODUCTS_READ,
    description="Something that is sold.",
    columns=("sku", "title", "category", "brand", "tags", "created_at", "updated_at"),
    internal=("price_e4", "price_currency"),
    more=(Part("price", {"amount": "price_e4", "currency": "price_currency"}, "The usual price.", null_with="price_e4"),),
    orders=(Order("CREATED_AT_DESC", "created_at"),),
)
