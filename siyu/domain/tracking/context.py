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
    """The fields of a context that become properties, by its member, the member's own and the property's name."""

    fields: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]

    @classmethod
    def of(cls, paths: Iterable[str]) -> Kept:
        """From paths of one or two steps: `app.version` becomes the property `context_app_version`."""
        members: dict[str, list[tuple[str, str]]] = {}
        for path in paths:
            member, _, own = path.partition(".")
            members.setdefault(member, []).append((own, "context_" + path.replace(".", "_")))
        return cls(tuple((member, tuple(own)) for member, own in members.items()))

    def into(self, properties: dict[str, object], context: Mapping[str, object]) -> None:
        """Add what is kept of the context; a property that is there stays."""
        for member, fields in self.fields:
            found = context.get(member)
            if found is None:
                continue
            for own, name in fields:
                value = found if not own else found.get(own) if isinstance(found, dict) else None
                if isinstance(value, str):
                    if value and len(value) <= _TEXT_MAX:
                        properties.setdefault(name, bare(value) if own in _ADDRESSES else value)
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
