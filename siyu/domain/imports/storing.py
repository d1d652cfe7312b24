"""What a chunk of rows does to the database, for each kind of file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from siyu.domain import customers, notes, orders, tags
from siyu.domain.customers import IdentityGiven, IdentityKind, PersonGiven
from siyu.domain.imports import matching
from siyu.domain.imports.customer_fields import TAGS
from siyu.domain.imports.matching import Draft, Key, Outcome, Person
from siyu.domain.imports.order_fields import currency_of
from siyu.domain.imports.preparing import Chunk
from siyu.domain.imports.problems import Problem
from siyu.domain.imports.session import Session
from siyu.domain.imports.tables import Import
from siyu.domain.kernel import boot, ids
from siyu.domain.tags import TagSource
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
    named = await _tags(actor, session, chunk)
    found = matching.plan(chunk.drafts, owners, match_on=record.match_on, mode=record.mode, new_id=ids.uuid7)
    if record.dry_run:
        session.imagined.update((key, person.id) for person in found.people for key in person.keys)
    else:
        await customers.write_batch(actor, [_given(person) for person in found.people])
        await notes.add_batch(
            actor, [notes.NoteGiven(customer_id=person.id, body=body) for person in found.people for body in person.notes]
        )
        await _tag(actor, record, found.people, named)
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


async def _tags(actor: Actor, session: Session, chunk: Chunk[Draft]) -> dict[str, UUID]:
    """The tags that the chunk's rows name. A cell that names one that is not in use is a problem; the rest of its row stands."""
    names = list(dict.fromkeys(name for draft in chunk.drafts for name in draft.tags))
    named = await tags.there(actor, names) if names else {}
    title = next((each.title for each in session.columns.known if each.field is not None and each.field.name == TAGS), None)
    for draft in chunk.drafts:
        missing = [name for name in draft.tags if name not in named]
        if missing:
            message = "There is no such tag in use: make it first, then import these rows again."
            chunk.trouble(chunk.rows[draft.row], Problem(draft.row, title, ", ".join(missing), message, TAGS))
    return named


async def _tag(actor: Actor, record: Import, people: Sequence[Person], named: Mapping[str, UUID]) -> None:
    """Put on what the import says of all, and what a row says of one."""
    of_all = [UUID(tag_id) for tag_id in record.tag_ids or ()]
    wanted = {person.id: [*of_all, *(named[name] for name in person.tags if name in named)] for person in people}
    wanted = {customer_id: tag_ids for customer_id, tag_ids in wanted.items() if tag_ids}
    if wanted:
        await tags.assign_all(actor, wanted, source=TagSource.IMPORT)


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
