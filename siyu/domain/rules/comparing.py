"""Comparisons as SQL. What is compared is known or not: unknown compares with nothing. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final, TypeVar

from siyu.domain.kernel.inputs import IntRange
from siyu.domain.rules.inputs import Comparison

T = TypeVar("T")

#: SQL that compares with one value; the sign is one of `=`, `>`, `>=`, `<` and `<=`.
Compares = Callable[[str, T], str]

_SIGNS: Final = {Comparison.EQ: "=", Comparison.GT: ">", Comparison.GTE: ">=", Comparison.LT: "<", Comparison.LTE: "<="}
#: What asks for something else than the values: it needs something that is known.
OTHERS: Final = frozenset({Comparison.NEQ, Comparison.NOT_IN})


def compared(comparison: Comparison, values: Sequence[T], compares: Compares[T], known: str) -> str:
    """SQL for a comparison with checked values. `known` is SQL that tells whether there is anything to compare; empty: there always is."""
    if comparison is Comparison.IS_SET:
        return known or "true"
    if comparison is Comparison.IS_NOT_SET:
        return f"not ({known})" if known else "false"
    if comparison in OTHERS:
        holds = f"not ({_one_of(values, compares)})"
        return f"({known} and {holds})" if known else f"({holds})"
    if comparison is Comparison.IN:
        return f"({_one_of(values, compares)})"
    if comparison is Comparison.BETWEEN:
        least, most = values
        return f"({compares('>=', least)} and {compares('<=', most)})"
    return f"({compares(_SIGNS[comparison], values[0])})"


def _one_of(values: Sequence[T], compares: Compares[T]) -> str:
    return " or ".join(compares("=", value) for value in values) or "false"


def within(sql: str, span: IntRange, mark: Callable[[int], str]) -> str:
    """SQL for a whole number between two, both included; `true` without either."""
    holds = [f"{sql} >= {mark(span.min)}"] if span.min is not None else []
    if span.max is not None:
        holds.append(f"{sql} <= {mark(span.max)}")
    return " and ".join(holds) or "true"


def inside(number: int, span: IntRange) -> bool:
    """Whether the number lies between the two, both included."""
    return (span.min is None or number >= span.min) and (span.max is None or number <= span.max)


def holds(comparison: Comparison, value: Decimal | None, values: Sequence[Decimal]) -> bool:
    """What a comparison with checked values comes to for a value; None is unknown."""
    if comparison in (Comparison.IS_SET, Comparison.IS_NOT_SET):
        return (value is None) is (comparison is Comparison.IS_NOT_SET)
    if value is None:
        return False
    if comparison is Comparison.BETWEEN:
        return values[0] <= value <= values[1]
    return _ASKED[comparison](value, values)


_ASKED: Final[dict[Comparison, Callable[[Decimal, Sequence[Decimal]], bool]]] = {
    Comparison.EQ: lambda value, values: value == values[0],
    Comparison.NEQ: lambda value, values: value != values[0],
    Comparison.GT: lambda value, values: value > values[0],
    Comparison.GTE: lambda value, values: value >= values[0],
    Comparison.LT: lambda value, values: value < values[0],
    Comparison.LTE: lambda value, values: value <= values[0],
    Comparison.IN: lambda value, values: value in values,
    Comparison.NOT_IN: lambda value, values: value not in values,
}
