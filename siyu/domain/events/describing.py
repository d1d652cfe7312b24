"""What the register says of events, for whoever computes on them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from siyu.domain.events import register
from siyu.domain.kernel.operation import operation
from siyu.privacy.actor import Actor, Scope


@dataclass(frozen=True, slots=True)
class Described:
    """The properties that events of a name have shown, at whatever depth of their JSON."""

    #: By the property's name which types were seen: `string`, `number`, `boolean`, `date`, `array`, `object`, `null`.
    types: Mapping[str, frozenset[str]]
    #: Those whose values are sealed, by definition.
    personal: frozenset[str]
    #: Whether there may be more properties than are listed.
    full: bool


@operation(Scope.EVENTS_READ)
async def described(actor: Actor, names: Collection[str]) -> dict[str, Described]:
    """The register's events with these names; at most a second old. At most one statement, none without names."""
    found = await register.known(names) if names else {}
    return {name: Described(known.types, known.personal, len(known.types) >= register.PROPERTIES_MAX) for name, known in found.items()}
