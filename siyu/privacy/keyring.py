"""Every person's key: made, kept for seconds, rewrapped, and shredded."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple
from uuid import UUID

from siyu.privacy import keystore, vault
from siyu.privacy.cache import Lasting
from siyu.privacy.custodian.custodian import CustodyError, KeyCustodian
from siyu.privacy.customerkey import CustomerKey
from siyu.privacy.dialect import Id, raw
from siyu.privacy.refusal import Code, Refusal

#: The house's own keys, each made at the first start.
SYSTEM_KEYS = ("index", "token-pepper", "audit-pseudonym", "cursor", "download")


class Erased(Refusal):
    """This person was erased: nothing may be kept about them any more."""

    code = Code.NOT_FOUND


class Progress(NamedTuple):
    """How far a long work is, in keys."""

    done: int
    total: int


class Keyring:
    """The keys of one process. `Keyring.opened` makes it; boot holds it."""

    def __init__(self, custodian: KeyCustodian, system: Mapping[str, bytes], *, capacity: int, ttl_seconds: float) -> None:
        self._custodian = custodian
        self._system = system
        self._kept: Lasting[bytes, CustomerKey] = Lasting(capacity, ttl_seconds)
        self._index_root = vault.Root(system["index"])
        self._indexes: dict[tuple[str, str], vault.Mac] = {}

    @classmethod
    async def opened(cls, custodian: KeyCustodian, *, capacity: int = 5_000, ttl_seconds: float = 30.0) -> Keyring:
        """The keyring of the key store, its system keys loaded, or made where there are none yet."""
        await custodian.prepare()
        return cls(custodian, await _system_keys(custodian), capacity=capacity, ttl_seconds=ttl_seconds)

    def __repr__(self) -> str:
        return "<Keyring>"

    @property
    def custodian(self) -> KeyCustodian:
        """Who keeps the root key."""
        return self._custodian

    def system_key(self, name: str) -> bytes:
        """One of the house's own keys, 32 bytes; `name` is one of `SYSTEM_KEYS`."""
        return self._system[name]

    def index_key(self, table: str, column: str) -> vault.Mac:
        """The key of a blind index, ready to hash."""
        mac = self._indexes.get((table, column))
        if mac is None:
            mac = self._indexes[table, column] = vault.Mac(self._index_root.key(f"v1|index|{table}|{column}".encode()))
        return mac

    async def keys(self, subject_ids: Collection[Id]) -> dict[Id, CustomerKey]:
        """The keys of those who have one, under the ids as they were given. Whoever was erased is missing."""
        found, missing = self._known(subject_ids)
        if missing:
            loaded = await self._loaded(missing)
            found.update((missing[subject], key) for subject, key in loaded.items())
        return found

    async def create(self, subject_ids: Collection[Id]) -> dict[Id, CustomerKey]:
        """The keys of all of them, made and committed for those who have none; raises `Erased` when one was erased."""
        found, missing = self._known(subject_ids)
        if not missing:
            return found
        loaded = await self._loaded(missing)
        lacking = [subject for subject in missing if subject not in loaded]
        if lacking:
            if await keystore.buried(lacking):
                raise Erased("This person was erased.")
            loaded |= await self._made({subject: vault.random(vault.KEY_BYTES) for subject in lacking})
        found.update((missing[subject], key) for subject, key in loaded.items())
        return found

    async def shred(self, subject_id: Id) -> None:
        """Delete the key for good and leave a tombstone. Comes last, when the main database's deletion is committed.

        Twice is the same as once. Other processes are told by whoever calls this; until then they keep the key for its seconds at most.
        """
        await keystore.bury(raw(subject_id))
        self.forget(subject_id)

    async def erased(self, subject_ids: Collection[Id] | None = None) -> list[UUID]:
        """Whose tombstones there are, among these or in all."""
        return await keystore.buried(None if subject_ids is None else [raw(given) for given in subject_ids])

    def forget(self, subject_id: Id) -> None:
        """Empty this process's caches of one person: called when another process announces an erasure."""
        self._kept.forget(raw(subject_id))

    def forget_all(self) -> None:
        """Empty this process's caches: called when announcements may have been missed."""
        self._kept.clear()

    async def rotate(self) -> AsyncGenerator[Progress, None]:
        """Wrap every key under the custodian's current version, batch by batch; what is done stays done when it is stopped.

        Nothing has to stand still meanwhile: all versions unwrap. Add a version first, by `custodian.add_version`.
        """
        await self._custodian.prepare()
        current = self._custodian.current_version
        done, total = 0, await keystore.behind(current)
        yield Progress(done, total)
        while (found := await keystore.next_behind(current)) is not None:
            table, batch = found
            plain = await self._custodian.unwrap([wrapped for _, wrapped in batch])
            fresh = await self._custodian.wrap(plain)
            await keystore.replace(table, [(owner, old, new) for (owner, old), new in zip(batch, fresh, strict=True)])
            done += len(batch)
            yield Progress(done, max(done, total))

    def _known(self, subject_ids: Collection[Id]) -> tuple[dict[Id, CustomerKey], dict[bytes, Id]]:
        subjects = [raw(given) for given in subject_ids]
        kept = self._kept.many(subjects)
        found = {given: key for given, key in zip(subject_ids, kept, strict=True) if key is not None}
        if len(found) == len(subjects):
            return found, {}
        return found, {subject: given for given, subject, key in zip(subject_ids, subjects, kept, strict=True) if key is None}

    async def _loaded(self, subjects: Collection[bytes]) -> dict[bytes, CustomerKey]:
        moment = self._kept.moment()
        rows = await keystore.customer_keys(subjects)
        plain = await self._custodian.unwrap([wrapped for _, wrapped in rows]) if rows else []
        keys = {subject: CustomerKey(subject, _unbound(subject, bound)) for (subject, _), bound in zip(rows, plain, strict=True)}
        return self._kept.keep(keys, since=moment)

    async def _made(self, fresh: Mapping[bytes, bytes]) -> dict[bytes, CustomerKey]:
        wrapped = await self._custodian.wrap([subject + key for subject, key in fresh.items()])
        mine = dict(zip(fresh, wrapped, strict=True))
        await keystore.add_customer_keys(mine)
        moment = self._kept.moment()
        stored = dict(await keystore.customer_keys(fresh))
        ours = {subject: CustomerKey(subject, fresh[subject]) for subject in fresh if stored.get(subject) == mine[subject]}
        found = self._kept.keep(ours, since=moment)
        # Another process may have made a key for the same person just before: then theirs counts.
        if theirs := fresh.keys() - ours.keys():
            found |= await self._loaded(theirs)
        if len(found) < len(fresh):
            raise Erased("This person was erased meanwhile.")
        return found


