"""The second door: only here are grants made, and without a grant there is nothing to read of a person.

under = await consent.grant(actor, [customer.id for customer in page], fields=["phone"])
phones = [disclose(customer, customer.phone, under) for customer in page if customer.id in under.subject_ids]
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime, timedelta
from typing import Final, cast

from tortoise.transactions import in_transaction
from uuid_utils.compat import uuid7

from siyu.privacy import audit, clock, keyring
from siyu.privacy.actor import Actor
from siyu.privacy.actor import Purpose as PurposeCode
from siyu.privacy.columns import Plain
from siyu.privacy.customerkey import CustomerKey
from siyu.privacy.dialect import Database, Id, raw, text
from siyu.privacy.grant import MINT, Grant, NotGranted, Reason, disclose
from siyu.privacy.reach import Reach, forget
from siyu.privacy.refusal import NotFound
from siyu.privacy.tables import Consent, ConsentEvent, ConsentState, LegalBasis, Purpose

__all__ = [
    "Grant", "NotGranted", "Reason", "disclose", "grant", "grant_reached", "hears", "purpose_exists", "purposes", "record", "restrict",
    "seed", "unrestrict",
]  # fmt: skip

#: Told inside the transaction in which somebody said something of a purpose, or was restricted or is no longer (None).
Listener = Callable[[Actor, Id, str | None], Awaitable[None]]
_LISTENERS: Final[list[Listener]] = []

_SEEDS = (
    (PurposeCode.SERVICE, "Service", "Serving the customer: orders, points, questions, complaints.", LegalBasis.CONTRACT),
    (PurposeCode.MARKETING, "Marketing", "News, offers and invitations.", LegalBasis.CONSENT),
    (PurposeCode.ANALYTICS, "Analytics", "Understanding in numbers how customers shop.", LegalBasis.LEGITIMATE_INTEREST),
    (PurposeCode.COMPLIANCE, "Compliance", "Answering data requests and authorities.", LegalBasis.LEGAL_OBLIGATION),
)


async def grant(
    actor: Actor, subject_ids: Collection[Id], *, fields: Collection[str], sealed: bool = True, action: str = "personal.read"
) -> Grant:
    """Who of these people may be seen by this actor for its purpose, decided for a whole page at once.

    One statement for purpose, consent and restrictions, at most one for keys, one audit line. `sealed=False` leaves the keys out, for
    pages that show nothing sealed. What fields the actor may see at all is its scopes' matter, and was checked before.
    """
    wanted = subject_ids if isinstance(subject_ids, set | frozenset) else dict.fromkeys(subject_ids).keys()
    refused = await _refused(actor.purpose, wanted) if wanted else {}
    allowed: Collection[Id] = [subject for subject in wanted if subject not in refused] if refused else wanted
    keys: dict[Id, CustomerKey] = {}
    if sealed:
        keys = await keyring.current().keys(allowed)
        if len(keys) < len(allowed):
            refused.update((subject, Reason.ERASED) for subject in allowed if subject not in keys)
            allowed = keys.keys()
    if allowed:
        await audit.record(actor, action, subjects=allowed, fields=fields)
    return Grant(MINT, frozenset(allowed), refused, keys)


async def grant_reached(
    actor: Actor, subject_ids: Collection[Id], *, under: Reach, fields: Collection[str], sealed: bool = True, action: str = "personal.read"
) -> Grant:
    """The same for people who were read under `under.condition`, which has decided already: no statement but for keys, one audit line."""
    if under.purpose != (actor.purpose or ""):
        raise TypeError("These people were read for another purpose.")
    allowed: Collection[Id] = subject_ids
    keys: dict[Id, CustomerKey] = {}
    refused: dict[Id, Reason] = {}
    if sealed:
        keys = await keyring.current().keys(subject_ids)
        if len(keys) < len(subject_ids):
            allowed = [subject for subject in subject_ids if subject in keys]
            refused = {subject: Reason.ERASED for subject in subject_ids if subject not in keys}
    if allowed:
        await audit.record(actor, action, subjects=allowed, fields=fields)
    return Grant(MINT, tuple(allowed), refused, keys)


async def _refused(purpose: str | None, subject_ids: Collection[Id]) -> dict[Id, Reason]:
    basis, restricted, said = await _standing(purpose, subject_ids)
    if basis is None:
        return dict.fromkeys(subject_ids, Reason.PURPOSE_UNKNOWN)
    if basis is LegalBasis.LEGAL_OBLIGATION or (basis is not LegalBasis.CONSENT and not restricted and not said):
        return {}
    refused: dict[Id, Reason] = {}
    for subject in subject_ids:
        known = raw(subject)
        if known in restricted:
            refused[subject] = Reason.RESTRICTED
        elif basis is LegalBasis.CONSENT and said.get(known) != ConsentState.GRANTED:
            refused[subject] = Reason.CONSENT_REQUIRED
        elif basis is LegalBasis.LEGITIMATE_INTEREST and said.get(known) == ConsentState.WITHDRAWN:
            refused[subject] = Reason.OBJECTED
    return refused


async def _standing(purpose: str | None, subject_ids: Collection[Id]) -> tuple[LegalBasis | None, set[bytes], dict[bytes, str]]:
    """The purpose's basis, who of them is restricted, and what each has said that still holds."""
    main = Database("default")
    nobody = "NULL::uuid" if main.postgres else "NULL"
    sql = (
        f"SELECT legal_basis AS said, {nobody} AS restricted, {nobody} AS consenting FROM purposes"
        f" WHERE code = {main.mark(1)} AND archived_at IS NULL"
        f" UNION ALL SELECT NULL, customer_id, {nobody} FROM restrictions WHERE {main.among('customer_id', 2)}"
        f" UNION ALL SELECT c.state, {nobody}, c.customer_id FROM consents c JOIN purposes p ON p.code = c.purpose"
        f" WHERE c.purpose = {main.mark(1)} AND {main.among('c.customer_id', 2)}"
        f" AND (c.state = 'WITHDRAWN' OR (c.purpose_version = p.version AND (c.expires_at IS NULL OR c.expires_at > {main.mark(3)})))"
    )
    basis: LegalBasis | None = None
    restricted: set[bytes] = set()
    said: dict[bytes, str] = {}
    for row in await main.rows(sql, purpose or "", main.ids(subject_ids), main.moment(clock.now())):
        if row["restricted"] is not None:
            restricted.add(raw(cast(Id, row["restricted"])))
        elif row["consenting"] is not None:
            said[raw(cast(Id, row["consenting"]))] = cast(str, row["said"])
        else:
            basis = LegalBasis(cast(str, row["said"]))
    return basis, restricted, said


