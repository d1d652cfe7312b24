"""What a chunk of rows does to the database, for each kind of file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from siyu.domain import customers, notes, orders
from siyu.domain.customers import IdentityGiven, IdentityKind, PersonGiven
from siyu.domain.imports import matching
from siyu.domain.imports.matching import Draft, Key, Outcome, Person
from siyu.domain.imports.order_fields import currency_of
from siyu.domain.imports.preparing import Chunk
from siyu.domain.imports.session import Session
from siyu.domain.imports.tables import Import
from siyu.domain.kernel import boot, ids
from siyu.privacy.actor import Actor


@dataclass(slots=True)
class Tally:
    """How many rows had which outcome."""

    created: int = 0
    updated: int = 0
    skipped: int = 0


async def store_customers(actor: Actor, record: Import, session: Session, chunk: Chunk[Draft]) -> Tally:
    """Match a chunk's rows with each other and with who is there, and write them. Rows that conflict are rejected."""
    owners = await _owners(actor, [key for draft in chunk.drafts for key in draft.keys])
    if record.dry_run:
        owners = {**session.imagined, **owners}
    found = matching.plan(chunk.drafts, owners, match_on=record.match_on, mode=record.mode, new_id=ids.uuid7)
    if record.dry_run:
        session.imagined.update((key, person.id) for person in found.people for key in person.keys)
    else:
        await customers.write_batch(actor, [_given(person) for person in found.people])
        await notes.add_batch(
            actor, [notes.NoteGiven(customer_id=person.id, body=body) for person in found.people for body in person.notes]
        )
    tally = Tally()
    for verdict in found.verdicts:
        if verdict.outcome is Outcome.REJECTED:
            chunk.reject(chunk.rows[verdict.row], verdict.message or "")
        elif verdict.outcome is Outcome.CREATED:
            tally.created += 1
        elif verdict.outcome is Outcome.UPDATED:
            tally.updated += 1
        else:
            tally.skipped += 1
    return tally


async def _owners(actor: Actor, keys: Sequence[Key]) -> dict[Key, UUID]:
    wanted = list(dict.fromkeys(keys))
    holders = await customers.holders(actor, [_identity(key) for key in wanted])
    return {key: holder for key, holder in zip(wanted, holders, strict=True) if holder is not None}


def _identity(key: Key) -> IdentityGiven:
    return IdentityGiven(kind=IdentityKind(key.kind), value=key.value, app_id=key.app_id or None)


def _given(person: Person) -> PersonGiven:
    return PersonGiven(
        id=person.id, new=person.new, values=person.values, fills=person.fills, identities=[_identity(key) for key in person.keys]
    )


async def store_orders(actor: Actor, record: Import, session: Session, chunk: Chunk[Draft]) -> Tally:
    """Write a chunk's orders under the customers that their identities name.

    Rows without a number, a day, an amount or a customer are rejected.
    """
    owners = await _owners(actor, [key for draft in chunk.drafts for key in draft.keys])
    currency = currency_of(session.columns, boot.current().settings.currency)
    given: list[orders.OrderGiven] = []
    rows = []
    for draft in chunk.drafts:
        refusal = _order_refusal(draft, owners, record.match_on)
        if refusal is not None:
            chunk.reject(chunk.rows[draft.row], refusal)
        else:
            holder = next(owners[key] for key in draft.keys if key in owners and key.kind in record.match_on)
            given.append(_order(draft, holder, currency, place=len(given)))
            rows.append(chunk.rows[draft.row])
    if record.dry_run:
        return Tally(created=len(given))
    written = await orders.record_batch(actor, given)
    for refused in written.refusals:
        chunk.reject(rows[int(refused.path[0])], refused.message)
    return Tally(created=written.recorded, updated=written.updated, skipped=written.duplicates + written.late)


def _order_refusal(draft: Draft, owners: dict[Key, UUID], match_on: Sequence[str]) -> str | None:
    missing = [
        title for name, title in (("order_no", "order number"), ("placed_at", "date"), ("total", "amount")) if name not in draft.values
    ]
    if missing:
        return f"The row has no {' and no '.join(missing)} that can be read."
    named = [key for key in draft.keys if key.kind in match_on]
    if not named:
        return "Nothing says whose order this is."
    holders = {owners[key] for key in named if key in owners}
    if not holders:
        return f"No customer has this {matching.title_of(named[0].kind)}: import the customers first."
    if len(holders) > 1:
        return "The row names two different customers."
    return None


def _order(draft: Draft, customer_id: UUID, currency: str, *, place: int) -> orders.OrderGiven:
    said = draft.values
    return orders.OrderGiven(
        external_id=cast(str, said["order_no"]),
        customer_id=customer_id,
        total_e4=cast(int, said["total"]),
        currency=cast(str, said.get("currency", currency)),
        status=orders.OrderStatus(cast(str, said.get("status", orders.OrderStatus.FULFILLED.value))),
        channel=cast("str | None", said.get("channel")),
        placed_at=cast(datetime, said["placed_at"]),
        items_count=cast(int, said.get("quantity", 0)),
        path=(str(place),),
    )
