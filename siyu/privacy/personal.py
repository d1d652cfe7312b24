"""What is personal, said once beside each column: its category, who may see it, for what and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from siyu.privacy.actor import Purpose, Scope

if TYPE_CHECKING:
    from tortoise.fields import Field

    AnyField = TypeVar("AnyField", bound=Field)  # type: ignore[type-arg]  # whatever field goes in comes out


class Category(StrEnum):
    """The kinds of personal data, as the contract's `PersonalDataCategory` names them."""

    IDENTITY = "IDENTITY"
    CONTACT = "CONTACT"
    DEMOGRAPHIC = "DEMOGRAPHIC"
    LOCATION = "LOCATION"
    BEHAVIOUR = "BEHAVIOUR"
    PURCHASE = "PURCHASE"
    LOYALTY = "LOYALTY"
    FEEDBACK = "FEEDBACK"
    FREE_TEXT = "FREE_TEXT"


@dataclass(frozen=True, slots=True)
class About:
    """All that the data map, export, retention and the SDL's directives know of a personal column.

    `retention_days` counts from the end of the relationship with the customer.
    """

    category: Category
    purposes: tuple[str, ...]
    retention_days: int
    scope: Scope | None = None


_ALL = (Purpose.SERVICE, Purpose.MARKETING, Purpose.COMPLIANCE)
_ALL_AND_ANALYTICS = (*_ALL, Purpose.ANALYTICS)

#: What holds for a category where a column says nothing else: purposes, and days of retention.
POLICY: dict[Category, tuple[tuple[str, ...], int]] = {
    Category.IDENTITY: (_ALL, 1095),
    Category.CONTACT: (_ALL, 1095),
    Category.DEMOGRAPHIC: (_ALL_AND_ANALYTICS, 1095),
    Category.LOCATION: (_ALL_AND_ANALYTICS, 1095),
    Category.BEHAVIOUR: (_ALL_AND_ANALYTICS, 730),
    Category.PURCHASE: (_ALL_AND_ANALYTICS, 1095),
    Category.LOYALTY: (_ALL_AND_ANALYTICS, 1095),
    Category.FEEDBACK: ((Purpose.SERVICE, Purpose.COMPLIANCE), 1095),
    Category.FREE_TEXT: ((Purpose.SERVICE, Purpose.COMPLIANCE), 730),
}


def about(
    category: Category, *, scope: Scope | None = None, purposes: tuple[str, ...] | None = None, retention_days: int | None = None
) -> About:
    """The facts of one column, the category's policy filling in what is left out."""
    usual_purposes, usual_days = POLICY[category]
    return About(category, purposes or usual_purposes, retention_days or usual_days, scope)


def personal(
    field: AnyField,
    category: Category,
    *,
    scope: Scope | None = None,
    purposes: tuple[str, ...] | None = None,
    retention_days: int | None = None,
) -> AnyField:
    """Mark a clear column as personal: rules are computed on it, so it is not sealed, but all else binds it."""
    field.about = about(category, scope=scope, purposes=purposes, retention_days=retention_days)  # type: ignore[attr-defined]  # our own mark
    return field
