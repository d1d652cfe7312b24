"""What can be read of segments, and of who is in them and was."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from annotated_doc import Doc

from siyu.domain.kernel.dialect import Kind
from siyu.domain.kernel.reading import Across, Column, Moment, One, Order, Part, Source, TimelineKind, Told
from siyu.domain.segments.queries import members_then, told
from siyu.domain.segments.tables import Segment, SegmentChange, SegmentMember
from siyu.domain.segments.told import TOLD
from siyu.privacy.actor import Scope
from siyu.privacy.personal import Category, about

_CODE = "(select s.code from segments s where s.id = {t}.segment_id)"
_DECIDED = "(select o.override from segment_overrides o where o.segment_id = {t}.segment_id and o.customer_id = {t}.customer_id)"

_THEN = {"as_of": Annotated[datetime | None, Doc("As it was at this moment; now where it is left out.")]}

SEGMENT = Source(
    "Segment",
    table=Segment,
    scope=Scope.SEGMENTS_READ,
    description="A named set of customers: those for whom its rule holds, kept up to date, or those whom somebody put in.",
    columns=(
        "code", "name", "description", "kind", "rule_version", "expression", "evaluated_at", "evaluation_milliseconds", "failure",
        "created_at", "updated_at",
    ),
    more=(
        Column("tree", Kind.JSON, "{t}.rule", description="The rule as a tree, as `SegmentRuleInput` takes it."),
        Part("rule", {"tree": "tree", "expression": "expression"}, "The rule, as a tree and as text; null without one.", null_with="tree"),
        Column("stale", Kind.BOOL, "({t}.due or {t}.failure is not null)", nullable=False,
               description="Whether the members may lag behind: the rule is being applied anew, or could not be, as `failure` says."),
        Told("customers_count", told, "How many are in it, of those whom your purpose reaches; to a token fewer than ten are 0.",
             nullable=False, arguments=_THEN),
        Across("customers", "Customer", sort="ID_DESC", link=SegmentMember._meta.db_table, parent="segment_id", child="customer_id",
               otherwise=members_then, linking=_THEN, description="Who is in it, of those whom your purpose reaches, the newest first."),
        *TOLD,
    ),
    orders=(
        Order("NAME_ASC", "name", descending=False),
        Order("CREATED_AT_DESC", "created_at"),
    ),
)  # fmt: skip

MEMBERSHIP = Source(
    "SegmentMembership",
    table=SegmentMember,
    scope=Scope.SEGMENTS_READ,
    description="A customer's being in a segment.",
    columns=("entered_at", "reason"),
    internal=("segment_id", "customer_id"),
    more=(
        One("segment", "Segment", via="segment_id", description="The segment."),
        Column("override", Kind.TEXT, _DECIDED, about=about(Category.BEHAVIOUR, scope=Scope.SEGMENTS_READ),
               description="`INCLUDE` when somebody put the customer in by hand; null when it is the rule alone."),
        Column("segment_code", Kind.TEXT, _CODE, about=about(Category.BEHAVIOUR, scope=Scope.SEGMENTS_READ)),
    ),
    orders=(Order("ENTERED_AT_DESC", "entered_at"),),
)  # fmt: skip

CHANGE = Source(
    "SegmentChange",
    table=SegmentChange,
    scope=Scope.SEGMENTS_READ,
    description="A customer's entering a segment, or leaving it.",
    columns=("entered", "at"),
    internal=("segment_id", "customer_id"),
    more=(
        One("segment", "Segment", via="segment_id", description="The segment."),
        Column("segment_code", Kind.TEXT, _CODE),
    ),
    orders=(Order("AT_DESC", "at"),),
)  # fmt: skip

Moment(
    TimelineKind.SEGMENT,
    CHANGE,
    at="at",
    title=lambda entered: "Entered a segment" if entered else "Left a segment",
    titled_by=("entered",),
    properties={"segment": "segment_code", "entered": "entered"},
)
