"""Taking entries back: credits by the program's policy, debits into the lots that they took from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from siyu.domain.kernel import database
from siyu.domain.kernel.dialect import Kind, Statement
from siyu.domain.points.book import Credit, Note, Take
from siyu.domain.points.entering import opened
from siyu.domain.points.holding import Held, as_id, fill
from siyu.domain.points.inputs import Posted
from siyu.domain.points.storing import write
from siyu.domain.points.tables import PointsEntryKind
from siyu.privacy.actor import Actor
from siyu.privacy.refusal import Code, NotFound, Refusal

#: What can be taken back, beside adjustments, which are one or the other.
_CREDITS: Final = {PointsEntryKind.EARN}
_DEBITS: Final = {PointsEntryKind.REDEEM}
_WHY_NOT: Final = {
    PointsEntryKind.ACTIVATE: "Activation is not taken back: take back the points that were earned.",
    PointsEntryKind.EXPIRE: "An expiry is not taken back: adjust the balance instead.",
    PointsEntryKind.REVERSE: "What takes an entry back is not taken back itself.",
    PointsEntryKind.TRANSFER_IN: "A transfer is not taken back: transfer the points back.",
    PointsEntryKind.TRANSFER_OUT: "A transfer is not taken back: transfer the points back.",
}
_PATH: Final = ("input", "entry_id")


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry that is to be taken back, and how much of it was before: None, nothing yet."""

    id: UUID
    customer_id: UUID
    kind: PointsEntryKind
    points: int
    lot_id: UUID | None
    covered: int | None

    @property
    def credit(self) -> bool:
        return self.kind in _CREDITS or (self.kind is PointsEntryKind.ADJUST and self.points > 0)

    @property
    def debit(self) -> bool:
        return self.kind in _DEBITS or (self.kind is PointsEntryKind.ADJUST and self.points < 0)


async def claw(actor: Actor, entry_id: UUID, points: int | None, note: Note) -> Posted:
    """By `claw_back`'s rules."""
    entry, held, again = await _held(actor, entry_id, note)
    if again is not None:
        return again
    if not entry.credit:
        raise _wrong(_WHY_NOT.get(entry.kind, "This entry gave no points."))
    return await _claw(held, entry, points, note)


async def restore(actor: Actor, entry_id: UUID, note: Note) -> Posted:
    """By `give_back`'s rules."""
    entry, held, again = await _held(actor, entry_id, note)
    if again is not None:
        return again
    if not entry.debit:
        raise _wrong(_WHY_NOT.get(entry.kind, "This entry took no points."))
    return await _restore(held, entry, note)


async def either(actor: Actor, entry_id: UUID, note: Note) -> Posted:
    """Whichever it is, all that is left of it."""
    entry, held, again = await _held(actor, entry_id, note)
    if again is not None:
        return again
    if entry.credit:
        return await _claw(held, entry, None, note)
    if entry.debit:
        return await _restore(held, entry, note)
    raise _wrong(_WHY_NOT.get(entry.kind, "Nothing was moved that could be taken back."))


async def _held(actor: Actor, entry_id: UUID, note: Note) -> tuple[_Entry, Held, Posted | None]:
    """The entry as it stands once its account is held. It is asked before for whose it is, and again after: people are merged."""
    entry = await _entry(entry_id)
    held, again = await opened(actor, entry.customer_id, note)
    return await _entry(entry_id), held, again


async def _entry(entry_id: UUID) -> _Entry:
    statement = Statement(database.dialect())
    found = await database.rows(
        "select e.id, e.customer_id, e.kind, e.points, e.lot_id,"  # noqa: S608  # bound values only
        " (select sum(r.covers) from points_entries r where r.reverses_id = e.id) as covered"
        f" from points_entries e where e.id = {statement.bind(entry_id, Kind.ID)}",
        statement.args,
    )
    for row in found:
        lot_id, covered = row["lot_id"], row["covered"]
        return _Entry(
            as_id(row["id"]),
            as_id(row["customer_id"]),
            PointsEntryKind(row["kind"]),
            int(row["points"]),
            None if lot_id is None else as_id(lot_id),
            None if covered is None else int(covered),
        )
    raise NotFound("There is no such entry.", path=_PATH)


async def _claw(held: Held, entry: _Entry, points: int | None, note: Note) -> Posted:
    left = entry.points - (entry.covered or 0)
    if not left:
        raise _wrong("Nothing of this entry is left to take back.")
    book = held.book
    await fill({book.customer_id: book}, also=[entry.lot_id] if entry.lot_id else ())
    book.settle()
    credit = Credit(entry.id, entry.lot_id, left, entry.kind is PointsEntryKind.EARN)
    line = book.claw_back(credit, min(left, points or left), note, held.program.negative_balance)
    await write([book])
    return Posted(line.id, book.customer_id)


async def _restore(held: Held, entry: _Entry, note: Note) -> Posted:
    if entry.covered is not None:
        raise _wrong("This entry was taken back.")
    book = held.book
    statement = Statement(database.dialect())
    rows = await database.rows(
        f"select lot_id, points from points_takes where entry_id = {statement.bind(entry.id, Kind.ID)}",  # noqa: S608  # bound values only
        statement.args,
    )
    takes = [Take(entry.id, as_id(row["lot_id"]), int(row["points"])) for row in rows]
    await fill({book.customer_id: book}, also=[take.lot_id for take in takes])
    book.settle()
    line = book.give_back(entry.id, -entry.points, takes, note, expires_at=held.program.expires_at(book.at))
    await write([book])
    return Posted(line.id, book.customer_id)


def _wrong(message: str) -> Refusal:
    return Refusal(message, path=_PATH, code=Code.WRONG_STATE)
