"""What every custodian of the root key can do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class CustodyError(Exception):
    """The root key can't be had: not there, open to others, refused by its keeper. The text names no key material."""


class Wrapped(NamedTuple):
    """A key that only its custodian opens, and the version of the root key that it is wrapped under."""

    version: str
    blob: bytes


class KeyCustodian(Protocol):
    """Keeps several versions of a root key: the current one wraps, all of them unwrap.

    Every call takes a batch. All of them raise `CustodyError`.
    """

    @property
    def name(self) -> str:
        """What kind it is, for people."""

    @property
    def current_version(self) -> str:
        """The version that wraps now, as of the last `prepare` or `add_version`."""

    async def prepare(self) -> None:
        """Get at the root key and learn its versions. Called before anything else, and again before a rotation."""

    async def wrap(self, keys: Sequence[bytes]) -> list[Wrapped]:
        """Each key, wrapped under the current version, in the same order."""

    async def unwrap(self, wrapped: Sequence[Wrapped]) -> list[bytes]:
        """Each key, in the same order; raises when one of them does not open."""

    async def add_version(self) -> str:
        """Make a new version the current one, and give its name; the older ones stay."""

    def describe(self) -> dict[str, str]:
        """What an operator may be told: where the key is and which versions there are."""
