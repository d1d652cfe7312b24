"""The root key in a file that only its owner can read."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import uuid4

import orjson

from siyu.privacy import vault
from siyu.privacy.custodian.custodian import CustodyError, Wrapped
from siyu.privacy.custodian.local import LocalRoots, parsed, printed


class FileCustodian:
    """A keyring file of mode 0600: `{"keys": [{"version": "2", "key": "<base64>"}, …]}`, the current version first.

    Without `create` a missing file is an error, so that a wrong path never makes a new root key in silence. The file is read again
    when a version is needed that it did not have: another process may have rotated it.
    """

    name = "file"

    def __init__(self, path: Path, *, create: bool = False) -> None:
        self._path = path
        if create and not path.exists():
            _made(path, {"1": vault.random(vault.KEY_BYTES)})
        self._roots = LocalRoots(_read(path))

    @property
    def current_version(self) -> str:
        return self._roots.current_version

    async def prepare(self) -> None:
        """Read the file again."""
        self._roots = LocalRoots(await asyncio.to_thread(_read, self._path))

    async def wrap(self, keys: Sequence[bytes]) -> list[Wrapped]:
        return self._roots.wrap(keys)

    async def unwrap(self, wrapped: Sequence[Wrapped]) -> list[bytes]:
        if self._roots.missing(wrapped):
            await self.prepare()
        return self._roots.unwrap(wrapped)

    async def add_version(self) -> str:
        version = await asyncio.to_thread(self._add)
        await self.prepare()
        return version

    def _add(self) -> str:
        keys = _read(self._path)
        version = str(max((int(known) for known in keys if known.isdigit()), default=0) + 1)
        _replaced(self._path, {version: vault.random(vault.KEY_BYTES), **keys})
        return version

    def describe(self) -> dict[str, str]:
        return {"custodian": self.name, "where": str(self._path), "versions": ", ".join(self._roots.versions)}


def _read(path: Path) -> dict[str, bytes]:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno())
            if stat.S_IMODE(mode.st_mode) & 0o077:
                raise CustodyError(f"{path} can be read by others than its owner: chmod 600 it, and think of who may have read it.")
            if mode.st_uid not in (os.geteuid(), 0):
                raise CustodyError(f"{path} belongs to another user.")
            entries = orjson.loads(file.read())["keys"]
            return {str(entry["version"]): parsed(str(entry["version"]), str(entry["key"])) for entry in entries}
    except FileNotFoundError:
        raise CustodyError(f"There is no root key at {path}. If there never was one, let it be made; if there was, restore it.") from None
    except OSError as error:
        raise CustodyError(f"{path} can't be read: {error.strerror}.") from None
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise CustodyError(f"{path} is not a keyring.") from None


def _spelled(keys: Mapping[str, bytes]) -> bytes:
    return orjson.dumps({"keys": [{"version": version, "key": printed(key)} for version, key in keys.items()]}, option=orjson.OPT_INDENT_2)


def _write(path: Path, keys: Mapping[str, bytes]) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(_spelled(keys))
        file.flush()
        os.fsync(file.fileno())


def _made(path: Path, keys: Mapping[str, bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{uuid4().hex}")
    _write(draft, keys)
    try:
        os.link(draft, path)  # unlike a rename it never replaces a file that another process has just made
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    _kept(path)


def _replaced(path: Path, keys: Mapping[str, bytes]) -> None:
    draft = path.with_name(f".{path.name}.{uuid4().hex}")
    _write(draft, keys)
    draft.replace(path)
    _kept(path)


def _kept(path: Path) -> None:
    """A name in a folder is on the disk only once the folder is."""
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
