"""What can be read of data requests."""

from __future__ import annotations

from datetime import datetime

from siyu.domain.kernel import clock
from siyu.domain.kernel.dialect import Kind
from siyu.domain.kernel.reading import Column, Derived, Many, Moment, One, Order, Part, Source, TimelineKind
from siyu.domain.requests import rules
from siyu.domain.requests.tables import DataRequest, DataRequestApproval, DataRequestEvent, DataRequestState, DataRequestStep
from siyu.privacy.actor import Scope


def _overdue(due_at: datetime, state: str) -> bool:
    return rules.overdue(due_at, DataRequestState(state), clock.now())


DATA_REQUEST = Source(
    "DataRequest",
    table=DataRequest,
    scope=Scope.DATA_REQUESTS_READ,
    description="What a person asked of us under data protection law. It stays when the person is erased, without leading back to them.",
    columns=("number", "kind", "state", "jurisdiction", "subject_pseudonym", "requested_at", "due_at"),
    internal=("customer_id", "created_at", "export_bytes", "export_sha256", "export_expires_at", "export_downloads"),
    more=(
        Derived("overdue", Kind.BOOL, needs=("due_at", "state"), compute=_overdue, nullable=False,
                description="True from the deadline on, while the request is open."),
        One("customer", "Customer", via="customer_id", description="Whose request it is; null once they are erased."),
        Many("approvals", "Approval", by="request_id", sort="AT_ASC", description="Who agreed."),
        Many("plan", "DataRequestStep", by="request_id", sort="POSITION_ASC",
             description="Each store that holds something of the person, and what becomes of it there."),
        Many("history", "DataRequestEvent", by="request_id", sort="AT_ASC", description="The states that it came through."),
        Part("export", {"size_bytes": "export_bytes", "sha256": "export_sha256", "expires_at": "export_expires_at",
                        "downloads": "export_downloads"}, "The archive of an export, once it is there.", null_with="export_bytes"),
    ),
)  # fmt: skip

_AT = Order("AT_ASC", "created_at", descending=False)

APPROVAL = Source(
    "Approval",
    table=DataRequestApproval,
    scope=Scope.DATA_REQUESTS_READ,
    description="A member of staff who agreed to a request.",
    columns=("note",),
    internal=("by_id", "request_id"),
    more=(
        One("by", "Staff", via="by_id", description="Who agreed."),
        Column("at", Kind.DATETIME, "{t}.created_at", nullable=False, description="When."),
    ),
    orders=(_AT,),
)

DATA_REQUEST_EVENT = Source(
    "DataRequestEvent",
    table=DataRequestEvent,
    scope=Scope.DATA_REQUESTS_READ,
    description="A state that a request came into.",
    columns=("state", "actor", "note"),
    internal=("request_id",),
    more=(Column("at", Kind.DATETIME, "{t}.created_at", nullable=False, description="When."),),
    orders=(_AT,),
)

DATA_REQUEST_STEP = Source(
    "DataRequestStep",
    table=DataRequestStep,
    scope=Scope.DATA_REQUESTS_READ,
    description="One store and what becomes of the person's rows there.",
    columns=("store", "action", "rows", "done", "ground", "until"),
    internal=("request_id",),
    orders=(Order("POSITION_ASC", "position", descending=False),),
)

Moment(
    TimelineKind.PRIVACY,
    DATA_REQUEST,
    at="created_at",
    title=lambda kind: f"Data request: {kind.lower()}",
    titled_by=("kind",),
    properties={"number": "number", "kind": "kind", "state": "state"},
)
