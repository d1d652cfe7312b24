"""What an operation costs, known before it runs: the objects that it may touch, from its pages' sizes and its relations' ceilings.

Objects cost one each, their values nothing, a count and a mutation a fixed charge. The operation is priced as it stands,
whoever answers it: one field that has no plan makes the rest no cheaper. docs/frontend.md says the same in a table.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

from graphql import GraphQLError, GraphQLSchema, value_from_ast_untyped

from siyu.schema.documents import Document, Operation
from siyu.schema.plans.charges import Charge, Given, Path
from siyu.schema.plans.pricing import Pricing


@dataclass(frozen=True, slots=True)
class Part:
    """One field's share of the cost: `each` objects below every one of its `parents`."""

    path: Path
    parents: int
    each: int
    cost: int


@dataclass(frozen=True, slots=True)
class Price:
    """What an operation's fields are charged; `known` where no variable decides."""

    charges: tuple[Charge, ...]
    defaults: Given
    known: int | None

    def total(self, raw: Given) -> int:
        """The operation's cost with these variables: 1 at the least."""
        if self.known is not None:
            return self.known
        given = {**self.defaults, **raw} if self.defaults else raw
        return max(1, sum([each.total(given) for each in self.charges]))

    def parts(self, raw: Given) -> list[Part]:
        """The cost field by field, from the root down."""
        given = {**self.defaults, **raw}
        return [part for each in self.charges for part in _parts(each, 1, given)]


def _parts(charge: Charge, parents: int, given: Given) -> Iterator[Part]:
    each = charge.objects(given)
    cost = parents * (charge.fixed + each * charge.own)
    if cost:
        yield Part(charge.path, parents, each if charge.own else 0, cost)
    for below in charge.dearest(given):
        yield from _parts(below, parents * each, given)


class Costs:
    """Prices of operations, worked out once a document; the least recently used are dropped first."""

    def __init__(self, schema: GraphQLSchema, *, entries_max: int = 1_000) -> None:
        self.schema = schema
        self.entries_max = entries_max
        self._kept: OrderedDict[tuple[object, ...], Price] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def price(self, document: Document, operation: Operation, raw: Given) -> Price:
        """What the operation's fields are charged. Never raises: what doesn't fit is refused when it is run."""
        deciding = tuple(_decided(operation, name, raw) for name in operation.deciding)
        key = (document.hash, operation.node.name.value if operation.node.name else "", deciding)
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
            return found
        defaults = _defaults(operation)
        pricing = Pricing(self.schema, document, {**defaults, **dict(zip(operation.deciding, deciding, strict=True))})
        charges = tuple(pricing.operation(operation))
        known = max(1, sum(each.total({}) for each in charges)) if all(each.constant for each in charges) else None
        made = self._kept[key] = Price(charges, defaults, known)
        while len(self._kept) > self.entries_max:
            self._kept.popitem(last=False)
        return made


def too_dear(cost: int, limit: int) -> GraphQLError:
    """How an operation that costs more than the limit is refused."""
    said = f"This may touch {cost:,} objects; {limit:,} are allowed. Ask for smaller pages, above all of nested lists."
    return GraphQLError(said, extensions={"code": "TOO_COMPLEX", "cost": {"requested": cost, "limit": limit}})


def _defaults(operation: Operation) -> dict[str, object]:
    declared = operation.node.variable_definitions or ()
    return {each.variable.name.value: value_from_ast_untyped(each.default_value) for each in declared if each.default_value is not None}


def _decided(operation: Operation, name: str, raw: Given) -> bool | None:
    """What @skip or @include is told; None for what it can't be told."""
    value = raw[name] if name in raw else _defaults(operation).get(name)
    return value if isinstance(value, bool) else None
