"""Under whose grants an export runs: the caller's, as they were at the request, and no more of them than are left now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from siyu.domain import staff, tokens
from siyu.domain.exports.fields import Field
from siyu.domain.exports.kinds import KINDS
from siyu.domain.exports.tables import Export
from siyu.privacy.actor import Actor, ActorKind, Scope
from siyu.privacy.refusal import Code, Refusal


class Overruled(Refusal):
    """Whoever asked for the export may not have it any more: it stops, and its file goes."""

    code = Code.WRONG_STATE


async def caller(actor: Actor, record: Export, columns: Sequence[Field] | None = None) -> Actor:
    """Whoever asked, as they stand at this moment; raises `Overruled` when they or a scope that the columns need are gone.

    What they do is in the audit trail under their own name, with the export's id as the request.
    """
    standing = tokens.standing if record.by_kind is ActorKind.TOKEN else staff.standing
    now = await standing(actor, record.by_id)
    if now is None:
        raise Overruled("Whoever asked for this export has no access any more.")
    if now.purpose != record.purpose:
        raise Overruled("Whoever asked for this export sees people for another purpose by now.")
    kept = now.scopes & {scope for scope in Scope if scope.value in set(record.scopes)}
    source = KINDS[record.kind].source
    needed = {Scope.CUSTOMERS_EXPORT, *((source.scope,) if source.scope else ())}
    needed.update(scope for each in columns or () for scope in each.scopes)
    if lost := sorted(needed - kept):
        raise Overruled(f"Whoever asked for this export has lost the scope {lost[0]}.")
    return replace(now, scopes=kept, request=str(record.id))
