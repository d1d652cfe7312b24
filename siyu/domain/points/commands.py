"""What callers do with points, each under a key of theirs."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from siyu.domain.kernel.operation import operation
from siyu.domain.points import keying
from siyu.domain.points.book import Book, Line, Note
from siyu.domain.points.entering import allowed, digest, earn, opened, points_fit, room, spend
from siyu.domain.points.holding import fill, hold
from siyu.domain.points.inputs import (
    POINTS_MAX,
    REASON_MAX,
    PointsAdjust,
    PointsAward,
    PointsRedeem,
    PointsReverse,
    PointsTransfer,
    Posted,
    Posting,
)
from siyu.domain.points.program import span
from siyu.domain.points.reversing import either
from siyu.domain.points.storing import write
from siyu.domain.points.tables import PointsEntryKind
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, Refusal

#: The sources of entries that callers make.
AWARD, REDEEM, ADJUST, REVERSE, TRANSFER = "award", "redeem", "adjust", "reverse", "transfer"
_REASON: Final = ("input", "reason")


@operation(Scope.POINTS_AWARD, writes=True)
async def award(actor: Actor, wish: PointsAward) -> Posted:
    """Give points. Raises INVALID, LIMIT_EXCEEDED, NOT_FOUND, RESTRICTED or CONFLICT."""
    points_fit(wish.points)
    posting = Posting(
        customer_id=wish.customer_id,
        points=wish.points,
        source=AWARD,
        key=keying.given(wish.idempotency_key),
        reason=_reason(wish.reason),
        available_at=wish.available_at,
        expires_at=wish.expires_at,
    )
    posted = (await earn(actor, [posting], [_note(posting)]))[0]
    if posted.refusal is not None:
        raise posted.refusal
    return posted


@operation(Scope.POINTS_REDEEM, writes=True)
async def redeem(actor: Actor, wish: PointsRedeem) -> Posted:
    """Spend points. Raises INSUFFICIENT_POINTS, INVALID, LIMIT_EXCEEDED, NOT_FOUND, RESTRICTED or CONFLICT."""
    key, reason = keying.given(wish.idempotency_key), _reason(wish.reason)
    posting = Posting(customer_id=wish.customer_id, points=wish.points, source=REDEEM, key=key, reason=reason)
    return await spend(actor, posting, _note(posting))


@operation(Scope.POINTS_WRITE, writes=True)
async def adjust(actor: Actor, wish: PointsAdjust) -> Posted:
    """Put a balance right, either way; below zero by the program's policy. Raises as `award` does, and INSUFFICIENT_POINTS."""
    if not 0 < abs(wish.points) <= POINTS_MAX:
        raise Refusal(f"Give a number other than zero, {POINTS_MAX:,} points at the most.", path=("input", "points"))
    reason = _reason(wish.reason)
    said = keying.digest(ADJUST, wish.points, reason)
    note = Note(ADJUST, keying.key(keying.given(wish.idempotency_key)), said, reason)
    held, again = await opened(actor, wish.customer_id, note)
    if again is not None:
        return again
    book = held.book
    if wish.points > 0:
        room(book, wish.points)
        since, until = span(held.program, book.at, None, None)
        line = book.credit(PointsEntryKind.ADJUST, wish.points, note, available_at=since, expires_at=until)
    else:
        await fill({book.customer_id: book})
        book.settle()
        line = book.deduct(-wish.points, note, held.program.negative_balance)
    await write([book])
    return Posted(line.id, book.customer_id)


@operation(Scope.POINTS_WRITE, writes=True)
async def reverse(actor: Actor, wish: PointsReverse) -> Posted:
    """Take back what is left of an entry that gave points, or an entry that took some. Raises WRONG_STATE where it can't be, or was taken
    back; INSUFFICIENT_POINTS where the policy forbids it; NOT_FOUND, RESTRICTED or CONFLICT."""
    reason = _reason(wish.reason)
    said = keying.digest(REVERSE, str(wish.entry_id), reason)
    return await either(actor, wish.entry_id, Note(REVERSE, keying.key(keying.given(wish.idempotency_key)), said, reason))


@operation(Scope.POINTS_WRITE, writes=True)
async def transfer(actor: Actor, wish: PointsTransfer) -> Posted:
    """Give one customer's points to another, with the days that they have left; the answer is the giver's entry. Raises as `redeem`."""
    points_fit(wish.points)
    if wish.from_customer_id == wish.to_customer_id:
        raise _oneself()
    reason = _reason(wish.reason)
    said = keying.digest(TRANSFER, str(wish.to_customer_id), wish.points, reason)
    note = Note(TRANSFER, keying.key(keying.given(wish.idempotency_key)), said, reason)
    held = await hold(actor, [wish.from_customer_id, wish.to_customer_id])
    giver, receiver = held.get(wish.from_customer_id), held.get(wish.to_customer_id)
    again = allowed(giver, note, await keying.used([_key(note)]) if giver else {}, path="from_customer_id")
    if again is not None:
        return again
    allowed(receiver, note, {}, path="to_customer_id")
    assert giver is not None, "who is allowed is held"
    assert receiver is not None, "who is allowed is held"
    if giver.book.account_id == receiver.book.account_id:
        raise _oneself()
    room(receiver.book, wish.points)
    await fill({giver.book.customer_id: giver.book})
    line = _move(giver.book, receiver.book, wish.points, note)
    await write([giver.book, receiver.book])
    return Posted(line.id, giver.book.customer_id)


def _move(giver: Book, receiver: Book, points: int, note: Note) -> Line:
    giver.settle()
    before = len(giver.takes)
    line = giver.debit(PointsEntryKind.TRANSFER_OUT, points, note)
    parts: dict[datetime | None, tuple[int, datetime]] = {}
    for take in giver.takes[before:]:
        lot = giver.lots[take.lot_id]
        taken, since = parts.get(lot.expires_at, (0, lot.available_at))
        parts[lot.expires_at] = (taken + take.points, min(since, lot.available_at))
    came = [(taken, since, until) for until, (taken, since) in parts.items()]
    receiver.receive(came, Note(TRANSFER, reason=note.reason, about_id=line.id))
    return line


def _key(note: Note) -> bytes:
    assert note.key is not None, "a caller's note has a key"
    return note.key


def _note(posting: Posting) -> Note:
    return Note(posting.source, keying.key(posting.key), digest(posting), posting.reason)


def _reason(text: str) -> str:
    cut = text.strip()
    if not cut:
        raise Refusal("Say why.", path=_REASON, code=Code.BLANK)
    if len(cut) > REASON_MAX:
        raise Refusal(f"At most {REASON_MAX} characters.", path=_REASON, code=Code.TOO_LONG)
    return cut


def _oneself() -> Refusal:
    return Refusal("Points are transferred to somebody else.", path=("input", "to_customer_id"))
