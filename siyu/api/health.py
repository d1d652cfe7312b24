"""Whether the process is up, whether it can serve, and what it counts."""

from __future__ import annotations

import asyncio
import hmac
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Final

from redis.exceptions import RedisError
from starlette.requests import Request
from starlette.responses import Response

from siyu.api.json import JSON
from siyu.api.metrics import Metrics, gauge
from siyu.domain.kernel import database, migrating, outbox
from siyu.domain.kernel.settings import Settings
from siyu.jobs import queue
from siyu.privacy.refusal import NotFound

_PATIENCE_SECONDS: Final = 2.0
_TEXT = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(slots=True)
class Health:
    """The three routes that operators watch."""

    settings: Settings
    metrics: Metrics
    redis: queue.Client | None = None
    _migrated: bool = field(default=False)

    async def healthz(self, _: Request) -> Response:
        """200 for as long as the process answers."""
        return JSON({"status": "up"})

    async def readyz(self, _: Request) -> Response:
        """200 when both databases and the queue answer and nothing waits to be migrated; 503 names what is missing."""
        checks = {
            "database": await self._answers("default"),
            "keystore": await self._answers("keystore"),
            "queue": await self._queue(),
        }
        checks["migrations"] = checks["database"] and checks["keystore"] and await self._is_migrated()
        ready = all(checks.values())
        return JSON({"status": "ready" if ready else "not ready", "checks": checks}, 200 if ready else 503)

    async def show_metrics(self, request: Request) -> Response:
        """What was counted, for Prometheus: with the setting's token, or without one from this machine only. Others find nothing."""
        if not self._may_watch(request):
            raise NotFound("There is nothing here.")
        waiting, failed = await outbox.counts()
        jobs = gauge("siyu_jobs", "Jobs in the outbox.", "state", {"waiting": waiting, "failed": failed})
        return Response(self.metrics.text(jobs), media_type=_TEXT, headers={"cache-control": "no-store"})

    async def _answers(self, on: database.Connection) -> bool:
        return await database.answers(on, within_seconds=_PATIENCE_SECONDS)

    async def _queue(self) -> bool:
        if self.redis is None:
            return False
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return bool(await self.redis.ping())
        except (RedisError, OSError, TimeoutError):
            return False

    async def _is_migrated(self) -> bool:
        if not self._migrated:
            self._migrated = not await migrating.pending(self.settings)
        return self._migrated

    def _may_watch(self, request: Request) -> bool:
        token = self.settings.metrics_token.get_secret_value()
        if token:
            sent = request.headers.get("authorization", "")
            return hmac.compare_digest(sent.encode(), f"Bearer {token}".encode())
        return request.client is not None and _loopback(request.client.host) and "x-forwarded-for" not in request.headers


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
