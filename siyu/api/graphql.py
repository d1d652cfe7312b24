"""The GraphQL endpoint: one ASGI callable from bytes to bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import cast

import orjson
from graphql import ExecutionResult, GraphQLError, execute
from starlette.types import Receive, Scope, Send
from strawberry.utils.await_maybe import await_maybe

from siyu.api import auth, graphiql, protocol, wire
from siyu.api.cors import Cors
from siyu.api.metrics import Metrics
from siyu.api.protocol import Asked, Malformed, Media
from siyu.api.wire import Head
from siyu.domain.kernel.settings import Settings
from siyu.privacy.refusal import Unauthenticated
from siyu.schema import Schema
from siyu.schema.context import Context
from siyu.schema.documents import Document, Documents, Operation
from siyu.schema.errors import log_bug, presented
from siyu.schema.plans import Costs, Executor, Planner, too_dear

Answer = dict[str, object]


@dataclass(slots=True)
class _Reply:
    status: int
    answer: Answer
    kind: str = "none"
    headers: wire.Headers = field(default_factory=list)

    @property
    def outcome(self) -> str:
        """For the counters."""
        if "data" not in self.answer:
            return "refused"
        return "errors" if "errors" in self.answer else "done"


@dataclass(slots=True)
class GraphQLEndpoint:
    """`/graphql`: POST for everything, GET for queries and, in a browser, GraphiQL."""

    schema: Schema
    documents: Documents
    planner: Planner
    costs: Costs
    settings: Settings
    metrics: Metrics
    cors: Cors

    async def __call__(self, scope: Scope, receive: Receive, send: Send, head: Head) -> None:
        """Answer one HTTP request, of which `head` has been read."""
        started, method = perf_counter(), scope["method"]
        headers = [(b"x-request-id", head.correlation.encode()), *self.cors.headers(head.origin, preflight=method == "OPTIONS")]
        if method == "OPTIONS" and len(headers) > 1:
            await wire.answer(send, 204, b"text/plain", b"", headers)
            return
        media = Media.JSON
        try:
            media = protocol.media(head.accept, html=method == "GET" and self.settings.graphiql)
            if media is Media.HTML:
                await graphiql.page(send, headers)
                return
            reply = await self._reply(scope, receive, head, media)
        except Malformed as problem:
            reply = _refused(problem.status, GraphQLError(problem.message), head)
            if problem.allow:
                reply.headers.append((b"allow", problem.allow.encode()))
        except wire.BodyTooLarge:
            reply = _refused(413, GraphQLError(f"A request holds at most {self.settings.body_bytes_max} bytes."), head)
        except wire.Disconnected:
            return
        content = _encoded(reply, head)
        self.metrics.request(reply.kind, reply.outcome, started)
        await wire.answer(send, reply.status, _CONTENT_TYPES[media], content, headers + reply.headers)

    async def _reply(self, scope: Scope, receive: Receive, head: Head, media: Media) -> _Reply:
        method = scope["method"]
        if method == "POST":
            received = await wire.body(receive, announced=head.content_length, bytes_max=self.settings.body_bytes_max)
            asked = protocol.posted(head.content_type, received)
        elif method == "GET":
            asked = protocol.queried(scope["query_string"])
        else:
            raise Malformed(405, "Use POST, or GET for a query.", allow="GET, POST")
        try:
            caller = await auth.caller(head.authorization, request=head.correlation)
            document, operation = self._document(asked, stranger=caller is None)
        except Unauthenticated as refusal:
            reply = _refused(401, GraphQLError(refusal.message, original_error=refusal), head)
            reply.headers.append((b"www-authenticate", b'Bearer realm="siyu"'))
            return reply
        except GraphQLError as error:
            return _request_errors([error], media, head)
        if document.errors:
            return _request_errors(document.errors, media, head)
        if method == "GET" and operation.kind != "query":
            raise Malformed(405, "Send mutations with POST.", allow="POST")
        context = Context(
            caller=caller.actor if caller else None,
            credential=caller.id if caller else None,
            correlation=head.correlation,
            finisher=self.planner if self.settings.plan_reads else None,
            base_url=self.settings.public_url.rstrip("/") or _reached_at(scope),
        )
        answer = await self._answer(document, operation, asked, context, told=bool(head.cost))
        return _Reply(protocol.status(answer, media), answer, operation.kind if operation.kind in ("query", "mutation") else "none")

    def _document(self, asked: Asked, *, stranger: bool) -> tuple[Document, Operation]:
        """The document, validated, and its operation. What a stranger may not ask is refused before it is looked at any closer."""
        if not stranger:
            document = self.documents.get(asked.query)
            return document, document.operation(asked.operation_name)
        document = self.documents.parsed(asked.query)
        operation = document.operation(asked.operation_name)
        if any(not each.roots <= auth.OPEN for each in document.operations.values()):
            raise Unauthenticated("Sign in, or send an access token.")
        return self.documents.validated(document, suggest=False), operation

    async def _answer(self, document: Document, operation: Operation, asked: Asked, context: Context, *, told: bool) -> Answer:
        """By plan or by the engine; refused, before any statement is sent, when it costs too much. `told`: the cost as well."""
        limit = self.settings.query_cost_max
        # What a stranger may ask reads no list; their documents fill no cache.
        cost = self.costs.price(document, operation, asked.variables).total(asked.variables) if context.caller else 1
        if cost > limit:
            answer: Answer = {"errors": presented([too_dear(cost, limit)], context.correlation)}
        else:
            reads = self.settings.plan_reads
            planned = await self.planner.answer(document, operation, dict(asked.variables), context) if reads else None
            answer = _complete({"data": planned.data}, context) if planned else await self.execute(document, asked, context)
        if told:
            shown = cast(Mapping[str, object], answer.get("extensions", {}))
            answer["extensions"] = {**shown, "cost": {"requested": cost, "limit": limit}}
        return answer

    async def execute(self, document: Document, asked: Asked, context: Context) -> Answer:
        """Run a valid document's operation: the answer as it is encoded."""
        result = await await_maybe(
            execute(
                self.schema._schema,
                document.ast,
                variable_values=dict(asked.variables),
                operation_name=asked.operation_name,
                context_value=context,
                executor_class=Executor,
                hide_suggestions=context.caller is None,
                operation_extensions=dict(asked.extensions),
            )
        )
        return _answer(result, context)


