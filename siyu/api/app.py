"""The HTTP edge: `/graphql` and the tracking API as plain ASGI callables in front, Starlette for the rest."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Message, Receive, Scope, Send

from siyu import schema
from siyu.api import downloads, graphiql, limits, problems, process, uploads, wire
from siyu.api.cors import Cors
from siyu.api.graphql import GraphQLEndpoint
from siyu.api.health import Health
from siyu.api.metrics import Metrics
from siyu.api.tracking import TrackingEndpoint
from siyu.api.tracking_metrics import TrackingMetrics
from siyu.domain import tokens, writekeys
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.paging import PAGE_MAX
from siyu.domain.kernel.settings import Settings
from siyu.jobs import queue
from siyu.privacy.actor import Actor
from siyu.privacy.refusal import Refusal
from siyu.schema.documents import Documents
from siyu.schema.errors import log_bug
from siyu.schema.plans import Costs, Planner

_NOTE_SECONDS: Final = 60.0
_BUG = b'{"errors":[{"message":"Something went wrong on our side.","extensions":{"code":"INTERNAL","correlationId":"%s"}}]}'
_JSON = b"application/json; charset=utf-8"


class App:
    """The whole ASGI application."""

    def __init__(self, settings: Settings) -> None:
        built = schema.build()
        self.metrics = Metrics()
        rules = limits.rules(limits.Limits(settings.query_depth_max, settings.query_aliases_max, page=PAGE_MAX))
        self.documents = Documents(built._schema, rules, settings.query_tokens_max)
        self.planner = Planner(built)
        costs = Costs(built._schema)
        self.metrics.watch_documents(self.documents)
        self.metrics.watch_plans(self.planner)
        self.graphql = GraphQLEndpoint(built, self.documents, self.planner, costs, settings, self.metrics, Cors.of(settings.cors_origins))
        self.tracking = TrackingEndpoint(settings, TrackingMetrics(self.metrics.registry))
        self.health = Health(settings, self.metrics)
        self._plain = _plain(settings, self.health)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer. A bug anywhere below is masked here, once: logged by type and place, answered without its words."""
        if scope["type"] == "lifespan":
            await self._plain(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1000})
            return
        head = wire.head(scope)
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            if scope["path"] == "/graphql":
                await self.graphql(scope, receive, noted, head)
            elif scope["path"].startswith("/v1/"):
                await self.tracking(scope, receive, noted, head)
            else:
                await self._rest(scope, receive, noted, head)
        except Exception as bug:  # noqa: BLE001  # the outermost line: a server's own handler would log the bug with its values
            log_bug(bug, head.correlation, path=scope["path"].split("/")[1])
            if not begun:
                await wire.answer(send, 500, _JSON, _BUG % head.correlation.encode(), [(b"x-request-id", head.correlation.encode())])

    async def _rest(self, scope: Scope, receive: Receive, send: Send, head: wire.Head) -> None:
        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [(b"x-request-id", head.correlation.encode()), (b"x-content-type-options", b"nosniff")]
                message["headers"] = [*message["headers"], *own]
            await send(message)

        scope.setdefault("state", {})["correlation"] = head.correlation
        await self._plain(scope, receive, marked)


def create_app(settings: Settings) -> App:
    """The application. Its lifespan opens the house, or joins the one that is open in this process."""
    return App(settings)


def _plain(settings: Settings, health: Health) -> Starlette:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            house = await stack.enter_async_context(process.opened(settings))
            if settings.redis_url:
                health.redis = queue.redis(settings.redis_url)
                stack.push_async_callback(health.redis.aclose, close_connection_pool=True)
            tokens.listen()
            writekeys.listen()
            noting = house.background(_noting(house), name="uses")
            yield
            noting.cancel()
            await asyncio.gather(noting, return_exceptions=True)
            await tokens.note_use(_NOTING)
            await writekeys.note_use(_NOTING)

    origins = sorted(Cors.of(settings.cors_origins).origins)
    allowed = Middleware(
        CORSMiddleware, allow_origins=origins, allow_methods=["GET", "POST"], allow_headers=["authorization", "content-type", "x-filename"]
    )
    return Starlette(
        routes=[
            Route("/", _home),
            Route("/healthz", health.healthz),
            Route("/readyz", health.readyz),
            Route("/metrics", health.show_metrics),
            Route("/uploads", uploads.upload, methods=["POST"]),
            Route("/downloads/{secret}", downloads.download),
            Route("/invite", _page("invite")),
            Mount("/static", StaticFiles(directory=graphiql.STATIC)),
        ],
        middleware=[allowed] if origins else [],
        exception_handlers={Refusal: problems.refused, 404: problems.unknown, 405: problems.unknown},
        lifespan=lifespan,
    )


_NOTING = Actor.worker("uses")


async def _noting(house: House) -> None:
    """Each time a task of its own, so that a database that is away for a minute ends nothing."""
    while True:
        await asyncio.sleep(_NOTE_SECONDS)
        house.background(tokens.note_use(_NOTING), name="note uses")
        house.background(writekeys.note_use(_NOTING), name="note write keys")


async def _home(_: Request) -> Response:
    return RedirectResponse("/graphql")


def _page(name: str) -> Callable[[Request], Awaitable[Response]]:
    content = (graphiql.STATIC / name / "index.html").read_bytes()
    headers = {key.decode(): value.decode() for key, value in graphiql.HEADERS}

    async def page(_: Request) -> Response:
        return Response(content, media_type="text/html; charset=utf-8", headers=headers)

    return page
