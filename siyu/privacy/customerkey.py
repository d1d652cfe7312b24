"""One customer's key, in memory: what it seals opens only in the same place, for the same person."""

from __future__ import annotations

from functools import lru_cache

from siyu.privacy import vault
from siyu.privacy.dialect import Id, raw

#: Every ciphertext begins with these: version of the layout, algorithm (1 is AES-256-GCM), version of the customer's key.
HEADER = bytes((1, 1, 1))
_STEP = 16
_ID = b"\x00\x10"
_PADDING = tuple(b"\x80" + bytes(_STEP - 1 - length) for length in range(_STEP))


class Place(vault.Secret):
    """A column as what is sealed there is bound to it. Get it from `place`, so that there is one object of each."""

    __slots__ = ("bound", "format", "info")

    def __init__(self, table: str, column: str, format: str) -> None:
        self.format = format
        self.info = f"v1|{table}|{column}".encode()
        # Lengths of fixed width before each part: no two places spell the same bytes.
        self.bound = HEADER + b"".join(len(part).to_bytes(2, "big") + part for part in map(str.encode, (table, column, format))) + _ID


@lru_cache(maxsize=4096)
def place(table: str, column: str, format: str) -> Place:
    """Where a value lives: its table and column as the database names them, and how it is written down."""
    return Place(table, column, format)


def padded(plain: bytes) -> bytes:
    """One byte 0x80 and then zeros, up to the next 16-byte step: a length tells no more than its step."""
    return plain + _PADDING[len(plain) % _STEP]


def opened(column: tuple[vault.Cipher, bytes], bound: bytes, sealed: bytes) -> bytes:
    """What was sealed in a column of a person; `bound` is the place's and the row's part of what it is bound to."""
    if sealed[:3] != HEADER:
        raise vault.Unreadable("This value is of no known layout.")
    cipher, subject = column
    plain = cipher.open(sealed, bound + subject, 3)
    return plain[: plain.rindex(b"\x80")]


class CustomerKey(vault.Secret):
    """The unwrapped key of one customer. Columns that were opened stay ready, at about 2.5 kB each."""

    __slots__ = ("_ciphers", "_root", "_subject")

    def __init__(self, subject: bytes, key: bytes) -> None:
        self._subject = _ID + subject
        self._root = vault.Root(key)
        self._ciphers: dict[Place, vault.Cipher] = {}

    def seal(self, at: Place, row_id: Id, plain: bytes) -> bytes:
        """The ciphertext for this place, row and person."""
        # An import seals thousands of people whom nobody reads soon: what it derives is not kept.
        cipher = self._ciphers.get(at) or vault.Cipher(self._root.key(at.info))
        return HEADER + cipher.seal(padded(plain), at.bound + raw(row_id) + self._subject)

    def open(self, at: Place, row_id: Id, sealed: bytes) -> bytes:
        """What was sealed there; raises `vault.Unreadable` for anything else."""
        return opened(self.column(at), at.bound + raw(row_id), sealed)

    def column(self, at: Place) -> tuple[vault.Cipher, bytes]:
        """What opens many values of one column: the cipher kept ready, and what is bound behind a row's id. See `opened`."""
        cipher = self._ciphers.get(at)
        if cipher is None:
            cipher = self._ciphers[at] = vault.Cipher(self._root.key(at.info))
        return cipher, self._subject

    def derive(self, info: bytes) -> bytes:
        """Another 32-byte secret of this person's, by its name. Whoever shreds the key shreds it, too."""
        return self._root.key(info)