def _unbound(owner: bytes, plain: bytes) -> bytes:
    """A wrapped key names its owner, so that rows of the key store can't be exchanged."""
    if plain[:16] != owner:
        raise CustodyError("A key in the key store belongs to somebody else.")
    return plain[16:]


def _owner(name: str) -> bytes:
    return hashlib.sha256(f"siyu system key {name}".encode()).digest()[:16]


async def _system_keys(custodian: KeyCustodian) -> dict[str, bytes]:
    known = await keystore.system_keys()
    if lacking := [name for name in SYSTEM_KEYS if name not in known]:
        wrapped = await custodian.wrap([_owner(name) + vault.random(vault.KEY_BYTES) for name in lacking])
        await keystore.add_system_keys(dict(zip(lacking, wrapped, strict=True)))
        known = await keystore.system_keys()
    plain = await custodian.unwrap([known[name] for name in SYSTEM_KEYS])
    return {name: _unbound(_owner(name), bound) for name, bound in zip(SYSTEM_KEYS, plain, strict=True)}


_held: list[Keyring] = []


def current() -> Keyring:
    """This process's keyring."""
    assert _held, "The keyring is closed: run inside `opening.opened(...)`, which boot does."
    return _held[-1]


@contextmanager
def holding(keyring: Keyring) -> Iterator[Keyring]:
    """Make this the process's keyring for as long as the block runs."""
    _held.append(keyring)
    try:
        yield keyring
    finally:
        _held.remove(keyring)
