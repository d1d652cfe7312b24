"""A filter between the call and the job: as JSON, sealed, since it may name a person."""

from __future__ import annotations

from typing import Final

from pydantic import TypeAdapter

from siyu.domain.exports.inputs import Wish
from siyu.domain.exports.kinds import KINDS
from siyu.domain.exports.tables import Export
from siyu.privacy import keyring, vault
from siyu.privacy.actor import Actor
from siyu.privacy.sealedfile import FileKey

_NAME: Final = "filter"


_adapters: dict[type, TypeAdapter[object]] = {}


def _adapter(filter_type: type) -> TypeAdapter[object]:
    known = _adapters.get(filter_type)
    if known is None:
        known = _adapters[filter_type] = TypeAdapter(filter_type)
    return known


def written(wish: Wish) -> bytes | None:
    """The filter as JSON; None where there is none."""
    return None if wish.filter is None else _adapter(type(wish.filter)).dump_json(wish.filter, exclude_none=True)


def sealed(key: FileKey, wish: Wish) -> bytes | None:
    """The filter as it is stored."""
    plain = written(wish)
    return None if plain is None else key.seal(_NAME, plain)


def sealed_again(old: FileKey, new: FileKey, stored: bytes | None) -> bytes | None:
    """The stored filter under another key."""
    return None if stored is None else new.seal(_NAME, old.open(_NAME, bytes(stored)))


def filter_of(record: Export, key: FileKey) -> object | None:
    """The filter of an export that is not complete yet."""
    if record.filter_sealed is None:
        return None
    return _adapter(KINDS[record.kind].filter_type).validate_json(key.open(_NAME, bytes(record.filter_sealed)))


def digest(actor: Actor, wish: Wish, names: list[str]) -> bytes:
    """What tells the same request by the same caller: a hash under a key of the house."""
    known = (str(actor.id), actor.purpose or "", wish.kind, wish.format, wish.sort or "", str(wish.bom), *names)
    said = "\0".join(known).encode() + b"\0" + (written(wish) or b"")
    return vault.Mac(vault.Root(keyring.current().system_key("download")).key(b"v1|export|digest")).of(said)
