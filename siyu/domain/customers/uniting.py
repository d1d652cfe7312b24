"""Two customers who turn out to be one: what becomes of the profile, of the identities' marks and of the row that is left. And back.

Values are not opened: what is sealed goes from row to row as ciphertext, and what was replaced is kept as it was stored.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypedDict, cast
from uuid import UUID

from siyu.domain.customers import rules
from siyu.domain.customers.tables import Customer, Identity, IdentityKind
from siyu.domain.kernel import clock, database
from siyu.domain.kernel.dialect import Kind, Statement, encode
from siyu.domain.kernel.operation import operation
from siyu.privacy import transfer
from siyu.privacy.actor import Actor
from siyu.privacy.sealed import BlindIndexField

#: A column as it is stored; ciphertext and hashes in base64.
Stored = str | int | None | dict[str, str]
#: Kind, app and blind token of an identity.
Held = tuple[IdentityKind, str, bytes]
#: The stored columns of a profile, by name.
Profile = dict[str, object]

_COLUMNS: Final = tuple(dict.fromkeys(name for names in rules.MERGED.values() for name in names))
_BYTES: Final = "base64"


@dataclass(frozen=True, slots=True)
class Mergeable:
    """A customer as a merge finds them. The profile is as it is stored; only what is clear in it, and what is there, tells anything."""

    id: UUID
    merged_into_id: UUID | None
    anonymous: bool
    #: Kind, app and blind token of each.
    identities: tuple[Held, ...] = ()
    profile: Profile = field(default_factory=dict, repr=False)


class Change(TypedDict):
    """A column of the kept profile that a merge has set: what it held before, and what after."""

    before: Stored
    after: Stored


class Marks(TypedDict):
    """What a merge has changed of the kept customer's row, for the way back."""

    columns: dict[str, Change]
    anonymous: bool


@operation(writes=True)
async def mergeable(actor: Actor, customer_ids: Sequence[UUID]) -> dict[UUID, Mergeable]:
    """These customers, those that there are, held until the transaction ends: nobody else merges them meanwhile. Two statements."""
    statement = Statement(database.dialect())
    lock = " for update" if database.dialect() == "postgres" else ""
    rows = await database.rows(
        f"select id, merged_into_id, anonymous, {', '.join(_COLUMNS)} from customers"  # noqa: S608  # names that the table declares
        f" where {statement.among('id', list(customer_ids), Kind.ID)} order by id{lock}",
        statement.args,
    )
    held: dict[UUID, list[Held]] = {}
    known = await Identity.filter(customer_id__in=list(customer_ids)).values_list("customer_id", "kind", "app_id", "value_index")
    for customer_id, kind, app_id, token in cast(list[tuple[UUID, str, str, bytes]], known):
        held.setdefault(customer_id, []).append((IdentityKind(kind), app_id, bytes(token)))
    return {key: _told(row, held.get(key, ())) for row in rows for key in [UUID(str(row["id"]))]}


def _told(row: database.DriverRow, identities: Sequence[Held]) -> Mergeable:
    into = row["merged_into_id"]
    profile = {name: row[name] for name in _COLUMNS}
    return Mergeable(UUID(str(row["id"])), UUID(str(into)) if into else None, bool(row["anonymous"]), tuple(identities), profile)


@operation(writes=True)
async def unite(actor: Actor, kept: Mergeable, merged: Mergeable, columns: Sequence[str]) -> Marks:
    """Set these columns of the kept profile from the merged one's, and hide the merged customer. Their rows have moved already."""
    blobs = {name: _bytes(merged.profile[name]) for name in columns if name in Customer._sealing and merged.profile[name] is not None}
    fresh = await transfer.resealed(Customer, merged.id, kept.id, blobs)
    after: Profile = {name: fresh.get(name, merged.profile[name]) for name in columns}
    await _write(kept.id, {**after, "anonymous": kept.anonymous and merged.anonymous})
    await Customer.filter(id=merged.id).update(merged_into_id=kept.id, updated_at=clock.now())
    await _mark_own(kept.id)
    return Marks(
        columns={name: Change(before=_spelled(kept.profile[name]), after=_spelled(value)) for name, value in after.items()},
        anonymous=kept.anonymous,
    )


