"""Opening the mechanism, once both databases are there: what boot calls, and nobody else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from siyu.privacy import audit, consent, keyring, reach
from siyu.privacy.custodian.custodian import KeyCustodian
from siyu.privacy.keyring import Keyring
from siyu.privacy.requests import erase


@asynccontextmanager
async def opened(custodian: KeyCustodian, *, cached_keys: int = 5_000, cached_seconds: float = 30.0) -> AsyncIterator[Keyring]:
    """Keys, purposes and the audit trail, for as long as the block runs. The databases are migrated before.

    Nobody who was erased comes back: an old backup of the main database is erased again before this opens.
    """
    ring = await Keyring.opened(custodian, capacity=cached_keys, ttl_seconds=cached_seconds)
    with keyring.holding(ring), reach.remembering():
        await erase.replay()
        await consent.seed()
        async with audit.running():
            yield ring
