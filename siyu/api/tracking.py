"""The tracking API of Segment's published specification: SDKs send here once their host is changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Final

import orjson
import structlog
from starlette.types import Receive, Scope, Send

from siyu.api import tracking_body, wire
from siyu.api.tracking_body import Read, Rejected, Unreadable
from siyu.api.tracking_gather import Gathering, Rates
from siyu.api.tracking_metrics import Counts, TrackingMetrics
from siyu.api.wire import Head
from siyu.domain import writekeys
from siyu.domain.kernel import clock
from siyu.domain.kernel.settings import Settings
from siyu.domain.tracking import Kept, Taken, Type
from siyu.domain.writekeys import Sender
from siyu.privacy.actor import Actor
from siyu.privacy.refusal import Code, Refusal, Unauthenticated

log = structlog.get_logger("siyu.tracking")

#: Where SDKs post: the specification's addresses, and the initials that browsers and phones use. None is a batch.
PATHS: Final[dict[str, Type | None]] = {
    **{f"/v1/{type_}": type_ for type_ in Type},
    **{f"/v1/{type_[0]}": type_ for type_ in Type},
    "/v1/batch": None,
    "/v1/b": None,
    "/v1/import": None,
}
assert len({type_[0] for type_ in Type}) == len(Type), "initials name one type each"

_JSON: Final = b"application/json; charset=utf-8"
_PREFLIGHT: Final = [
    (b"access-control-allow-methods", b"POST"),
    (b"access-control-allow-headers", b"authorization, content-type, content-encoding, x-request-id, x-retry-count"),
    (b"access-control-max-age", b"86400"),
]
#: Whoever looks at a page has its write key: the answer must not tell whether somebody is known by a number or an address.
_UNSAID: Final = frozenset({Code.TAKEN})
_CODES: Final = {401: "unauthenticated", 413: "too_large", 429: "rate_limited", 503: "busy"}


@dataclass(slots=True)
class _Reply:
    status: int
    answer: dict[str, object]
    headers: wire.Headers = field(default_factory=list)


class TrackingEndpoint:
    """`/v1/…`: a plain ASGI callable, like the GraphQL endpoint."""

    def __init__(self, settings: Settings, metrics: TrackingMetrics) -> None:
        self._settings = settings
        self._metrics = metrics
        self._kept = Kept.of(path.strip() for path in settings.tracking_context.split(",") if path.strip())
        self._origins = frozenset(origin.strip().rstrip("/") for origin in settings.tracking_origins.split(",") if origin.strip())
        self._gathering = Gathering()
        self._rates = Rates(settings.tracking_rate)

    async def __call__(self, scope: Scope, receive: Receive, send: Send, head: Head) -> None:
        """Answer one HTTP request, of which `head` has been read."""
        started, method = perf_counter(), scope["method"]
        headers = [(b"x-request-id", head.correlation.encode()), *self._cors(head.origin)]
        if method == "OPTIONS":
            await wire.answer(send, 204, b"text/plain", b"", headers + (_PREFLIGHT if len(headers) > 1 else []))
            return
        try:
            if scope["path"] not in PATHS:
                raise Unreadable(404, "There is nothing here: post to /v1/batch, or to one of the calls.")
            if method != "POST":
                raise Unreadable(405, "Use POST.")
            reply = await self._reply(PATHS[scope["path"]], _encoding(scope), receive, head)
        except Unreadable as problem:
            reply = _refused(problem)
        except wire.BodyTooLarge:
            reply = _refused(tracking_body.too_large(self._settings.tracking_batch_bytes_max))
        except wire.Disconnected:
            return
        self._metrics.request(reply.status, started)
        await wire.answer(send, reply.status, _JSON, orjson.dumps(reply.answer), headers + reply.headers)

    async def _reply(self, type_: Type | None, encoding: str, receive: Receive, head: Head) -> _Reply:
        settings = self._settings
        bytes_max = settings.tracking_batch_bytes_max
        packed = await wire.body(receive, announced=head.content_length, bytes_max=bytes_max)
        received_at = clock.now()
        body = tracking_body.loaded(tracking_body.unpacked(packed, encoding, bytes_max))
        try:
            sender = await writekeys.authenticate(
                Actor.worker("door", request=head.correlation), tracking_body.write_key(head.authorization, body)
            )
        except Unauthenticated as refusal:
            raise Unreadable(401, refusal.message, "writeKey") from None
        raws: list[object] = [body] if type_ else tracking_body.batch(body)
        self._rates.spend(sender, len(raws))
        read = tracking_body.read(raws, body, received_at, self._kept, expected=type_, call_bytes_max=settings.tracking_call_bytes_max)
        taken = await self._gathering.take(sender, read.messages) if read.messages else Taken()
        return self._told(sender, read, taken, single=type_ is not None)

    def _told(self, sender: Sender, read: Read, taken: Taken, *, single: bool) -> _Reply:
        """The answer, and what is counted and logged."""
        counts = Counts((type_, "rejected") for type_ in read.refused_types)
        for place, message in enumerate(read.messages):
            outcome = "rejected" if place in taken.refused else "duplicate" if place in taken.duplicates else "accepted"
            counts[message.type, outcome] += 1
        lost = [*read.rejected, *_rejected(read, taken.refused.items())]
        partly = _rejected(read, taken.partly)
        self._metrics.messages(counts)
        if lost or partly:
            self._metrics.left_out(len(partly))
            fields = ",".join(sorted({each.field.partition(".")[0] for each in (*lost, *partly)}))
            log.info("tracking_refused", write_key=str(sender.id), rejected=len(lost), left_out=len(partly), fields=fields)
        if single and lost:
            return _Reply(400, {"success": False, **_shown(lost[0]), "code": "invalid_request"})
        said = sorted((*lost, *(each for each in partly if each.code not in _UNSAID)), key=lambda each: each.index)
        return _Reply(
            200,
            {
                "success": True,
                "accepted": sum(number for (_, outcome), number in counts.items() if outcome == "accepted"),
                "duplicates": len(taken.duplicates),
                "rejected": [{"index": each.index, **_shown(each)} for each in said],
            },
        )

    def _cors(self, origin: str) -> wire.Headers:
        """A write key is no secret in a page, and there are no cookies: by default every origin may send."""
        if not origin or not ("*" in self._origins or origin in self._origins):
            return []
        allowed = b"*" if "*" in self._origins else origin.encode("latin-1")
        return [(b"access-control-allow-origin", allowed), (b"vary", b"origin")]


def _rejected(read: Read, refusals: Iterable[tuple[int, Refusal]]) -> list[Rejected]:
    return [Rejected.of(read.places[place], read.messages[place].id, refusal) for place, refusal in refusals]


def _shown(each: Rejected) -> dict[str, object]:
    return {"messageId": each.message_id, "field": each.field, "message": each.message, "code": each.code}


def _refused(problem: Unreadable) -> _Reply:
    answer: dict[str, object] = {"success": False, "code": _CODES.get(problem.status, "invalid_request"), "message": problem.message}
    if problem.field:
        answer["field"] = problem.field
    headers: wire.Headers = []
    if problem.retry_seconds:
        headers.append((b"retry-after", str(problem.retry_seconds).encode()))
    if problem.status == 401:
        headers.append((b"www-authenticate", b'Basic realm="siyu"'))
    if problem.status == 405:
        headers.append((b"allow", b"POST, OPTIONS"))
    return _Reply(problem.status, answer, headers)


def _encoding(scope: Scope) -> str:
    return ",".join(value.decode("latin-1") for name, value in scope["headers"] if name == b"content-encoding")
