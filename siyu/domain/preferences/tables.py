"""What customers like best, worked out from what they bought and looked at."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tortoise import fields
from tortoise.models import Model

from siyu.domain.kernel.tables import Row
from siyu.privacy.actor import Scope
from siyu.privacy.personal import Category, personal
from siyu.privacy.sealed import PersonalModel


def _bought(description: str) -> Any:  # as the ORM's own fields: whatever is annotated
    return personal(fields.JSONField(null=True, description=description), Category.PURCHASE, scope=Scope.ORDERS_READ)


def _looked(description: str) -> Any:  # as above
    return personal(fields.JSONField(null=True, description=description), Category.BEHAVIOUR, scope=Scope.EVENTS_READ)


class Preference(Row, PersonalModel):
    """One customer's preferences: of each kind the first few, most first, each as `{value, count, share}`."""

    technical = frozenset({"id", "created_at", "customer_id", "computed_at"})

    customer_id = fields.UUIDField(unique=True)
    categories = _bought("Most bought categories, by pieces.")
    brands = _bought("Most bought brands, by pieces.")
    channels = _bought("Where most orders were placed.")
    hours = _bought("At which hours of the day most orders were placed, 0 to 23 in the organisation's time zone.")
    weekdays = _bought("On which days of the week most orders were placed, `MONDAY` to `SUNDAY` in the organisation's time zone.")
    viewed_categories = _looked("Categories in most events of the last year.")
    viewed_brands = _looked("Brands in most events of the last year.")
    searches = _looked("What was searched for most in the last year.")
    computed_at: datetime = fields.DatetimeField(description="When this was worked out.")

    class Meta:
        table = "preferences"


class PreferenceMark(Model):
    """Up to which moment orders and events were looked at. One row."""

    id = fields.SmallIntField(primary_key=True, generated=False)
    looked_until = fields.DatetimeField()

    class Meta:
        table = "preference_marks"