@operation(writes=True)
async def part(actor: Actor, kept_id: UUID, merged_id: UUID, undone: Marks, later: Sequence[Marks]) -> list[str]:
    """Give the kept profile back what the merge replaced, unless it was changed since, and bring the merged customer out again.

    Their rows have gone back already. What `later` merges into the same customer replaced in their turn is changed in them. The columns
    that were given back.
    """
    now = (await mergeable(actor, [kept_id]))[kept_id]
    back: Profile = {}
    for name, change in undone["columns"].items():
        if _spelled(now.profile[name]) == change["after"]:
            back[name] = _stored(change["before"])
            continue
        for each in later:
            if name in each["columns"] and each["columns"][name]["before"] == change["after"]:
                each["columns"][name]["before"] = change["before"]
                break
    if "birthday" in back:  # a merge that is older than the index does not know what it was
        back.setdefault("birthday_index", None)
    else:  # of another year it has the same index, and stays
        back.pop("birthday_index", None)
    anonymous = undone["anonymous"] and not rules.named([kind for kind, _, _ in now.identities])
    await _write(kept_id, {**back, "anonymous": anonymous})
    await Customer.filter(id=merged_id).update(merged_into_id=None, updated_at=clock.now())
    for customer_id in (kept_id, merged_id):
        lost = await _mark_own(customer_id)
        if lost:
            await Customer.filter(id=customer_id).update(**dict.fromkeys(lost))
    return list(back)


async def _mark_own(customer_id: UUID) -> list[str]:
    """Have those identities be the profile's own that the profile names; the columns that no identity of the customer stands behind."""
    row = (await Customer.filter(id=customer_id).values(*rules.CONTACTS))[0]
    index = cast(BlindIndexField, Identity._meta.fields_map["value_index"])
    lost = []
    await Identity.filter(customer_id=customer_id, profile=True).update(profile=False)
    for name, kind in rules.CONTACTS.items():
        blob = row[name]
        if blob is None:
            continue
        token = await transfer.token(Customer, name, customer_id, blob.blob, index)
        if not await Identity.filter(customer_id=customer_id, kind=kind, value_index=token).update(profile=True):
            lost.append(name)
    return lost


@operation()
async def group(actor: Actor, customer_id: UUID) -> list[UUID]:
    """All customers who are one person with this one: who it was merged into, and all that were merged into that; itself among them.

    One statement.
    """
    sql = (
        f"with recursive up(id, into_id) as (select id, merged_into_id from customers where id = {database.mark(1)}"  # noqa: S608  # marks only
        " union select c.id, c.merged_into_id from customers c join up on c.id = up.into_id),"
        " down(id) as (select id from up where into_id is null"
        " union select c.id from customers c join down on c.merged_into_id = down.id) select id from down order by id"
    )
    found = [UUID(str(row["id"])) for row in await database.rows(sql, [encode(database.dialect(), Kind.ID, customer_id)])]
    return found or [customer_id]


async def _write(customer_id: UUID, columns: Mapping[str, object]) -> None:
    mark = database.mark
    sets = ", ".join(f"{name} = {mark(number)}" for number, name in enumerate(columns, 1))
    moment = encode(database.dialect(), Kind.DATETIME, clock.now())
    key = encode(database.dialect(), Kind.ID, customer_id)
    sql = f"update customers set {sets}, updated_at = {mark(len(columns) + 1)} where id = {mark(len(columns) + 2)}"  # noqa: S608  # names that the table declares
    await database.run(sql, [*columns.values(), moment, key])


def _bytes(value: object) -> bytes:
    return bytes(cast(bytes, value))


def _spelled(value: object) -> Stored:
    if isinstance(value, bytes | memoryview):
        return {_BYTES: base64.b64encode(value).decode()}
    return value if isinstance(value, int) or value is None else str(value)


def _stored(value: Stored) -> object:
    return base64.b64decode(value[_BYTES]) if isinstance(value, dict) else value