_CONTENT_TYPES = {media: f"{media}; charset=utf-8".encode() for media in Media}


def _answer(result: ExecutionResult, context: Context) -> Answer:
    """Variables that don't fit are an error of the request, which has no `data`; whatever was executed has."""
    answer: Answer = {}
    if result.errors:
        answer["errors"] = presented(result.errors, context.correlation)
    if result.data is not None or not result.errors or any(error.path is not None for error in result.errors):
        answer["data"] = result.data
    return _complete(answer, context)


def _complete(answer: Answer, context: Context) -> Answer:
    if context.denied:
        answer["extensions"] = {"privacy": {"denied": [_denied(each) for each in context.denied]}}
    return answer


def _denied(denial: object) -> Mapping[str, object]:
    shown = {name: getattr(denial, name) for name in ("path", "reason", "scope", "count")}
    return {name: value for name, value in shown.items() if value is not None}


def _request_errors(errors: list[GraphQLError] | tuple[GraphQLError, ...], media: Media, head: Head) -> _Reply:
    answer: Answer = {"errors": presented(errors, head.correlation)}
    return _Reply(protocol.status(answer, media), answer)


def _refused(status: int, error: GraphQLError, head: Head) -> _Reply:
    return _Reply(status, {"errors": presented([error], head.correlation)})


def _encoded(reply: _Reply, head: Head) -> bytes:
    try:
        return orjson.dumps(reply.answer, option=orjson.OPT_UTC_Z)
    except TypeError as bug:
        log_bug(bug, head.correlation)
        reply.status = 500
        reply.answer = {"errors": presented([GraphQLError("", original_error=bug)], head.correlation)}
        return orjson.dumps(reply.answer)


def _reached_at(scope: Scope) -> str:
    host, port = scope.get("server") or ("localhost", None)
    return f"{scope['scheme']}://{f'[{host}]' if ':' in host else host}{f':{port}' if port else ''}"
