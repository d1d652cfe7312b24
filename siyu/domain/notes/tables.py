"""Notes of staff on customers."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index

from siyu.domain.kernel.tables import Row
from siyu.privacy.actor import Scope
from siyu.privacy.personal import Category
from siyu.privacy.sealed import PersonalModel, SealedField


class Note(Row, PersonalModel):
    """What somebody wrote about a customer; it belongs to the customer, and goes with them."""

    technical = frozenset({"id", "created_at", "customer_id", "author_id"})

    customer_id = fields.UUIDField()
    author_id = fields.UUIDField(null=True)
    body = SealedField(category=Category.FREE_TEXT, scope=Scope.NOTES_READ, null=False, description="The text.")

    class Meta:
        table = "notes"
        indexes = (Index(fields=("customer_id", "created_at", "id")),)
