"""Why a rule holds for somebody, or does not; and which condition has lost people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from siyu.domain.kernel.operation import operation
from siyu.domain.rules.inputs import Rule
from siyu.domain.rules.tree import Path
from siyu.privacy.actor import Actor, Scope


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one node of a rule."""

    #: By the SDL's names, such as `("all", "1")`; empty for the whole.
    path: Path
    #: The node on one line.
    condition: str
    matched: bool
    #: The value that decided it, as JSON could hold it; None for a branch, for what is not known, and where the caller lacks a scope.
    actual: object
    #: What somebody must be allowed to read to see `actual`.
    scopes: frozenset[Scope]


@operation()
async def explained(actor: Actor, rule: Rule, customer_id: UUID) -> list[Verdict]:
    """Each node of a checked rule with what it comes to for this customer, a branch before what it holds. One statement.

    The caller has asked whether the customer may be seen: no purpose is asked here. Raises `NotFound` where there is no such customer.
    """
    return []


@operation()
async def lost(actor: Actor, rule: Rule, customer_ids: Sequence[UUID]) -> dict[Path, tuple[str, int]]:
    """For each condition by its path: the condition on one line, and how many of these customers it keeps out.

    Below an odd number of `not` a condition keeps those out for whom it holds; its line then begins with `not`. One statement for a few
    thousand customers each.
    """
    return {}
