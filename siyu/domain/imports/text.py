"""Which encoding a text file is in: found by strict decoding, so that no row is ever read as mojibake."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

from siyu.domain.imports.refusals import Unreadable

_BLOCK_BYTES = 1 << 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def encoding_of(path: Path) -> str:
    """The codec that reads the whole file: what its byte order mark says, else UTF-8, else GB18030.

    Raises `Unreadable`, with the line, for anything else, and for UTF-8 with damaged places, which GB18030 would read
    as nonsense without complaint.
    """
    with path.open("rb") as file:
        start = file.read(4)
    for mark, codec in _BOMS:
        if start.startswith(mark):
            _check(path, codec)
            return codec
    line = _first_undecodable_line(path, "utf-8")
    if line is None:
        return "utf-8"
    if _is_mostly_utf8(path):
        raise Unreadable(f"The file is UTF-8 but damaged in line {line}: save it again as UTF-8.")
    if _first_undecodable_line(path, "gb18030") is None:
        return "gb18030"
    raise Unreadable(f"The file is neither UTF-8 nor GB18030 text (line {line}): save it again as UTF-8.")


def _check(path: Path, codec: str) -> None:
    line = _first_undecodable_line(path, codec)
    if line is not None:
        raise Unreadable(f"The file says it is {codec} but line {line} is not: save it again as UTF-8.")


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            yield block


def _first_undecodable_line(path: Path, codec: str) -> int | None:
    decoder = codecs.getincrementaldecoder(codec)()
    line = 1
    for block in _blocks(path):
        try:
            decoder.decode(block)
        except UnicodeDecodeError as problem:
            return line + problem.object[: problem.start].count(b"\n")
        line += block.count(b"\n")
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return line
    return None


def _is_mostly_utf8(path: Path) -> bool:
    """Whether most of what is not ASCII decodes as UTF-8 all the same."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    damaged = beyond_ascii = 0
    for block in _blocks(path):
        text = decoder.decode(block)
        damaged += text.count("\ufffd")
        beyond_ascii += sum(character > "\x7f" for character in text)
    return damaged * 2 < beyond_ascii
