"""Products, and the words by which they are found."""

from __future__ import annotations

from tortoise import fields
from tortoise.fields import JSONField
from tortoise.indexes import Index
from tortoise.models import Model

from siyu.domain.kernel import clock
from siyu.domain.kernel.tables import Row


class Product(Row):
    """Something that is sold."""

    sku = fields.CharField(80, unique=True, description="The article's number; unique.")
    title = fields.CharField(200, description="The article's name.")
    category = fields.CharField(80, null=True, description="The article's category.")
    brand = fields.CharField(80, null=True, description="The article's brand.")
    price_e4 = fields.BigIntField(null=True, description="The usual price.")
    price_currency = fields.CharField(3, null=True, description="ISO 4217 code.")
    tags: JSONField[list[str]] = fields.JSONField(default=list, description="Words of your own.")
    updated_at = fields.DatetimeField(default=clock.now, description="When anything of it last changed.")

    class Meta:
        table = "products"
        indexes = (Index(fields=("created_at", "id")),)


class ProductWord(Model):
    """A word of a product's title or number in bytes, whose order is the same on every database."""

    id = fields.BigIntField(primary_key=True)
    product_id = fields.UUIDField(db_index=True)
    word = fields.BinaryField()

    class Meta:
        table = "product_words"
        indexes = (Index(fields=("word", "product_id")),)
