"""What is asked: six shapes of reads, as a front end would send them; four of them once more, each request another page."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Final
from uuid import UUID

from benchmarks import rows
from benchmarks.rows import Spec
from siyu.domain.demo.names import CITIES
from siyu.domain.kernel.paging import cursor

Variables = Mapping[str, object]

#: How many customers are asked for by id, and how many pages: more than a page's worth of customers, fewer than the caches hold.
_IDS: Final = 2_000
_PAGES: Final = 1_000
_FILTERS: Final = 40
_STAGES: Final = ("NEW", "RETURNING", "LOYAL")

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
    #: Whether a peer, which shares nothing between requests anyway, answers the shape of this name instead.
    for_peers: str = ""


def shapes(spec: Spec) -> list[Shape]:
    """All of them, over this data set: `Q2p` is Q2 with another page in each request, so that no two ask the same."""
    fixed = _fixed(spec)
    return [*fixed, *_paged(spec, [shape for shape in fixed if shape.variables == ({},)])]


def _paged(spec: Spec, fixed: list[Shape]) -> Iterator[Shape]:
    """The shapes with `after`, at places all over the list."""
    random = Random(spec.seed + 1)
    numbers = random.sample(range(spec.customers // 4, spec.customers), min(_PAGES, spec.customers // 2))
    places = [cursor("CREATED_AT_DESC", made.created_at, made.id) for number in numbers for made in rows.customers(number, 1, spec)]
    for shape in fixed:
        head, _, rest = shape.document.partition(" {")
        document = f"{head}($after: String) {{{rest.replace('customers(', 'customers(after: $after, ', 1)}"
        yield replace(
            shape,
            name=f"{shape.name}p",
            about=f"{shape.about}; another page each time",
            document=document,
            variables=_with("after", places),
            control=f"{shape.control}p",
            for_peers=shape.name,
        )


def _fixed(spec: Spec) -> list[Shape]:
    random = Random(spec.seed)
    numbers = random.sample(range(spec.customers), min(_IDS, spec.customers))
    ids = [_global(made.id) for number in numbers for made in rows.customers(number, 1, spec)]
    names = [tag.name for tag in rows.tags(spec)]
    filters = [
        {"tagsAny": [random.choice(names)], "lifecycleStage": [random.choice(_STAGES)], "city": [random.choice(CITIES)[0]]}
        for _ in range(_FILTERS)
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
            "Q3",
            "first 50 customers, their tags, identities, number of orders",
            "query Q3 { customers(first: 50) { nodes { id city tags { tag { id name } source assignedAt }"
            " identities { id kind createdAt } orders { totalCount } } } }",
            ({},),
            "Q3",
            peer_rate_least=2.5,
        ),
        Shape(
            "Q4",
            "tag and stage and city, first 20, total count",
            f"query Q4($filter: CustomerFilter!) {{ customers(first: 20, filter: $filter) {{ totalCount nodes {{ {_EIGHT} }} }} }}",
            _with("filter", filters),
            "Q4",
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
