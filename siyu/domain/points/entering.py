"""Entering postings into books: hold the accounts, look the keys up, enter, write. The scope was checked by whoever calls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from siyu.domain.points import keying
from siyu.domain.points.book import Book, Note
from siyu.domain.points.holding import Held, fill, hold
from siyu.domain.points.inputs import POINTS_MAX, Posted, Posting
from siyu.domain.points.keying import Used
from siyu.domain.points.program import span
from siyu.domain.points.storing import write
from siyu.domain.points.tables import PointsEntryKind
from siyu.privacy.actor import Actor
from siyu.privacy.refusal import Code, NotFound, Refusal

#: Balances stay below this, so that every one can be told as a whole number of 32 bits.
BALANCE_MAX: Final = 2_000_000_000


def digest(posting: Posting) -> bytes:
    """What stands for a posting, but for whose it is."""
    moments = [each and each.isoformat() for each in (posting.available_at, posting.expires_at)]
    rule = [posting.rule_id and str(posting.rule_id), posting.rule_version]
    return keying.digest("post", posting.points, posting.source, posting.reason, posting.about_id and str(posting.about_id), rule, moments)


async def earn(actor: Actor, postings: Sequence[Posting], notes: Sequence[Note]) -> list[Posted]:
    """Credits of a batch, by `credit`'s rules."""
    if not postings:
        return []
    held = await hold(actor, {posting.customer_id for posting in postings})
    used = await keying.used([note.key for note in notes if note.key is not None])
    found = [_earned(posting, note, held.get(posting.customer_id), used) for posting, note in zip(postings, notes, strict=True)]
    await write([each.book for each in {id(each.book): each for each in held.values()}.values()])
    return found


def _earned(posting: Posting, note: Note, held: Held | None, used: dict[bytes, Used]) -> Posted:
    try:
        again = allowed(held, note, used)
        if again is not None:
            return again
        assert held is not None, "who is allowed is held"
        assert note.key is not None, "a posting has a key"
        assert note.digest is not None, "a key has a digest"
        points_fit(posting.points)
        book = held.book
        room(book, posting.points)
        since, until = span(held.program, book.at, posting.available_at, posting.expires_at)
        line = book.credit(PointsEntryKind.EARN, posting.points, note, available_at=since, expires_at=until)
        used[note.key] = Used(line.id, book.customer_id, note.digest)
        return Posted(line.id, book.customer_id)
    except Refusal as refusal:
        return Posted(None, held.book.customer_id if held else posting.customer_id, refusal=refusal)


async def spend(actor: Actor, posting: Posting, note: Note) -> Posted:
    """One debit, by `debit`'s rules."""
    points_fit(posting.points)
    held, again = await opened(actor, posting.customer_id, note)
    if again is not None:
        return again
    book = held.book
    await fill({book.customer_id: book})
    book.settle()
    line = book.debit(PointsEntryKind.REDEEM, posting.points, note)
    await write([book])
    return Posted(line.id, book.customer_id)


async def opened(actor: Actor, customer_id: UUID, note: Note) -> tuple[Held, Posted | None]:
    """The customer's account, held, and what was answered where the note's key was used before. Raises what stands in the way."""
    assert note.key is not None, "whatever is posted has a key"
    held = (await hold(actor, [customer_id])).get(customer_id)
    used = await keying.used([note.key]) if held is not None else {}
    again = allowed(held, note, used)
    assert held is not None, "nobody is allowed who is not there"
    return held, again


def allowed(held: Held | None, note: Note, used: dict[bytes, Used], *, path: str = "customer_id") -> Posted | None:
    """What was answered before under the note's key; None where it is new. Raises NOT_FOUND, CONFLICT or RESTRICTED."""
    if held is None:
        raise NotFound("There is no such customer.", path=("input", path))
    assert note.key is not None, "whatever is posted has a key"
    before = used.get(note.key)
    if before is not None:
        if before.digest != note.digest or before.customer_id != held.book.customer_id:
            raise keying.conflict()
        return Posted(before.entry_id, before.customer_id, replayed=True)
    if held.restricted:
        raise Refusal("This person has restricted processing.", path=("input", path), code=Code.RESTRICTED)
    return None


def points_fit(points: int) -> None:
    """Refuses what is not a number of points above zero, or too many for one entry."""
    if points <= 0:
        raise Refusal("Give a number above zero.", path=("input", "points"))
    if points > POINTS_MAX:
        raise Refusal(f"At most {POINTS_MAX:,} points at once.", path=("input", "points"), code=Code.LIMIT_EXCEEDED)


def room(book: Book, points: int) -> None:
    """Refuses what an account can't hold beside what it has, or has had."""
    if max(book.balance + book.pending, book.lifetime_earned) + points > BALANCE_MAX:
        message = f"An account holds at most {BALANCE_MAX:,} points."
        raise Refusal(message, path=("input", "points"), code=Code.LIMIT_EXCEEDED)
