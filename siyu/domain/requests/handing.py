"""Handing an export out: once, with its passphrase."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from siyu.domain import files
from siyu.domain.kernel import clock
from siyu.domain.kernel.operation import operation
from siyu.domain.requests.commands import present
from siyu.domain.requests.exporting import archive_path
from siyu.domain.requests.inputs import DataRequestDownload
from siyu.domain.requests.tables import DataRequest, DataRequestKind, DataRequestState
from siyu.privacy import audit
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, Refusal
from siyu.privacy.requests.passphrase import passphrase


@dataclass(frozen=True, slots=True)
class Handed:
    """A link that works once, and the passphrase of what it gives. Neither is shown again."""

    url: str = field(repr=False)
    passphrase: str = field(repr=False)
    expires_at: datetime


@operation(Scope.DATA_REQUESTS_WRITE, writes=True)
async def download(actor: Actor, wish: DataRequestDownload) -> Handed:
    """A link to the archive, and its passphrase: once. Whoever lost them opens a new request."""
    request = await present(wish.id)
    expires_at, customer_id = request.export_expires_at, request.customer_id
    if request.kind is not DataRequestKind.EXPORT or request.state is not DataRequestState.COMPLETED:
        raise Refusal("There is no archive: this is no export that has completed.", path=("input", "id"), code=Code.WRONG_STATE)
    if expires_at is None or customer_id is None or expires_at <= clock.now() or not archive_path(request.id).exists():
        raise Refusal("The archive was deleted; open a new request.", path=("input", "id"), code=Code.EXPIRED)
    if not await DataRequest.filter(id=request.id, export_downloads=0).update(export_downloads=1):
        message = "It was handed out already; link and passphrase are shown once. Open a new request."
        raise Refusal(message, path=("input", "id"), code=Code.WRONG_STATE)
    url = await files.offer(actor, archive_path(request.id), filename=f"{request.number}.zip", lives=expires_at - clock.now())
    await audit.record(actor, "data_request.handed_out", subjects=[customer_id], detail={"request": str(request.id)})
    return Handed(url, await passphrase(customer_id, request.id), expires_at)
