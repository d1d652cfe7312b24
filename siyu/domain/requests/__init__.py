"""Data requests: what people ask of us under data protection law."""

from siyu.domain.requests.commands import approve, open, withdraw
from siyu.domain.requests.handing import Handed, download
from siyu.domain.requests.inputs import (
    DataRequestApprove,
    DataRequestDownload,
    DataRequestFilter,
    DataRequestOpen,
    DataRequestWithdraw,
    conditions,
)
from siyu.domain.requests.pending import under_way
from siyu.domain.requests.running import purge, run, tend
from siyu.domain.requests.source import APPROVAL, DATA_REQUEST, DATA_REQUEST_EVENT, DATA_REQUEST_STEP
from siyu.domain.requests.tables import DataRequestKind, DataRequestState, Jurisdiction, StepAction

__all__ = [
    "APPROVAL", "DATA_REQUEST", "DATA_REQUEST_EVENT", "DATA_REQUEST_STEP", "DataRequestApprove", "DataRequestDownload", "DataRequestFilter",
    "DataRequestKind", "DataRequestOpen", "DataRequestState", "DataRequestWithdraw", "Handed", "Jurisdiction", "StepAction", "approve",
    "conditions", "download", "open", "purge", "run", "tend", "under_way", "withdraw",
]  # fmt: skip
