"""POST /uploads: a file to be imported, streamed to disk."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import unquote

from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request
from starlette.responses import Response

from siyu.api import auth
from siyu.api.json import JSON
from siyu.domain import files
from siyu.privacy.refusal import Code, Refusal
from siyu.schema import relay


async def upload(request: Request) -> Response:
    """Keep the sent file; its id goes into `customersImport`.

    The body is the file itself, its name in `X-Filename` (percent-encoded) or in the query; or a form with one file, as
    `curl -F file=@…` sends.
    """
    actor = await auth.required(request.headers.get("authorization", ""), request=request.state.correlation)
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind == b"multipart/form-data":
        form = _Form(request.stream(), options.get(b"boundary", b""))
        await form.begin()
        kept = await files.keep(actor, form.content(), filename=form.filename)
    else:
        name = request.headers.get("x-filename") or request.query_params.get("filename") or "file"
        kept = await files.keep(actor, request.stream(), filename=unquote(name))
    shown = {"id": relay.encode("Upload", kept.id), "filename": kept.filename, "sizeBytes": kept.size_bytes, "sha256": kept.sha256}
    return JSON(shown, 201)


class _Form:
    """The first file of a multipart form, as it comes, never whole in memory."""

    def __init__(self, body: AsyncIterator[bytes], boundary: bytes) -> None:
        if not boundary:
            raise Refusal("The form has no boundary.", path=("file",))
        self.filename = ""
        self._body = body
        self._chunks: list[bytes] = []
        self._name, self._value = b"", b""
        self._disposition = b""
        self._inside = self._over = False
        self._parser = MultipartParser(
            boundary,
            {
                "on_header_begin": self._header_begin,
                "on_header_field": self._header_field,
                "on_header_value": self._header_value,
                "on_header_end": self._header_end,
                "on_headers_finished": self._headers_finished,
                "on_part_data": self._part_data,
                "on_part_end": self._part_end,
            },
        )

    async def begin(self) -> None:
        """Read as far as the file's name."""
        async for chunk in self._body:
            self._feed(chunk)
            if self._inside or self._over:
                return
        raise Refusal("The form holds no file.", path=("file",), code=Code.BLANK)

    async def content(self) -> AsyncIterator[bytes]:
        """The file's bytes; the rest of the form is read and dropped."""
        for chunk in self._taken():
            yield chunk
        async for chunk in self._body:
            self._feed(chunk)
            for part in self._taken():
                yield part
        if not self._over:
            raise Refusal("The form ended within the file.", path=("file",))

    def _feed(self, chunk: bytes) -> None:
        try:
            self._parser.write(chunk)
        except ValueError as error:
            raise Refusal("The form can't be read.", path=("file",)) from error

    def _taken(self) -> list[bytes]:
        taken, self._chunks = self._chunks, []
        return taken

    def _header_begin(self) -> None:
        self._name = self._value = b""

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        if self._name.lower() == b"content-disposition":
            self._disposition = self._value

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._disposition = b""
        if b"filename" in options and not self._over:
            self._inside = True
            self.filename = options[b"filename"].decode("utf-8", "replace")

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        if self._inside:
            self._chunks.append(data[start:end])

    def _part_end(self) -> None:
        if self._inside:
            self._inside, self._over = False, True
