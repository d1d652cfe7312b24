"""What can be read of tags, of who has them, and of who had them when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from siyu.domain.kernel.dialect import Kind
from siyu.domain.kernel.reading import Across, Column, Containing, Many, Moment, One, Order, Part, Same, Source, TimelineKind, Told
from siyu.domain.tags import counting
from siyu.domain.tags.inputs import TagFilter
from siyu.domain.tags.tables import Tag, TagAssignment, TagChange, TagGroup, TagKind
from siyu.privacy.actor import Scope
from siyu.privacy.personal import Category, about

_GROUP = "(select g.name from tag_groups g where g.id = {t}.group_id)"
_GROUP_OF_TAG = "(select g.name from tags x join tag_groups g on g.id = x.group_id where x.id = {t}.tag_id)"
_NAME = "(select x.name from tags x where x.id = {t}.tag_id)"
#: Rules name tags by their ids as text.
_USES = (
    "(select x.id as tag_id, r.holder_id as segment_id from rule_references r join tags x on cast(x.id as text) = r.name"
    " where r.change = 'TAG' and r.holder_kind = 'SEGMENT')"
)
_BEHAVIOUR = about(Category.BEHAVIOUR, scope=Scope.TAGS_READ)

TAG_GROUP = Source(
    "TagGroup",
    table=TagGroup,
    scope=Scope.TAGS_READ,
    description="Tags that belong together.",
    columns=("name", "exclusive"),
    more=(Many("tags", "Tag", by="group_id", sort="NAME_ASC", description="Its tags, by name, archived ones included."),),
    orders=(Order("NAME_ASC", "name", descending=False),),
)

TAG_USAGE = Source(
    "TagUsage",
    table=Tag,
    scope=Scope.TAGS_READ,
    description="How a tag is used.",
    columns=(),
    more=(
        Told("assigned_last_30_days", counting.assigned_lately, nullable=False,
             description="How often it was put on in the last 30 days, on customers whom your purpose reaches."),
        Told("removed_last_30_days", counting.removed_lately, nullable=False,
             description="How often it was taken off, or ended, in the last 30 days, of customers whom your purpose reaches."),
        Across("segments", "Segment", link=_USES, parent="tag_id", child="segment_id", sort="NAME_ASC",
               description="The segments whose rule speaks of it."),
    ),
    orders=(Order("NAME_ASC", "name", descending=False),),
)  # fmt: skip

TAG = Source(
    "Tag",
    table=Tag,
    scope=Scope.TAGS_READ,
    description="A word that customers are marked with, by hand or by a rule.",
    columns=(
        "name", "description", "kind", "rule_version", "expires_after_days", "evaluated_at", "failure", "created_at", "archived_at",
        "updated_at",
    ),
    internal=("group_id", "expression"),
    more=(
        One("group", "TagGroup", via="group_id", description="The group that it belongs to; null: none."),
        Column("tree", Kind.JSON, "{t}.rule", description="The rule as a tree, as `SegmentRuleInput` takes it."),
        Part("rule", {"tree": "tree", "expression": "expression"}, "The rule, as a tree and as text; null by hand.", null_with="tree"),
        Column("stale", Kind.BOOL, "({t}.due or {t}.failure is not null)", nullable=False,
               description="Whether who has it may lag behind its rule: it is being applied anew, or could not be, as `failure` says."),
        Told("customers_count", counting.holders, nullable=False,
             description="How many have it now, of those whom your purpose reaches; to a partner, fewer than 10 are shown as 0."),
        One("usage", "TagUsage", via="id", description="How it is used."),
        Column("group_name", Kind.TEXT, _GROUP),
        Column("in_use", Kind.BOOL, "({t}.archived_at is null)", nullable=False),
    ),
    orders=(
        Order("NAME_ASC", "name", descending=False),
        Order("CREATED_AT_DESC", "created_at"),
    ),
)  # fmt: skip

TAG_ASSIGNMENT = Source(
    "TagAssignment",
    table=TagAssignment,
    scope=Scope.TAGS_READ,
    description="A customer's having a tag.",
    columns=("source", "assigned_by", "rule_version", "assigned_at", "expires_at"),
    internal=("tag_id", "customer_id"),
    more=(
        One("tag", "Tag", via="tag_id", description="The tag; an archived one stays with whoever has it."),
        Column("group_name", Kind.TEXT, _GROUP_OF_TAG, about=_BEHAVIOUR),
        Column("tag_name", Kind.TEXT, _NAME, about=_BEHAVIOUR),
    ),
    orders=(Order("ASSIGNED_AT_DESC", "assigned_at"),),
)

TAG_CHANGE = Source(
    "TagChange",
    table=TagChange,
    scope=Scope.TAGS_READ,
    description="A customer's getting a tag, or losing it.",
    columns=("assigned", "why", "changed_by", "at"),
    internal=("tag_id", "customer_id"),
    more=(Column("tag_name", Kind.TEXT, _NAME, about=_BEHAVIOUR),),
    orders=(Order("AT_DESC", "at"),),
)

Moment(
    TimelineKind.TAG,
    TAG_CHANGE,
    at="at",
    title=lambda assigned: "Tagged" if assigned else "Tag taken off",
    titled_by=("assigned",),
    properties={"tag": "tag_name", "assigned": "assigned", "why": "why"},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which tags a list shows."""

    search: Annotated[str | None, Containing(("name", "description"))] = None
    group: Annotated[str | None, Same("group_name")] = None
    kind: Annotated[TagKind | None, Same("kind")] = None
    in_use: Annotated[bool | None, Same("in_use")] = None


def wanted(given: TagFilter | None) -> Wanted:
    """The tags that are asked for; archived ones only where that is said."""
    given = given or TagFilter()
    return Wanted(search=given.search or None, group=given.group, kind=given.kind, in_use=None if given.include_archived else True)
