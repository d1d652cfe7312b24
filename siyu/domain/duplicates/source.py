"""What can be read of duplicates."""

from __future__ import annotations

from siyu.domain.customers import CUSTOMER
from siyu.domain.duplicates.tables import CandidateState, DuplicateCandidate
from siyu.domain.kernel.dialect import Kind
from siyu.domain.kernel.reading import Column, One, Order, Source
from siyu.privacy.actor import Scope
from siyu.privacy.personal import Category, about

CANDIDATE = Source(
    "DuplicateCandidate",
    table=DuplicateCandidate,
    scope=Scope.DATA_QUALITY_READ,
    description="Two customers who may be one person: merge them, or say that they are not. Nobody is merged by a score alone.",
    columns=("reasons",),
    internal=("left_id", "right_id", "rank"),
    where=f"{{t}}.state = '{CandidateState.OPEN}' and not exists (select 1 from {CUSTOMER.table} c"  # noqa: S608  # our own names
    " where c.id in ({t}.left_id, {t}.right_id) and c.merged_into_id is not null)",
    more=(
        Column("score", Kind.FLOAT, "cast({t}.rank as double precision) / 10000", nullable=False, about=about(Category.IDENTITY),
               description="How probable it is that they are one person, from 0 to 1."),
        One("left", "Customer", via="left_id", description="The one who was known first."),
        One("right", "Customer", via="right_id", description="The other one."),
    ),
    orders=(Order("SCORE_DESC", "rank"),),
)  # fmt: skip
