"""What is asked: six shapes of reads, as a front end would send them."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Final
from uuid import UUID

from benchmarks import rows
from benchmarks.rows import Spec
from siyu.domain.demo.names import CITIES, SOURCES

Variables = Mapping[str, object]

#: How many customers are asked for by id: more than a page's worth, fewer than the caches hold.
_IDS: Final = 2_000

_EIGHT = "id gender ageBand birthMonth city province source createdAt"
_TEN = "id gender ageBand birthMonth city province country source locale createdAt"


@dataclass(frozen=True, slots=True)
class Shape:
    """One document, and the variables with which it is sent in turn."""

    name: str
    about: str
    document: str
    variables: tuple[Variables, ...]
    #: The shape whose raw answer is the measure; its own, but for those that only we can answer.
    control: str
    #: At most this many times the control's CPU, at least this part of its requests a second (performance.md).
    cpu_most: float = 1.3
    rate_least: float | None = 0.8
    #: At most this part of PostGraphile's CPU, at least this many times its requests a second.
    peer_cpu_most: float | None = 0.33
    peer_rate_least: float | None = None


def shapes(spec: Spec) -> list[Shape]:
    """All of them, over this data set."""
    random = Random(spec.seed)
    numbers = random.sample(range(spec.customers), min(_IDS, spec.customers))
    ids = [_global(made.id) for number in numbers for made in rows.customers(number, 1, spec)]
    # The smaller cities, so that some thousand customers are looked at: as selective as a tag and a stage.
    filters = [
        {"city": [city], "gender": [gender], "source": [source]}
        for city, _, _ in CITIES[-5:]
        for gender in ("FEMALE", "MALE")
        for source, _ in SOURCES[:4]
    ]
    return [
        Shape(
            "Q1",
            "customer by id, 8 scalars",
            f"query Q1($id: ID!) {{ customer(id: $id) {{ {_EIGHT} }} }}",
            _with("id", ids),
            "Q1",
            peer_cpu_most=0.5,
            peer_rate_least=1.8,
        ),
        Shape(
            "Q2",
            "first 50 customers, 10 scalars",
            f"query Q2 {{ customers(first: 50) {{ nodes {{ {_TEN} }} }} }}",
            ({},),
            "Q2",
            peer_rate_least=2.5,
        ),
        Shape(
            "Q2E",
            "Q2 and 3 sealed columns (150 opened)",
            f"query Q2E {{ customers(first: 50) {{ nodes {{ {_TEN} displayName phone email }} }} }}",
            ({},),
            "Q2",
            cpu_most=2.2,
            rate_least=None,
        ),
        Shape(
            "Q3'",
            "first 50 customers, their identities, number of orders",
            "query Q3 { customers(first: 50) { nodes { id city identities { id kind createdAt } orders { totalCount } } } }",
            ({},),
            "Q3'",
            peer_rate_least=2.5,
        ),
        Shape(
            "Q4'",
            "gender and city and source, first 20, total count",
            f"query Q4($filter: CustomerFilter!) {{ customers(first: 20, filter: $filter) {{ totalCount nodes {{ {_EIGHT} }} }} }}",
            _with("filter", filters),
            "Q4'",
            peer_rate_least=1.1,
        ),
        Shape(
            "Q5",
            "first 20 customers, each with the last 5 orders",
            "query Q5 { customers(first: 20) { nodes { id city"
            " orders(first: 5) { nodes { id externalId status channel placedAt total { amount currency } } } } } }",
            ({},),
            "Q5",
            peer_rate_least=1.2,
        ),
    ]


def _with(name: str, values: list[str] | list[dict[str, list[str]]]) -> tuple[Variables, ...]:
    return tuple({name: value} for value in values)


def _global(key: UUID) -> str:
    return base64.b64encode(f"Customer:{key}".encode()).decode()
