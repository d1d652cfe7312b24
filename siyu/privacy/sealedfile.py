"""Files that lie sealed on the disk: written and read as they come, under a key of their own that can be thrown away.

A file is a header and chunks of 64 KiB, each under AES-256-GCM. Every chunk is bound to the file's owner, its own number and whether it
is the last one, so that a file that was cut, mended or put together from two does not open. Everything here but keys is blocking.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Final
from uuid import UUID

from siyu.privacy import keyring, vault

_MAGIC: Final = b"siyu file\x01"
_SALT_BYTES: Final = 32
CHUNK_BYTES: Final = 64 * 1024
_SEALED_BYTES: Final = CHUNK_BYTES + vault.NONCE_BYTES + vault.TAG_BYTES
_SYSTEM_KEY: Final = "download"


class FileKey(vault.Secret):
    """The key of one owner's files. Keep what `made` gives with the owner's row; without it nobody reads the files, wherever they lie."""

    __slots__ = ("_owner", "_root")

    def __init__(self, owner: UUID, key: bytes) -> None:
        self._owner = owner.bytes
        self._root = vault.Root(key)

    def seal(self, name: str, plain: bytes) -> bytes:
        """A short value beside the files, such as what they were asked by."""
        return vault.Cipher(self._root.key(b"v1|value|" + name.encode())).seal(plain, self._owner)

    def open(self, name: str, sealed: bytes) -> bytes:
        """What `seal` was given; raises `vault.Unreadable`."""
        return vault.Cipher(self._root.key(b"v1|value|" + name.encode())).open(sealed, self._owner)

    def cipher(self, salt: bytes) -> vault.Cipher:
        """The cipher of one file: each has a salt of its own, so that chunks of two can't be mixed."""
        return vault.Cipher(self._root.key(b"v1|file|" + self._owner + salt))

    def bound(self, number: int, *, last: bool) -> bytes:
        """What a chunk is bound to."""
        return self._owner + number.to_bytes(8, "big") + bytes((last,))


def made(owner: UUID) -> bytes:
    """A new key for this owner's files, wrapped under a key of the house: to be stored, and to be opened by `key_of`."""
    return _wrapping().wrap(owner.bytes + vault.random(vault.KEY_BYTES))


def key_of(owner: UUID, wrapped: bytes) -> FileKey:
    """The key that was stored for this owner; raises `vault.Unreadable` for anybody else's."""
    plain = _wrapping().unwrap(wrapped)
    if plain[:16] != owner.bytes:
        raise vault.Unreadable("This key is of another owner's files.")
    return FileKey(owner, plain[16:])


def _wrapping() -> vault.Wrapping:
    return vault.Wrapping(keyring.current().system_key(_SYSTEM_KEY))


class Writing:
    """A sealed file that is being written. It takes bytes as any file does; `close` writes the end, without which it does not open."""

    def __init__(self, file: IO[bytes], key: FileKey) -> None:
        salt = vault.random(_SALT_BYTES)
        self._file, self._key, self._cipher = file, key, key.cipher(salt)
        self._waiting = bytearray()
        self._chunks = self._plain_bytes = 0
        self.closed = False
        file.write(_MAGIC + salt)

    def write(self, plain: bytes) -> int:
        """Append; how many bytes were taken, which is all."""
        self._waiting += plain
        self._plain_bytes += len(plain)
        while len(self._waiting) > CHUNK_BYTES:
            self._seal(bytes(self._waiting[:CHUNK_BYTES]), last=False)
            del self._waiting[:CHUNK_BYTES]
        return len(plain)

    def tell(self) -> int:
        """Bytes of the plain text so far."""
        return self._plain_bytes

    def flush(self) -> None:
        """Nothing: a chunk is written when it is full."""

    def close(self) -> None:
        """Write what is left, and the end."""
        if not self.closed:
            self._seal(bytes(self._waiting), last=True)
            self.closed = True

    def _seal(self, plain: bytes, *, last: bool) -> None:
        self._file.write(self._cipher.seal(plain, self._key.bound(self._chunks, last=last)))
        self._chunks += 1


def blocks(file: IO[bytes], key: FileKey) -> Iterator[bytes]:
    """The plain text of a sealed file, chunk by chunk; raises `vault.Unreadable` where it was changed or cut."""
    header = file.read(len(_MAGIC) + _SALT_BYTES)
    if not header.startswith(_MAGIC):
        raise vault.Unreadable("This file is of no known layout.")
    cipher = key.cipher(header[len(_MAGIC) :])
    number, sealed = 0, file.read(_SEALED_BYTES)
    while True:
        following = file.read(_SEALED_BYTES)
        yield cipher.open(sealed, key.bound(number, last=not following))
        if not following:
            return
        number, sealed = number + 1, following
