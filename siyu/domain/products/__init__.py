"""Products: what is sold."""

from siyu.domain.products.commands import PRODUCTS_MAX, Upserted, upsert
from siyu.domain.products.inputs import ProductFilter, ProductGiven, ProductsUpsert
from siyu.domain.products.queries import Article, known, resolve
from siyu.domain.products.source import PRODUCT

__all__ = [
    "PRODUCT", "PRODUCTS_MAX", "Article", "ProductFilter", "ProductGiven", "ProductsUpsert", "Upserted", "known", "resolve", "upsert",
]  # fmt: skip