async def record(
    actor: Actor,
    subject_id: Id,
    purpose: str,
    *,
    granted: bool,
    channel: str,
    evidence: Plain | None = None,
    occurred_at: datetime | None = None,
) -> ConsentEvent:
    """Write down what a person said about a purpose, and what holds from now on, in one transaction; raises `NotFound`."""
    about = await Purpose.get_or_none(code=purpose, archived_at=None)
    if about is None:
        raise NotFound(f"There is no purpose {purpose}.", path=("input", "purpose"))
    now = clock.now()
    state = ConsentState.GRANTED if granted else ConsentState.WITHDRAWN
    since = occurred_at or now
    event = ConsentEvent(
        customer_id=subject_id,
        purpose=purpose,
        state=state,
        purpose_version=about.version,
        notice_hash=about.notice_hash,
        channel=channel,
        evidence=evidence,
        actor=actor.name,
        occurred_at=since,
    )
    expires = since + timedelta(days=about.expires_after_days) if granted and about.expires_after_days else None
    async with in_transaction("default"):
        await event.save(force_create=True)
        held = Consent(customer_id=subject_id, purpose=purpose, state=state, purpose_version=about.version, since=since, expires_at=expires)
        await Consent.bulk_create(
            [held], on_conflict=["customer_id", "purpose"], update_fields=["state", "purpose_version", "since", "expires_at"]
        )
        await audit.record(actor, f"consent.{state.lower()}", subjects=[subject_id], detail={"purpose": purpose})
        await _tell(actor, subject_id, purpose)
    return event


async def restrict(actor: Actor, subject_id: Id, *, reason: str) -> None:
    """Take a person out of every purpose but a legal obligation, from the next read on. `reason` is a code."""
    async with in_transaction("default"):
        main = Database("default")
        await main.run(
            f"INSERT INTO restrictions (customer_id, since, reason) VALUES ({main.marks(3)}) ON CONFLICT (customer_id) DO NOTHING",
            *(text(subject_id), main.moment(clock.now()), reason),
        )
        await audit.record(actor, "consent.restricted", subjects=[subject_id], detail={"reason": reason})
        await _tell(actor, subject_id, None)
    forget()


async def unrestrict(actor: Actor, subject_id: Id) -> None:
    """Lift a restriction."""
    async with in_transaction("default"):
        main = Database("default")
        await main.run(f"DELETE FROM restrictions WHERE customer_id = {main.mark(1)}", text(subject_id))
        await audit.record(actor, "consent.unrestricted", subjects=[subject_id])
        await _tell(actor, subject_id, None)


def hears(listener: Listener) -> Listener:
    """Have `listener` told of whatever people say and are restricted from; once, as its module is imported."""
    if listener not in _LISTENERS:
        _LISTENERS.append(listener)
    return listener


async def _tell(actor: Actor, subject_id: Id, purpose: str | None) -> None:
    for listener in _LISTENERS:
        await listener(actor, subject_id, purpose)


async def seed() -> None:
    """The purposes that the house knows from the first day; those that are there stay as they are."""
    main = Database("default")
    columns = "id, code, title, description, legal_basis, version, notice_hash, categories, recipients, created_at"
    now = main.moment(clock.now())
    rows = [
        (str(uuid7()), code, title, about, basis.value, 1, hashlib.sha256(about.encode()).hexdigest(), "[]", "[]", now)
        for code, title, about, basis in _SEEDS
    ]
    await main.run_many(
        f"INSERT INTO purposes ({columns}) VALUES ({main.marks(10)}) ON CONFLICT (code) DO NOTHING",
        rows,
    )


async def purpose_exists(code: str) -> bool:
    """Whether there is a purpose of this code that is still in use."""
    return await Purpose.filter(code=code, archived_at=None).exists()


async def purposes(codes: Collection[str]) -> frozenset[str]:
    """Those of these codes that are of purposes in use. One statement."""
    return frozenset(each.code for each in await Purpose.filter(code__in=list(codes), archived_at=None))
