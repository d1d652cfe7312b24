"""Points that other nouns give and take: their callers have checked a scope of their own."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from siyu.domain.kernel.operation import operation
from siyu.domain.points import entering, keying
from siyu.domain.points.book import Note
from siyu.domain.points.inputs import Posted, Posting
from siyu.domain.points.reversing import claw, restore
from siyu.privacy.actor import Actor


@operation(writes=True)
async def credit(actor: Actor, postings: Sequence[Posting]) -> list[Posted]:
    """Give points (EARN): one answer a posting, in their order. One that is refused (NOT_FOUND, RESTRICTED, CONFLICT, INVALID) never loses
    the others.

    A fixed number of statements, however many: three, and a few more for those who are new or were merged.
    """
    return await entering.earn(actor, postings, [_note(posting) for posting in postings])


@operation(writes=True)
async def debit(actor: Actor, posting: Posting) -> Posted:
    """Take points (REDEEM). Raises a refusal: INSUFFICIENT_POINTS, RESTRICTED, NOT_FOUND or CONFLICT."""
    return await entering.spend(actor, posting, _note(posting))


@operation(writes=True)
async def claw_back(
    actor: Actor, entry_id: UUID, points: int | None, *, source: str, key: str, about_id: UUID | None = None, reason: str | None = None
) -> Posted:
    """Take back a part of a credit, or with None all that is left of it (REVERSE); by the program's policy where too few points are there.

    Several parts may follow each other; more than is left is taken as what is left. Raises a refusal: WRONG_STATE where nothing is left
    or it is no credit, INSUFFICIENT_POINTS where the policy is FORBID, RESTRICTED, NOT_FOUND, CONFLICT.
    """
    assert points is None or points > 0, "points are taken back, not given"
    said = keying.digest("claw_back", str(entry_id), points, source, reason, about_id and str(about_id))
    note = Note(source, keying.key(key), said, reason, about_id)
    return await claw(actor, entry_id, points, note)


@operation(writes=True)
async def give_back(actor: Actor, entry_id: UUID, *, source: str, key: str, reason: str | None = None) -> Posted:
    """Take a debit back (REVERSE): a redemption that is called off. Raises a refusal: WRONG_STATE where it was taken back or is no debit,
    RESTRICTED, NOT_FOUND, CONFLICT."""
    return await restore(actor, entry_id, Note(source, keying.key(key), keying.digest("give_back", str(entry_id), source, reason), reason))


def _note(posting: Posting) -> Note:
    return Note(
        posting.source,
        keying.key(posting.key),
        entering.digest(posting),
        posting.reason,
        posting.about_id,
        posting.rule_id,
        posting.rule_version,
    )
