"""What there is to know of attributes, for whoever computes on them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from siyu.domain.attributes.tables import AttributeDefinition, AttributeType
from siyu.domain.kernel.operation import operation
from siyu.privacy.actor import Actor, Scope


@dataclass(frozen=True, slots=True)
class Described:
    """Which values an attribute takes, and whether they are sealed."""

    type: AttributeType
    #: Of a choice only.
    choices: tuple[str, ...] | None
    personal: bool


@operation(Scope.CUSTOMERS_READ)
async def described(actor: Actor, keys: Collection[str]) -> dict[str, Described]:
    """The attributes with these keys, as far as they are defined. One statement, none without keys."""
    found = await AttributeDefinition.filter(key__in=list(keys)) if keys else []
    return {each.key: Described(each.type, tuple(each.choices) if each.choices else None, each.personal) for each in found}
