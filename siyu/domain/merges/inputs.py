"""What is asked of merges, and what they answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID

from annotated_doc import Doc

from siyu.domain import customers
from siyu.domain.kernel.inputs import Ref
from siyu.privacy.refusal import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerMerge:
    keep_id: Annotated[UUID, Ref("Customer"), Doc("The customer who stays, and gets the history of both.")]
    merge_id: Annotated[UUID, Ref("Customer"), Doc("The customer who goes into the other, and is in no list any more.")]
    take_from_merged: Annotated[
        list[str] | None,
        Doc(
            "Fields of the profile that the merged customer's value replaces; where the kept one has none, it is filled in anyway. "
            f"Of: {', '.join(f'`{name}`' for name in customers.MERGED)}. With `address` come city, province and country."
        ),
    ] = None
    dry_run: Annotated[bool | None, Doc("Say what would be done and what blocks it, and do nothing.")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerUnmerge:
    merged_id: Annotated[UUID, Ref("Customer"), Doc("The customer who was merged into another, and becomes one of their own again.")]


@dataclass(frozen=True, slots=True)
class FieldFrom:
    """A field of the profile, as the SDL spells it, and the customer whose value it shows."""

    field: str
    customer_id: UUID


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a merge or its undoing did, or would do."""

    customer_id: UUID | None = None
    fields: tuple[FieldFrom, ...] = ()
    #: Rows that went over, by store; stores without any are left out.
    moved: dict[str, int] = field(default_factory=dict)
    #: What stands in its way. Where there is anything, nothing was done.
    blocking: tuple[Refusal, ...] = ()
    #: The same where it was no dry run.
    refused: tuple[Refusal, ...] = ()
