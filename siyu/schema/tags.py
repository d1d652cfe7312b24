"""Tags in the SDL."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from siyu.domain import tags, work
from siyu.domain.kernel.paging import Slice
from siyu.domain.tags import TagKind, TagSource
from siyu.schema import customers as _customers  # noqa: F401  # the identities' input type is made there
from siyu.schema import planned
from siyu.schema.binding import reads
from siyu.schema.connections import Connection
from siyu.schema.context import Info
from siyu.schema.errors import Payload, mutation
from siyu.schema.planned import PageOf, RowOf, RowsOf
from siyu.schema.relay import Node
from siyu.schema.rules import SegmentRule
from siyu.schema.taking import Input, takes
from siyu.schema.work import Job

if TYPE_CHECKING:
    from siyu.schema.segments import Segment

strawberry.enum(TagKind, description="By hand, or by a rule.")
strawberry.enum(
    TagSource,
    description="How an assignment came: MANUAL by a member of staff, API by a partner's program, PENDING waited for the "
    "customer; by a rule, a file, a channel, a journey.",
)


@reads(tags.TAG_GROUP)
class TagGroup(Node):
    name: str
    exclusive: bool
    tags: list[Tag]


@reads(tags.TAG_USAGE)
class TagUsage:
    assigned_last_30_days: int
    removed_last_30_days: int
    segments: list[Annotated[Segment, strawberry.lazy("siyu.schema.segments")]]


@reads(tags.TAG)
class Tag(Node):
    name: str
    description: str | None
    group: TagGroup | None
    kind: TagKind
    rule: SegmentRule | None
    rule_version: int | None
    expires_after_days: int | None
    customers_count: int
    usage: TagUsage
    evaluated_at: datetime | None
    stale: bool
    failure: str | None
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


@reads(tags.TAG_ASSIGNMENT)
class TagAssignment:
    tag: Tag
    source: TagSource
    assigned_by: str | None
    rule_version: int | None
    assigned_at: datetime
    expires_at: datetime | None


@takes
class TagGroupCreateInput(Input[tags.TagGroupCreate]):
    """A group to make."""


@takes
class TagCreateInput(Input[tags.TagCreate]):
    """A tag to make."""


@takes
class TagUpdateInput(Input[tags.TagUpdate]):
    """What is left out stays; null clears."""


@takes
class TagArchiveInput(Input[tags.TagArchive]):
    """Which tag is to be archived."""


@takes
class TagAssignInput(Input[tags.TagAssign]):
    """One tag or many, on customers, on a segment, or on an identity that no customer has yet."""


@takes
class TagRemoveInput(Input[tags.TagRemove]):
    """One tag or many, off customers, or off a segment."""


@takes
class TagFilter(Input[tags.TagFilter]):
    """Every member that is given must hold."""


@strawberry.type(description="The group that was made.")
class TagGroupPayload(Payload):
    group_id: strawberry.Private[UUID | None] = None
    tag_group: TagGroup | None = planned.written(tags.TAG_GROUP, by="group_id")


@strawberry.type(description="The tag that was written.")
class TagPayload(Payload):
    tag_id: strawberry.Private[UUID | None] = None
    tag: Tag | None = planned.written(tags.TAG, by="tag_id")


@strawberry.type(description="What became of tags on customers.")
class TagAssignPayload(Payload):
    work_id: strawberry.Private[UUID | None] = None
    changed: int = strawberry.field(default=0, description="How many assignments have begun, changed or ended; a job's come later.")
    job: Job | None = planned.written(work.JOB, by="work_id")


@strawberry.type
class Query:
    @planned.query(Tag | None)
    async def tag(self, info: Info, id: strawberry.ID | None = None, name: str | None = None) -> RowOf:
        """One tag, by id or by its name; null when there is none. Scope `tags:read`."""
        return RowOf(tags.TAG, await tags.resolve(info.context.actor, planned.key("Tag", id), name))

    @planned.query(Connection[Tag])
    def tags(self, info: Info, first: int | None = None, after: str | None = None, filter: TagFilter | None = None) -> PageOf:
        """Tags, by name; archived ones where the filter asks for them. Scope `tags:read`."""
        return PageOf(tags.TAG, tags.wanted(filter.to_domain(("filter",)) if filter else None), None, Slice(first, after))

    @planned.query(list[TagGroup])
    def tag_groups(self, info: Info) -> RowsOf:
        """All groups of tags, by name. Scope `tags:read`."""
        return RowsOf(tags.TAG_GROUP)


@strawberry.type
class Mutation:
    @mutation
    async def tag_group_create(self, info: Info, input: TagGroupCreateInput) -> TagGroupPayload:
        """Make a group of tags. A name that another has is refused as `TAKEN`. Scope `tags:write`."""
        return TagGroupPayload(group_id=await tags.group_create(info.context.actor, input.to_domain()))

    @mutation
    async def tag_create(self, info: Info, input: TagCreateInput) -> TagPayload:
        """Make a tag, by hand or by a rule. A name that another has is refused as `TAKEN`. Scope `tags:write`."""
        return TagPayload(tag_id=await tags.create(info.context.actor, input.to_domain()))

    @mutation
    async def tag_update(self, info: Info, input: TagUpdateInput) -> TagPayload:
        """Change a tag: what is left out stays, null clears. Scope `tags:write`."""
        return TagPayload(tag_id=await tags.update(info.context.actor, input.to_domain()))

    @mutation
    async def tag_archive(self, info: Info, input: TagArchiveInput) -> TagPayload:
        """Have nobody be given a tag any more; whoever has it keeps it. Scope `tags:write`."""
        return TagPayload(tag_id=await tags.archive(info.context.actor, input.to_domain()))

    @mutation
    async def tag_assign(self, info: Info, input: TagAssignInput) -> TagAssignPayload:
        """Put tags on customers; repeated, it changes nothing. Past 1,000 customers a job does it. Scope `tags:assign`."""
        return _changed(await tags.assign(info.context.actor, input.to_domain()))

    @mutation
    async def tag_remove(self, info: Info, input: TagRemoveInput) -> TagAssignPayload:
        """Take tags off customers; what a rule has put on it leaves off from then on. Past 1,000 customers a job does it. Scope
        `tags:assign`."""
        return _changed(await tags.remove(info.context.actor, input.to_domain()))


def _changed(done: tags.Changed) -> TagAssignPayload:
    return TagAssignPayload(changed=done.changed, work_id=done.work_id)
