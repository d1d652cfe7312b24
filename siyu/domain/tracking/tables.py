"""Tables of the tracking API."""

from __future__ import annotations

from tortoise import fields

from siyu.domain.kernel.tables import Row
from siyu.privacy.personal import Category, personal
from siyu.privacy.sealed import PersonalModel


class TraitTimes(Row, PersonalModel):
    """When each trait of a customer was said, so that one that arrives late replaces nothing newer."""

    technical = frozenset({"id", "created_at", "customer_id", "left_at", "others_at"})

    customer_id = fields.UUIDField(unique=True)
    said: fields.Field[dict[str, str]] = personal(
        fields.JSONField(description="Moments by field or attribute; no value of any."), Category.BEHAVIOUR
    )
    #: The profile's `updated_at` as the last traits left it: while it is that, nobody else has changed the profile since.
    left_at = fields.DatetimeField()
    others_at = fields.DatetimeField(null=True, description="When somebody else last changed the profile.")

    class Meta:
        table = "trait_times"
