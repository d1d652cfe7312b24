"""What is said to us of a data request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from annotated_doc import Doc

from siyu.domain.customers import IdentityGiven
from siyu.domain.kernel.inputs import Ref
from siyu.domain.kernel.reading import OneOf, Same, Within
from siyu.domain.requests import rules
from siyu.domain.requests.tables import DataRequestKind, DataRequestState, Jurisdiction

_REQUEST = Ref("DataRequest")


@dataclass(frozen=True, slots=True, kw_only=True)
class DataRequestOpen:
    kind: Annotated[DataRequestKind, Doc("What is asked: `EXPORT` or `ERASURE` as yet.")]
    customer_id: Annotated[UUID | None, Ref("Customer"), Doc("Who asks; or name them by an identity.")] = None
    identity: Annotated[IdentityGiven | None, Doc("A value that the customer is known by.")] = None
    jurisdiction: Annotated[Jurisdiction, Doc("Whose law sets the deadline.")]
    received_at: Annotated[datetime | None, Doc("When it reached you; now where left out. The deadline counts from here.")] = None
    channel: Annotated[str | None, Doc("How it came: letter, email, shop, app.")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DataRequestApprove:
    id: Annotated[UUID, _REQUEST, Doc("The request.")]
    note: Annotated[str | None, Doc("What to note beside the approval.")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DataRequestWithdraw:
    id: Annotated[UUID, _REQUEST, Doc("The request.")]
    reason: Annotated[str | None, Doc("Why it is taken back.")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DataRequestDownload:
    id: Annotated[UUID, _REQUEST, Doc("The request, an export that has completed.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class DataRequestFilter:
    """Every member that is given must hold."""

    kind: Annotated[list[DataRequestKind] | None, Doc("One of these kinds.")] = None
    state: Annotated[list[DataRequestState] | None, Doc("In one of these states.")] = None
    overdue: Annotated[bool | None, Doc("True: past their deadline and still open; false: all others.")] = None
    due_before: Annotated[datetime | None, Doc("Whose deadline lies before this moment.")] = None
    customer: Annotated[UUID | None, Ref("Customer"), Doc("Of this customer.")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Until:
    from_: datetime | None = None
    before: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """A filter as the reader takes it, the present moment in it."""

    kind: Annotated[list[DataRequestKind] | None, OneOf("kind")] = None
    state: Annotated[list[DataRequestState] | None, OneOf("state")] = None
    due: Annotated[_Until | None, Within("due_at")] = None
    customer: Annotated[UUID | None, Same("customer_id")] = None
    all: tuple[Conditions, ...] | None = None
    not_: Conditions | None = None


def conditions(filter: DataRequestFilter | None, now: datetime) -> Conditions | None:
    """What the filter means at this moment."""
    if filter is None:
        return None
    late = Conditions(due=_Until(before=now), not_=Conditions(state=sorted(rules.ENDED)))
    overdue = () if filter.overdue is None else (late,) if filter.overdue else (Conditions(not_=late),)
    due = None if filter.due_before is None else _Until(before=filter.due_before)
    return Conditions(kind=filter.kind, state=filter.state, due=due, customer=filter.customer, all=overdue)
