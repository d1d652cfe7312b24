"""What is kept of a message's `context`, and what of an address on the web. Pure.

By default nothing that tells one device from another: no network address, no user agent, no advertising or device id, no screen
size, no coordinates. The setting names the fields that are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

#: What holds an address on the web, whose query and fragment often hold tokens and names: they are cut off.
_ADDRESSES: Final = ("url", "referrer")
_TEXT_MAX: Final = 500


@dataclass(frozen=True, slots=True)
class Kept:
    """The fields of a context that become properties: by path, each with the property's name."""

    fields: tuple[tuple[tuple[str, ...], str], ...]

    @classmethod
    def of(cls, paths: Iterable[str]) -> Kept:
        """From dotted paths: `app.version` becomes the property `context_app_version`."""
        return cls(tuple((tuple(path.split(".")), "context_" + path.replace(".", "_")) for path in paths))

    def into(self, properties: dict[str, object], context: Mapping[str, object]) -> None:
        """Add what is kept of the context; a property that is there stays."""
        for path, name in self.fields:
            value: object = context
            for step in path:
                value = value.get(step) if isinstance(value, dict) else None
            if isinstance(value, str):
                if value and len(value) <= _TEXT_MAX:
                    properties.setdefault(name, bare(value) if path[-1] in _ADDRESSES else value)
            elif isinstance(value, bool | int | float):
                properties.setdefault(name, value)


def viewed(properties: dict[str, object]) -> None:
    """Cut what hangs on the addresses of a page: SDKs put the whole address there, and its query once more."""
    for field in _ADDRESSES:
        address = properties.get(field)
        if isinstance(address, str):
            properties[field] = bare(address)
    query = properties.get("search")
    if isinstance(query, str) and (not query or query.startswith("?")):
        del properties["search"]


def bare(address: str) -> str:
    """An address on the web without its query and its fragment."""
    return address.partition("?")[0].partition("#")[0]
