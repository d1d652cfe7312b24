"""What can be read of preferences."""

from __future__ import annotations

from siyu.domain.kernel.reading import Source
from siyu.domain.preferences.tables import Preference
from siyu.privacy.actor import Scope

PREFERENCES = Source(
    "CustomerPreferences",
    table=Preference,
    scope=Scope.CUSTOMERS_READ,
    description="What a customer likes best, worked out every hour from what they bought and looked at; of each kind the first three.",
    columns=(
        "categories", "brands", "channels", "hours", "weekdays", "viewed_categories", "viewed_brands", "searches", "computed_at",
    ),
)  # fmt: skip
