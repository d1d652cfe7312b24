"""Whom a purpose reaches, as a condition for lists, filters and counts.

A grant decides for people who have been read; this keeps the others out of what is read at all, so that nobody learns by
counting what may not be seen. Both say the same (a test holds them equal).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from siyu.privacy import clock
from siyu.privacy.cache import Lasting
from siyu.privacy.dialect import Database
from siyu.privacy.tables import LegalBasis, Purpose, Restriction

#: A purpose's basis is asked again after a second, the time in which any change of it takes effect.
_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Reach:
    """One purpose: its legal basis (None: there is no such purpose) and the version of its notice."""

    purpose: str
    basis: LegalBasis | None
    version: int
    #: Whether anybody at all is restricted; where nobody is, nobody is asked about.
    restrictions: bool = True

    def condition(self, subject: str, bind: Callable[[object], str]) -> str:
        """SQL that holds for the people whom the purpose reaches; `subject` is the SQL of a customer's id. Empty: everybody."""
        if self.basis is None:
            return "1=0"
        if self.basis is LegalBasis.LEGAL_OBLIGATION:
            return ""
        free = f"not exists (select 1 from restrictions r where r.customer_id = {subject})" if self.restrictions else ""
        said = f"select 1 from consents s where s.customer_id = {subject} and s.purpose = {{}} and s.state = {{}}"
        if self.basis is LegalBasis.CONSENT:
            holds = f"{said.format(bind(self.purpose), bind('GRANTED'))} and s.purpose_version = {bind(self.version)}"
            now = bind(Database("default").moment(clock.now()))
            return _both(free, f"exists ({holds} and (s.expires_at is null or s.expires_at > {now}))")
        if self.basis is LegalBasis.LEGITIMATE_INTEREST:
            return _both(free, f"not exists ({said.format(bind(self.purpose), bind('WITHDRAWN'))})")
        return free


def _both(first: str, second: str) -> str:
    return f"{first} and {second}" if first else second


async def reach(purpose: str | None) -> Reach:
    """Whom this purpose reaches; an unknown or archived one reaches nobody."""
    code, memory = purpose or "", _remembering[-1]
    return memory.known.get(code) or await memory.asked(code)


class _Memory:
    """What this process knows of purposes. Requests of the same moment wait for one statement."""

    def __init__(self) -> None:
        self.known: Lasting[str, Reach] = Lasting(256, _SECONDS)
        self._one_at_a_time = asyncio.Lock()

    async def asked(self, code: str) -> Reach:
        async with self._one_at_a_time:
            known = self.known.get(code)
            if known is None:
                since = self.known.moment()
                found = await Purpose.get_or_none(code=code, archived_at=None)
                basis = LegalBasis(found.legal_basis) if found else None
                known = Reach(code, basis, found.version if found else 0, await Restriction.exists())
                self.known.keep({code: known}, since=since)
            return known


_remembering: list[_Memory] = []


def forget() -> None:
    """Ask again from the next read on, in this process; every other one asks within a second."""
    _remembering[-1].known.clear()


@contextmanager
def remembering() -> Iterator[None]:
    """Know purposes for as long as the block runs; `opening.opened` does it."""
    memory = _Memory()
    _remembering.append(memory)
    try:
        yield
    finally:
        _remembering.remove(memory)
