"""Searching bytes for values, in every spelling in which a careless program would leave one behind."""

from __future__ import annotations

import base64
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from urllib.parse import quote

#: Most of a small database is empty; no spelling has so many zeros in a row.
_RUN = 16
_EMPTY = re.compile(rb"\0{%d,}" % _RUN)


def spellings(value: str) -> dict[str, bytes]:
    """The value as bytes, by the name of the spelling. Base64 at each of its three alignments, without its edges."""
    forms = {"plain": value, "folded": unicodedata.normalize("NFKC", value).casefold(), "upper": value.upper()}
    found: dict[str, bytes] = {}
    for name, form in forms.items():
        data = form.encode()
        found[name] = data
        found[f"{name} utf-16-le"] = form.encode("utf-16-le")
        found[f"{name} utf-16-be"] = form.encode("utf-16-be")
        found[f"{name} gb18030"] = form.encode("gb18030")
        found[f"{name} hex"] = data.hex().encode()
        found[f"{name} HEX"] = data.hex().upper().encode()
        found[f"{name} json"] = json.dumps(form)[1:-1].encode()
        found[f"{name} url"] = quote(form).encode()
        for offset in range(3):
            text = base64.b64encode(bytes(offset) + data)
            inner = text[4 if offset else 0 : len(text) - (4 if (offset + len(data)) % 3 else 0)]
            found[f"{name} base64 +{offset}"] = inner
    return found


def search(stores: Mapping[str, bytes], values: Iterable[str], tokens: Iterable[bytes] = ()) -> list[tuple[str, str]]:
    """Where a value is found, and in which spelling; `tokens` are searched as bytes and as hexadecimal digits."""
    found: list[tuple[str, str]] = []
    needles: dict[bytes, str] = {}  # many spellings of a number are the same
    for value in values:
        for name, form in spellings(value).items():
            if len(form) >= 5:
                needles.setdefault(form, f"{value} ({name})")
    for token in tokens:
        needles[token] = f"{token.hex()} (token)"
        needles[token.hex().encode()] = f"{token.hex()} (token hex)"
    for store, content in stores.items():
        filled = _EMPTY.sub(bytes(_RUN), content)
        found += [(store, told) for form, told in needles.items() if form in filled]
    return found
