"""The root key in HashiCorp Vault's transit engine: it never leaves Vault."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Sequence
from typing import TypeVar, cast

import hvac
import requests
from hvac.exceptions import VaultError

from siyu.privacy.custodian.custodian import CustodyError, Wrapped

T = TypeVar("T")

_BATCH = 500


class VaultTransitCustodian:
    """Wraps and unwraps by Vault's transit engine, in batches, in a thread.

    Vault numbers the versions and knows from the ciphertext which one it needs.
    """

    name = "vault"

    def __init__(self, url: str, token: str, key_name: str, *, mount: str = "transit", timeout_seconds: int = 10) -> None:
        self._client = hvac.Client(url=url, token=token, timeout=timeout_seconds)
        self._url, self._key_name, self._mount = url, key_name, mount
        self._version: str | None = None

    @property
    def current_version(self) -> str:
        assert self._version is not None, "Call prepare() first."
        return self._version

    async def prepare(self) -> None:
        """Ask Vault for the key's newest version."""

        def latest() -> str:
            answer = self._client.secrets.transit.read_key(self._key_name, mount_point=self._mount)  # type: ignore[no-untyped-call]  # hvac's
            return f"v{answer['data']['latest_version']}"

        self._version = await self._asked(latest)

    async def wrap(self, keys: Sequence[bytes]) -> list[Wrapped]:
        blobs = await self._batched("encrypt_data", [{"plaintext": base64.b64encode(key).decode()} for key in keys], "ciphertext")
        return [Wrapped(_version_of(blob), blob.encode()) for blob in blobs]

    async def unwrap(self, wrapped: Sequence[Wrapped]) -> list[bytes]:
        plain = await self._batched("decrypt_data", [{"ciphertext": each.blob.decode()} for each in wrapped], "plaintext")
        return [base64.b64decode(each) for each in plain]

    async def add_version(self) -> str:
        rotate = self._client.secrets.transit.rotate_key
        await self._asked(lambda: rotate(self._key_name, mount_point=self._mount))  # type: ignore[no-untyped-call]  # hvac's
        await self.prepare()
        return self.current_version

    def describe(self) -> dict[str, str]:
        return {"custodian": self.name, "where": f"{self._url}, key {self._key_name}", "versions": self._version or "not asked yet"}

    async def _batched(self, call: str, items: list[dict[str, str]], wanted: str) -> list[str]:
        found: list[str] = []
        for start in range(0, len(items), _BATCH):
            found += await self._asked(lambda: self._batch(call, items[start : start + _BATCH], wanted))  # noqa: B023  # awaited at once
        return found

    def _batch(self, call: str, items: list[dict[str, str]], wanted: str) -> list[str]:
        ask = getattr(self._client.secrets.transit, call)
        # hvac insists on the argument for a single value, which Vault ignores beside a batch.
        answer = ask(self._key_name, "", batch_input=items, mount_point=self._mount)
        results = cast(list[dict[str, str]], answer["data"]["batch_results"])
        if len(results) != len(items) or any(result.get("error") or wanted not in result for result in results):
            raise CustodyError("Vault could not wrap or unwrap some of the keys.")
        return [result[wanted] for result in results]

    async def _asked(self, ask: Callable[[], T]) -> T:
        try:
            return await asyncio.to_thread(ask)
        except VaultError as error:
            raise CustodyError(f"Vault refused: {type(error).__name__}.") from None
        except requests.RequestException as error:
            raise CustodyError(f"Vault at {self._url} did not answer: {type(error).__name__}.") from None
        except (KeyError, TypeError, ValueError):
            raise CustodyError("Vault answered something that is no answer.") from None


def _version_of(ciphertext: str) -> str:
    vault, _, rest = ciphertext.partition(":")
    version, colon, _ = rest.partition(":")
    if vault != "vault" or not colon:
        raise CustodyError("Vault gave a ciphertext without a version.")
    return version
