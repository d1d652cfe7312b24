"""What is said to us of segments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from annotated_doc import Doc

from siyu.domain.kernel.inputs import UNSET, Personal, Ref, Unset
from siyu.domain.kernel.reading import Containing
from siyu.domain.rules import Rule
from siyu.domain.segments.tables import Override
from siyu.privacy.personal import Category


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentCreate:
    code: Annotated[str, Doc("Its name for programs and rules: letters A to Z, digits, `.`, `_` and `-`, at most 40. It never changes.")]
    name: Annotated[str, Doc("Its name for people, at most 80 characters.")]
    description: Annotated[str | None, Doc("Whom it is meant to hold, and what for.")] = None
    rule: Annotated[Rule | None, Doc("Who is in it, as a tree. Without a rule it is a static segment, kept by hand.")] = None
    expression: Annotated[str | None, Doc("The same as text; not together with `rule`.")] = None
    customer_ids: Annotated[
        list[UUID] | None, Ref("Customer"), Doc("Who is in a static segment, at most 1,000; not together with a rule.")
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentUpdate:
    id: Annotated[UUID, Ref("Segment"), Doc("The segment.")]
    name: Annotated[str | None, Doc("Its name for people.")] = None
    description: Annotated[str | Unset | None, Doc("Whom it is meant to hold, and what for; null clears.")] = UNSET
    rule: Annotated[Rule | None, Doc("Another rule, as a tree; a static segment has none.")] = None
    expression: Annotated[str | None, Doc("The same as text; not together with `rule`.")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentDelete:
    id: Annotated[UUID, Ref("Segment"), Doc("The segment.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentEvaluate:
    id: Annotated[UUID, Ref("Segment"), Doc("The segment.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentOverrideWish:
    id: Annotated[UUID, Ref("Segment"), Doc("The segment.")]
    customer_ids: Annotated[list[UUID], Ref("Customer"), Doc("The customers, at most 1,000.")]
    override: Annotated[
        Override | None,
        Doc("`INCLUDE` or `EXCLUDE`, whatever the rule says; null takes back what was decided, so that the rule holds again."),
    ] = None
    reason: Annotated[str, Personal(Category.FREE_TEXT), Doc("Why, at most 500 characters; it is sealed.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentFilter:
    """Every member that is given must hold."""

    search: Annotated[str | None, Doc("A part of name or code, whatever its case."), Containing(("name", "code"))] = None
