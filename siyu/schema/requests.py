"""Data requests in the SDL."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import strawberry

from siyu.domain import requests
from siyu.domain.kernel import clock
from siyu.domain.kernel.paging import Slice
from siyu.domain.requests import DataRequestKind, DataRequestState, Jurisdiction, StepAction
from siyu.schema import planned
from siyu.schema.binding import reads, reads_part
from siyu.schema.connections import Connection
from siyu.schema.context import Info
from siyu.schema.customers import Customer
from siyu.schema.errors import Payload, mutation
from siyu.schema.planned import PageOf, RowOf
from siyu.schema.relay import Node
from siyu.schema.staff import Staff
from siyu.schema.taking import Input, takes

strawberry.enum(DataRequestKind, description="What a person may ask under data protection law.")
strawberry.enum(DataRequestState, description="Where a data request stands.")
strawberry.enum(
    Jurisdiction, description="Whose law sets a deadline: CN 15 working days, EU and UK one month, US_CA 45 days, OTHER 30 days."
)
strawberry.enum(StepAction, description="What becomes of a person's rows in one store.")


@reads(requests.APPROVAL)
class Approval:
    by: Staff
    at: datetime
    note: str | None


@reads(requests.DATA_REQUEST_STEP)
class DataRequestStep:
    store: str
    action: StepAction
    rows: int
    done: bool
    ground: str | None
    until: date | None


@reads(requests.DATA_REQUEST_EVENT)
class DataRequestEvent:
    state: DataRequestState
    at: datetime
    actor: str
    note: str | None


@reads_part(requests.DATA_REQUEST, "export")
class ExportPackage:
    size_bytes: int
    sha256: str
    expires_at: datetime
    downloads: int


@reads(requests.DATA_REQUEST)
class DataRequest(Node):
    number: str
    kind: DataRequestKind
    state: DataRequestState
    jurisdiction: Jurisdiction
    customer: Customer | None
    subject_pseudonym: str
    requested_at: datetime
    due_at: datetime
    overdue: bool
    approvals: list[Approval]
    plan: list[DataRequestStep]
    history: list[DataRequestEvent]
    export: ExportPackage | None


@takes
class DataRequestOpenInput(Input[requests.DataRequestOpen]):
    """What a person asks."""


@takes
class DataRequestApproveInput(Input[requests.DataRequestApprove]):
    """Which request to agree to."""


@takes
class DataRequestWithdrawInput(Input[requests.DataRequestWithdraw]):
    """Which request to take back."""


@takes
class DataRequestDownloadInput(Input[requests.DataRequestDownload]):
    """Which export to hand out."""


@takes
class DataRequestFilter(Input[requests.DataRequestFilter]):
    """Every member that is given must hold."""


@strawberry.type(description="The data request that was opened or changed.")
class DataRequestPayload(Payload):
    request_id: strawberry.Private[UUID | None] = None
    data_request: DataRequest | None = planned.written(requests.DATA_REQUEST, by="request_id")


@strawberry.type(description="The link works once; the passphrase is shown once and is never stored.")
class DataRequestDownloadPayload(Payload):
    url: str | None = strawberry.field(default=None, description="Link to a ZIP archive under AES-256: works once, for whoever holds it.")
    passphrase: str | None = strawberry.field(default=None, description="What opens the archive. Send it to the person by another way.")
    expires_at: datetime | None = strawberry.field(default=None, description="When link and archive end.")

    @classmethod
    def of(cls, handed: requests.Handed) -> DataRequestDownloadPayload:
        """From the domain's answer."""
        return cls(url=handed.url, passphrase=handed.passphrase, expires_at=handed.expires_at)


@strawberry.type
class Query:
    @planned.query(DataRequest | None)
    def data_request(self, info: Info, id: strawberry.ID) -> RowOf:
        """One data request; null when there is none of this id. Scope `data_requests:read`."""
        return RowOf(requests.DATA_REQUEST, planned.key("DataRequest", id))

    @planned.query(Connection[DataRequest])
    def data_requests(
        self, info: Info, first: int | None = None, after: str | None = None, filter: DataRequestFilter | None = None
    ) -> PageOf:
        """Data requests, newest first. Scope `data_requests:read`."""
        where = requests.conditions(filter.to_domain(("filter",)) if filter else None, clock.now())
        return PageOf(requests.DATA_REQUEST, where, piece=Slice(first, after))


@strawberry.type
class Mutation:
    @mutation
    async def data_request_open(self, info: Info, input: DataRequestOpenInput) -> DataRequestPayload:
        """Write down what a person asks. An export runs at once, an erasure after approval. Scope `data_requests:write`."""
        return DataRequestPayload(request_id=await requests.open(info.context.actor, input.to_domain()))

    @mutation
    async def data_request_approve(self, info: Info, input: DataRequestApproveInput) -> DataRequestPayload:
        """Agree to an erasure that another member of staff opened: then it runs. Scope `data_requests:write`."""
        return DataRequestPayload(request_id=await requests.approve(info.context.actor, input.to_domain()))

    @mutation
    async def data_request_withdraw(self, info: Info, input: DataRequestWithdrawInput) -> DataRequestPayload:
        """Take back a request that has not begun to run. Scope `data_requests:write`."""
        return DataRequestPayload(request_id=await requests.withdraw(info.context.actor, input.to_domain()))

    @mutation
    async def data_request_download(self, info: Info, input: DataRequestDownloadInput) -> DataRequestDownloadPayload:
        """Hand out the archive of an export: a link that works once and a passphrase, shown once. Scope `data_requests:write`."""
        return DataRequestDownloadPayload.of(await requests.download(info.context.actor, input.to_domain()))
