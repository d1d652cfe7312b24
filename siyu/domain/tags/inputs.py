"""What is said to us of tags. `UNSET` is "left out": it stays as it is; null clears."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from annotated_doc import Doc

from siyu.domain import rules
from siyu.domain.customers import IdentityGiven
from siyu.domain.kernel.inputs import UNSET, Ref, Unset
from siyu.domain.tags.tables import TagKind

_NAMES = "Names of tags, at most 50."


@dataclass(frozen=True, slots=True, kw_only=True)
class TagGroupCreate:
    name: Annotated[str, Doc("Its name, at most 80 characters; unique.")]
    exclusive: Annotated[bool | None, Doc("Whether a customer has at most one tag of the group. It can't be changed later.")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TagCreate:
    name: Annotated[str, Doc("Its name for people, programs and rules, at most 80 characters; unique, archived ones included.")]
    description: Annotated[str | None, Doc("What it says of a customer.")] = None
    group_id: Annotated[UUID | None, Ref("TagGroup"), Doc("The group that it belongs to.")] = None
    rule: Annotated[
        rules.Rule | None,
        Doc("Who has it: it is put on and taken off by this rule. Left out: by hand. A rule uses only what you may read."),
    ] = None
    expires_after_days: Annotated[int | None, Doc("A new assignment ends by itself after so many days; for tags by hand.")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TagUpdate:
    id: Annotated[UUID, Ref("Tag"), Doc("The tag.")]
    name: Annotated[str | Unset | None, Doc("Its new name. Rules that speak of it are reworded.")] = UNSET
    description: Annotated[str | Unset | None, Doc("What it says of a customer.")] = UNSET
    group_id: Annotated[UUID | Unset | None, Ref("TagGroup"), Doc("The group that it belongs to; null: none.")] = UNSET
    rule: Annotated[rules.Rule | Unset | None, Doc("Its new rule; null: by hand from now on, and whoever has it keeps it.")] = UNSET
    expires_after_days: Annotated[int | Unset | None, Doc("For assignments from now on; null: they stay.")] = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class TagArchive:
    id: Annotated[UUID, Ref("Tag"), Doc("The tag.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class TagAssign:
    tags: Annotated[list[str], Doc(_NAMES)]
    customer_ids: Annotated[list[UUID] | None, Ref("Customer"), Doc("These customers, at most 10,000; past 1,000 it is done by a job.")] = (
        None
    )
    segment_id: Annotated[
        UUID | None, Ref("Segment"), Doc("Whoever is in this segment and reached by your purpose; past 1,000 it is done by a job.")
    ] = None
    identities: Annotated[
        list[IdentityGiven] | None,
        Doc("Whoever is known by these, at most 1,000. Of one that nobody is known by yet, it is put on when they come."),
    ] = None
    expires_at: Annotated[datetime | None, Doc("When it ends by itself; left out: as the tag says.")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TagRemove:
    tags: Annotated[list[str], Doc(_NAMES)]
    customer_ids: Annotated[list[UUID] | None, Ref("Customer"), Doc("These customers, at most 10,000; past 1,000 it is done by a job.")] = (
        None
    )
    segment_id: Annotated[
        UUID | None, Ref("Segment"), Doc("Whoever is in this segment and reached by your purpose; past 1,000 it is done by a job.")
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TagFilter:
    search: Annotated[str | None, Doc("A part of name or description.")] = None
    group: Annotated[str | None, Doc("Of the group of this name.")] = None
    kind: Annotated[TagKind | None, Doc("By hand, or by a rule.")] = None
    include_archived: Annotated[bool | None, Doc("Archived ones too.")] = None
