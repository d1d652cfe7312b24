"""A small stand-in for HashiCorp Vault: its transit engine's HTTP API, with real encryption and versions."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


@dataclass
class Transit:
    """One Vault: its keys by name, each a list of versions, and what was asked of it."""

    token: str = "s.test"
    keys: dict[str, list[bytes]] = field(default_factory=dict)
    asked: list[tuple[str, int]] = field(default_factory=list)
    sealed: bool = False
    url: str = ""

    def answer(self, path: list[str], body: dict[str, Any]) -> tuple[int, Any]:
        """Vault's answer to `/v1/transit/<verb>/<key>`."""
        if self.sealed:
            return 503, {"errors": ["Vault is sealed"]}
        match path:
            case ["v1", "transit", "keys", name] if name in self.keys:
                return 200, {"data": {"name": name, "latest_version": len(self.keys[name])}}
            case ["v1", "transit", "keys", name, "rotate"] if name in self.keys:
                self.keys[name].append(os.urandom(32))
                return 204, None
            case ["v1", "transit", "encrypt" | "decrypt" as verb, name] if name in self.keys:
                results = [self._one(verb, name, item) for item in body["batch_input"]]
                self.asked.append((verb, len(results)))
                failed = any("error" in result for result in results)
                return (400 if failed else 200), {"data": {"batch_results": results}}
            case _:
                return 404, {"errors": []}

    def _one(self, verb: str, name: str, item: dict[str, str]) -> dict[str, Any]:
        versions = self.keys[name]
        if verb == "encrypt":
            nonce = os.urandom(12)
            sealed = nonce + AESGCM(versions[-1]).encrypt(nonce, base64.b64decode(item["plaintext"]), None)
            return {"ciphertext": f"vault:v{len(versions)}:{base64.b64encode(sealed).decode()}", "key_version": len(versions)}
        try:
            _, version, text = item["ciphertext"].split(":")
            sealed = base64.b64decode(text)
            plain = AESGCM(versions[int(version[1:]) - 1]).decrypt(sealed[:12], sealed[12:], None)
        except (ValueError, IndexError, InvalidTag):
            return {"error": "cipher: message authentication failed"}
        return {"plaintext": base64.b64encode(plain).decode()}


@contextlib.contextmanager
def transit(**keys: list[bytes]) -> Iterator[Transit]:
    """A running Vault with these keys."""
    vault = Transit(keys=dict(keys))

    class Handler(BaseHTTPRequestHandler):
        def _handle(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or b"{}")
            allowed = self.headers.get("X-Vault-Token") == vault.token
            status, answer = vault.answer(self.path.strip("/").split("/"), body) if allowed else (403, {"errors": ["permission denied"]})
            data = b"" if answer is None else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = _handle  # noqa: N815  # the server looks for these names

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    vault.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield vault
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
