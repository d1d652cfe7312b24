"""Events as PostgreSQL's binary COPY takes them. Pure, and the shortest way from a draft to bytes: many go through here."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from siyu.domain.events.drafting import CONTENT_BYTES, KEY_BYTES, Draft
from siyu.domain.events.rules import Timing

#: In the order in which `rows` writes them.
COLUMNS: Final = (
    "id", "customer_id", "key", "content", "occurred_at", "late", "received_at", "channel", "name", "properties", "sealed_properties",
)  # fmt: skip
#: Signature, flags, and no extension of the header; after all rows, a row of -1 columns.
_HEADER: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER: Final = b"\xff\xff"
#: How many columns, then each as its length and its value, as far as their lengths are always the same.
_FIXED: Final = struct.Struct(f">h i16s i16s i{KEY_BYTES}s i{CONTENT_BYTES}s iq i?")
_LENGTH: Final = struct.Struct(">i")
_MOMENT: Final = struct.Struct(">iq")
#: The length of JSON with the number of its version, and that.
_JSON: Final = struct.Struct(">iB")
_JSON_VERSION: Final = 1
_NULL: Final = _LENGTH.pack(-1)
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def rows(drafts: Sequence[Draft], first: int, blobs: Sequence[bytes | None], received_at: datetime) -> bytes:
    """The drafts, whose customers are named, as rows of `COLUMNS`; `first` is the key of the first as a number, the others follow it."""
    columns, pack, packed_json, late = len(COLUMNS), _FIXED.pack, _JSON.pack, Timing.LATE
    came = _MOMENT.pack(8, _micros(received_at))
    same: dict[tuple[str | None, str], bytes] = {}
    parts = [_HEADER]
    for number, (draft, blob) in enumerate(zip(drafts, blobs, strict=True)):
        assert draft.customer_id is not None, "whose it is has been worked out"
        told = same.get((draft.channel, draft.name))
        if told is None:
            told = same[draft.channel, draft.name] = came + _text(draft.channel) + _text(draft.name)
        key, whose, at = (first + number).to_bytes(16, "big"), draft.customer_id.bytes, _micros(draft.occurred_at)
        parts += (
            pack(columns, 16, key, 16, whose, KEY_BYTES, draft.key, CONTENT_BYTES, draft.content, 8, at, 1, draft.timing is late),
            told,
            packed_json(len(draft.clear) + 1, _JSON_VERSION),
            draft.clear,
            _NULL if blob is None else _LENGTH.pack(len(blob)) + blob,
        )
    parts.append(_TRAILER)
    return b"".join(parts)


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _text(value: str | None) -> bytes:
    if value is None:
        return _NULL
    data = value.encode()
    return _LENGTH.pack(len(data)) + data
