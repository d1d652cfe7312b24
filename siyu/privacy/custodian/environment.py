"""The root key in an environment variable: `2:<base64>,1:<base64>`, the first of them current."""

from __future__ import annotations

from collections.abc import Sequence

from siyu.privacy.custodian.custodian import CustodyError, Wrapped
from siyu.privacy.custodian.local import LocalRoots, parsed


class EnvironmentCustodian:
    """Root keys handed to the process when it starts.

    To rotate: add the new version behind the old ones and restart every process, then move it to the front and restart again, then
    run `siyu keys rotate`.
    """

    name = "environment"

    def __init__(self, value: str, *, variable: str = "the environment") -> None:
        keys: dict[str, bytes] = {}
        for part in filter(None, (part.strip() for part in value.split(","))):
            version, colon, key = part.partition(":")
            if not colon or not version or version in keys:
                raise CustodyError(f"Root keys in {variable} are written version:base64, each version once, commas between.")
            keys[version] = parsed(version, key)
        self._variable = variable
        self._roots = LocalRoots(keys)

    @property
    def current_version(self) -> str:
        return self._roots.current_version

    async def prepare(self) -> None:
        """Nothing to do: the keys came with the process."""

    async def wrap(self, keys: Sequence[bytes]) -> list[Wrapped]:
        return self._roots.wrap(keys)

    async def unwrap(self, wrapped: Sequence[Wrapped]) -> list[bytes]:
        return self._roots.unwrap(wrapped)

    async def add_version(self) -> str:
        raise CustodyError("A process can't change its own environment: put a new version in front of the variable and restart.")

    def describe(self) -> dict[str, str]:
        return {"custodian": self.name, "where": self._variable, "versions": ", ".join(self._roots.versions)}
