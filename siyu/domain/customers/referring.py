"""The code by which a customer refers friends, and the code that is named while a customer is written: another noun keeps who was referred.

@customers.referrer
async def referred(actor: Actor, customer_id: UUID, code: str, path: tuple[str, ...]) -> None: ...
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final
from uuid import UUID

from siyu.privacy import keyring
from siyu.privacy.actor import Actor

#: Crockford's digits of base 32: none is taken for another.
_DIGITS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH: Final = 12

#: Has the customer referred by whoever's code it is, in the current transaction; refuses below `path`.
Referrer = Callable[[Actor, UUID, str, tuple[str, ...]], Awaitable[object]]

_REFERRERS: Final[list[Referrer]] = []


def referral_code(customer_id: UUID) -> str:
    """The customer's own code, always the same: 60 bits that nobody can guess, or tell the customer from, without a key of the house."""
    secret = keyring.current().index_key("customers", "referral_code").of(customer_id.bytes)
    number = int.from_bytes(secret[:8], "big")
    return "".join(_DIGITS[number >> (5 * place) & 31] for place in range(_LENGTH))


def referral_code_spelled(text: str) -> str:
    """A code as people type it, in its normal spelling."""
    letters = "".join(text.split()).replace("-", "").upper()
    return letters.translate(str.maketrans("OIL", "011"))


def referrer(function: Referrer) -> Referrer:
    """Have `function` called for the code that is named for a new customer."""
    _REFERRERS.append(function)
    return function


async def refer(actor: Actor, customer_id: UUID, code: str | None, path: tuple[str, ...]) -> None:
    """Have the customer referred; nothing happens without a code."""
    for function in _REFERRERS if code else ():
        await function(actor, customer_id, code or "", path)
