"""From the address of the root key to who keeps it."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import cast
from urllib.parse import unquote, urlsplit

from siyu.privacy.custodian.custodian import CustodyError, KeyCustodian
from siyu.privacy.custodian.environment import EnvironmentCustodian
from siyu.privacy.custodian.file import FileCustodian


def custodian_from(url: str, *, variables: Mapping[str, str], vault_token: str = "", create: bool = False) -> KeyCustodian:
    """The custodian that an address names.

    - `file:///path`: a keyring file; `create` makes it when it isn't there.
    - `env:NAME`: the variable NAME of `variables`.
    - `vault://host:port/key`, or `vault://host/mount/key`: Vault over TLS, with `vault_token`; `vault+http://` without TLS, for loopback.
    """
    parts = urlsplit(url)
    if parts.scheme == "file":
        return FileCustodian(Path(unquote(parts.path)), create=create)
    if parts.scheme == "env":
        if parts.path not in variables:
            raise CustodyError(f"The environment variable {parts.path} is not set.")
        return EnvironmentCustodian(variables[parts.path], variable=parts.path)
    if parts.scheme in {"vault", "vault+http"}:
        *mount, key = [step for step in parts.path.split("/") if step] or [""]
        if not parts.hostname or not key:
            raise CustodyError("Vault's address is written vault://host:port/key.")
        if parts.scheme == "vault+http" and parts.hostname not in {"127.0.0.1", "localhost", "::1"}:
            raise CustodyError("Vault without TLS is for loopback only.")
        scheme = "https" if parts.scheme == "vault" else "http"
        # Vault's client takes as long to load as a tenth of a start: only those who keep their key there pay for it.
        transit = importlib.import_module("siyu.privacy.custodian.transit")
        return cast(
            KeyCustodian, transit.VaultTransitCustodian(f"{scheme}://{parts.netloc}", vault_token, key, mount="/".join(mount) or "transit")
        )
    raise CustodyError("The root key's address is file:///path, env:NAME or vault://host/key.")
