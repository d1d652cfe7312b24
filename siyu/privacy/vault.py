"""The only module that touches `cryptography`: few primitives, each with one way to use it.

AES-256-GCM, HKDF-SHA-256, HMAC-SHA-256, Ed25519. Objects with a key in them never show it, and are neither copied nor pickled.
"""

from __future__ import annotations

import hmac
import os
from typing import NoReturn

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16

_SHA256 = SHA256()


class Unreadable(Exception):
    """Bytes that don't open: they were changed, belong to another place, or were sealed under another key."""


def random(length: int) -> bytes:
    """Bytes fit for keys."""
    return os.urandom(length)


def same(left: bytes, right: bytes) -> bool:
    """Equality in constant time."""
    return hmac.compare_digest(left, right)


class Secret:
    """What holds a key: it shows nothing, and stays where it was made."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("Keys are neither pickled nor copied.")


class Mac(Secret):
    """HMAC-SHA-256 under one key, kept ready: about 2 microseconds a call."""

    __slots__ = ("_keyed",)

    def __init__(self, key: bytes) -> None:
        self._keyed = HMAC(key, _SHA256)

    def of(self, data: bytes) -> bytes:
        """The 32 bytes that stand for `data` under this key."""
        mac = self._keyed.copy()
        mac.update(data)
        return mac.finalize()


#: Ready, since every person's key is extracted so.
_UNSALTED = Mac(bytes(32))


class Root(Secret):
    """HKDF-SHA-256 over one secret: extracted once, so that each key derived costs one HMAC."""

    __slots__ = ("_mac",)

    def __init__(self, secret: bytes, *, salt: bytes = b"") -> None:
        self._mac = Mac((Mac(salt) if salt else _UNSALTED).of(secret))

    def key(self, info: bytes) -> bytes:
        """The 32-byte key of this name."""
        return self._mac.of(info + b"\x01")

    def expand(self, info: bytes, length: int) -> bytes:
        """As many bytes as asked for, 8,160 at most."""
        assert 0 < length <= 255 * 32, "HKDF gives up to 8,160 bytes."
        block, out = b"", b""
        for counter in range(1, -(-length // 32) + 1):
            block = self._mac.of(block + info + bytes((counter,)))
            out += block
        return out[:length]


class Cipher(Secret):
    """AES-256-GCM under one key, kept ready: about 2 microseconds a call."""

    __slots__ = ("_aead",)

    def __init__(self, key: bytes) -> None:
        assert len(key) == KEY_BYTES, "AES-256 takes a key of 32 bytes."
        self._aead = AESGCM(key)

    def seal(self, plain: bytes, bound: bytes) -> bytes:
        """A fresh nonce, the ciphertext and its tag. It opens only together with `bound`."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, plain, bound)

    def open(self, sealed: bytes, bound: bytes, start: int = 0) -> bytes:
        """What `seal` was given, found in `sealed` from `start` on; raises `Unreadable`."""
        middle = start + NONCE_BYTES
        try:
            return self._aead.decrypt(sealed[start:middle], sealed[middle:], bound)
        except (InvalidTag, ValueError):
            raise Unreadable("This value does not open here.") from None


class Wrapping(Secret):
    """Wraps keys under a root key, with a commitment to it: no blob opens under two root keys.

    AES-GCM alone doesn't promise that. The commitment is a second key of the same root, stored in front and compared first.
    """

    __slots__ = ("_cipher", "_commitment")

    def __init__(self, key: bytes) -> None:
        assert len(key) == KEY_BYTES, "A root key has 32 bytes."
        root = Root(key, salt=b"siyu root v1")
        self._cipher = Cipher(root.key(b"wrap"))
        self._commitment = root.key(b"commit")

    def wrap(self, key: bytes) -> bytes:
        """The commitment, a nonce, the ciphertext and its tag."""
        return self._commitment + self._cipher.seal(key, self._commitment)

    def unwrap(self, wrapped: bytes) -> bytes:
        """The key; raises `Unreadable` when it was wrapped under another root, or was changed."""
        if not same(wrapped[:KEY_BYTES], self._commitment):
            raise Unreadable("This key was wrapped under another root key, or was changed.")
        return self._cipher.open(wrapped[KEY_BYTES:], self._commitment)


class Signing(Secret):
    """An Ed25519 key that signs."""

    __slots__ = ("_key",)

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)

    def sign(self, message: bytes) -> bytes:
        """The signature, 64 bytes."""
        return self._key.sign(message)

    def public(self) -> bytes:
        """What others verify with, 32 bytes."""
        return self._key.public_key().public_bytes_raw()


def verified(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature is this key's over this message."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
