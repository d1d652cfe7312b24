"""What a customer likes best, in the SDL."""

from __future__ import annotations

from datetime import datetime

import strawberry

from siyu.domain import preferences
from siyu.schema.binding import reads


@strawberry.type(description="One value that a customer prefers.")
class Preference:
    value: str = strawberry.field(description="The value.")
    count: int = strawberry.field(description="How often it was counted.")
    share: float = strawberry.field(description="Its part of all that was counted, from 0 to 1.")


@reads(preferences.PREFERENCES)
class CustomerPreferences:
    categories: list[Preference] | None
    brands: list[Preference] | None
    channels: list[Preference] | None
    hours: list[Preference] | None
    weekdays: list[Preference] | None
    viewed_categories: list[Preference] | None
    viewed_brands: list[Preference] | None
    searches: list[Preference] | None
    computed_at: datetime
