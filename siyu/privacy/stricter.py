"""What two people have said about purposes, once they turn out to be one: the stricter word holds. And the way back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypedDict, cast
from uuid import UUID

from siyu.privacy.dialect import Id, text
from siyu.privacy.tables import Consent, ConsentState, Restriction


class Word(TypedDict):
    """What somebody said about one purpose, as JSON holds it; moments in ISO 8601."""

    state: str
    version: int
    since: str
    expires: str | None


#: By purpose.
Said = dict[str, Word]


@dataclass(slots=True)
class Joining:
    """What both had said before they were joined, and what held of the kept one afterwards."""

    kept: Said = field(default_factory=dict)
    merged: Said = field(default_factory=dict)
    after: Said = field(default_factory=dict)


def joined(kept: Mapping[str, Word], merged: Mapping[str, Word]) -> Said:
    """The stricter word of each purpose. Who was never asked has no word, so that the other's holds."""
    return {**merged, **{purpose: _stricter(word, merged.get(purpose)) for purpose, word in kept.items()}}


def _stricter(kept: Word, merged: Word | None) -> Word:
    """A withdrawal before a grant; of two grants that of the older notice, then the one that ends first."""
    return kept if merged is None or _ease(kept) <= _ease(merged) else merged


def _ease(word: Word) -> tuple[object, ...]:
    if word["state"] == ConsentState.WITHDRAWN:
        return (0,)
    return (1, word["version"], word["expires"] is None, word["expires"] or "")


def parted(undone: Joining, later: Sequence[Joining], now: Mapping[str, Word]) -> tuple[Said, Said, list[Joining]]:
    """What holds of each once a joining is undone: of the kept one, of the other, and how the later joinings look without it.

    Each has its own word back. Where the kept one has said something since, that holds; and a withdrawal since holds for both, because
    nobody knows which of the two it was who withdrew.
    """
    kept, rest = dict(now), [Joining(dict(each.kept), dict(each.merged), dict(each.after)) for each in later]
    merged = dict(undone.merged)
    for purpose in undone.after.keys() | undone.kept.keys() | now.keys():
        was, shall = undone.after.get(purpose), undone.kept.get(purpose)
        for each in rest:
            if each.kept.get(purpose) != was:
                since = each.kept.get(purpose)
                break
            was = each.after.get(purpose)
            _set(each.kept, purpose, shall)
            other = {purpose: each.merged[purpose]} if purpose in each.merged else {}
            shall = joined({} if shall is None else {purpose: shall}, other).get(purpose)
            _set(each.after, purpose, shall)
        else:
            if kept.get(purpose) == was:
                _set(kept, purpose, shall)
                continue
            since = kept.get(purpose)
        if since is not None and since["state"] == ConsentState.WITHDRAWN:
            merged[purpose] = since
    return kept, merged, rest


def _set(said: Said, purpose: str, word: Word | None) -> None:
    if word is None:
        said.pop(purpose, None)
    else:
        said[purpose] = word


async def said_by(*subject_ids: Id) -> list[Said]:
    """What holds of each of these people. One statement."""
    found: dict[str, Said] = {text(subject): {} for subject in subject_ids}
    for row in await Consent.filter(customer_id__in=list(subject_ids)):
        found[text(row.customer_id)][row.purpose] = Word(
            state=str(row.state),
            version=row.purpose_version,
            since=row.since.astimezone(UTC).isoformat(),
            expires=row.expires_at.astimezone(UTC).isoformat() if row.expires_at else None,
        )
    return [found[text(subject)] for subject in subject_ids]


async def say(subject_id: Id, words: Mapping[str, Word]) -> None:
    """Have just these words hold of this person, in the caller's transaction."""
    held = {row.purpose: row for row in await Consent.filter(customer_id=subject_id)}
    gone = [row.id for purpose, row in held.items() if purpose not in words]
    if gone:
        await Consent.filter(id__in=gone).delete()
    for purpose, word in words.items():
        row = held.get(purpose) or Consent(customer_id=subject_id, purpose=purpose)
        row.state, row.purpose_version, row.since = word["state"], word["version"], datetime.fromisoformat(word["since"])
        row.expires_at = datetime.fromisoformat(word["expires"]) if word["expires"] else None
        await row.save()


async def restricted(subject_ids: Sequence[Id]) -> dict[UUID, datetime]:
    """Who of these people is restricted, and since when."""
    found = await Restriction.filter(customer_id__in=list(subject_ids)).values_list("customer_id", "since")
    return dict(cast(list[tuple[UUID, datetime]], found))
