"""Root keys that are in this process's memory, wherever they came from."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence

from siyu.privacy import vault
from siyu.privacy.custodian.custodian import CustodyError, Wrapped


class LocalRoots:
    """Versions of a root key, the first of them current."""

    __slots__ = ("_wrappings", "current_version")

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        if not keys:
            raise CustodyError("There is no root key.")
        self._wrappings = {version: vault.Wrapping(key) for version, key in keys.items()}
        self.current_version = next(iter(keys))

    @property
    def versions(self) -> tuple[str, ...]:
        """All versions, the current one first."""
        return tuple(self._wrappings)

    def missing(self, wrapped: Sequence[Wrapped]) -> set[str]:
        """Versions that these need and that are not here."""
        return {each.version for each in wrapped} - self._wrappings.keys()

    def wrap(self, keys: Sequence[bytes]) -> list[Wrapped]:
        """Each key under the current version."""
        wrapping = self._wrappings[self.current_version]
        return [Wrapped(self.current_version, wrapping.wrap(key)) for key in keys]

    def unwrap(self, wrapped: Sequence[Wrapped]) -> list[bytes]:
        """Each key; raises `CustodyError` when a version is missing or a blob does not open."""
        if missing := self.missing(wrapped):
            raise CustodyError(f"Root key version {', '.join(sorted(missing))} is needed and not there.")
        try:
            return [self._wrappings[version].unwrap(blob) for version, blob in wrapped]
        except vault.Unreadable as error:
            raise CustodyError(str(error)) from None


def parsed(version: str, text: str) -> bytes:
    """A root key from its base64; raises `CustodyError` without repeating it."""
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise CustodyError(f"Root key version {version} is not base64.") from None
    if len(key) != vault.KEY_BYTES:
        raise CustodyError(f"Root key version {version} must have {vault.KEY_BYTES} bytes.")
    return key


def printed(key: bytes) -> str:
    """A root key as base64."""
    return base64.b64encode(key).decode()
