"""Directives that the SDL prints: what is personal, and which scope a field asks for."""

from __future__ import annotations

import strawberry
from strawberry.schema_directive import Location

from siyu.privacy.personal import Category

strawberry.enum(Category, name="PersonalDataCategory", description="The kinds of personal data.")


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION, Location.INPUT_FIELD_DEFINITION],
    name="personalData",
    description="This field holds personal data of this kind.",
)
class PersonalData:
    category: Category


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="requiresScope",
    description="Without this scope the field is null and listed in extensions.privacy.denied, or the call is refused.",
)
class RequiresScope:
    scope: str
