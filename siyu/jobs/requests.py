"""Data requests that are run, looked after and cleared up."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from siyu.domain import requests
from siyu.jobs.queue import JobContext, job, scheduled
from siyu.privacy.actor import Actor, Purpose, Scope


def _actor(ctx: JobContext) -> Actor:
    return ctx.actor("data-requests", Scope.DATA_REQUESTS_RUN, Scope.JOBS_RUN, Scope.CUSTOMERS_IMPORT, purpose=Purpose.COMPLIANCE)


@job
async def run_data_request(ctx: JobContext, work_id: str, request_id: str) -> None:
    """Export or erase."""
    await requests.run(_actor(ctx), UUID(request_id))


@scheduled(timedelta(hours=1))
async def tend_data_requests(ctx: JobContext) -> None:
    """Try failed requests again."""
    await requests.tend(_actor(ctx))


@scheduled(timedelta(hours=1))
async def purge_exports(ctx: JobContext) -> None:
    """Delete archives that have expired."""
    await requests.purge(_actor(ctx))
