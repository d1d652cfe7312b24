"""Identities that are said to be one person's: whoever they are of becomes one where the rule says so, and is suspected elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from siyu.domain import customers, duplicates
from siyu.domain.customers import IdentityGiven, IdentityKind, Mergeable, Recognised, Unknown
from siyu.domain.kernel import boot, normal
from siyu.domain.kernel.operation import operation
from siyu.domain.merges import rules
from siyu.domain.merges.commands import carry_out
from siyu.domain.merges.planning import planned
from siyu.domain.merges.rules import Holder, Named
from siyu.privacy.actor import Actor
from siyu.privacy.refusal import Code, Refusal, Refusals

#: How often holders are looked up again, because somebody else has just joined them.
_TRIES: Final = 5
#: What a candidate that a rule has not joined is shown with.
_REASON: Final = "NAMED_TOGETHER"


@operation(writes=True)
async def join(actor: Actor, identities: Sequence[IdentityGiven], *, source: str | None = None) -> UUID:
    """All these are one person's identities; who that is. The caller has checked a scope of its own.

    Nobody is known by any: a customer is made, from `source`. One is: they are known by the others, too. Several are: visitors go
    into the one who has said who they are; known ones are merged where the organisation's rule (`SIYU_JOIN_BY`) says so and nothing
    blocks it; others are suspected to be one, for people to decide, and the one with the strongest identity is returned. The same
    call again changes nothing. Identities that don't fit are refused at their place, `("0", "value")`.
    """
    if not identities:
        raise Refusal("Somebody is named by one identity at least.", code=Code.BLANK)
    for _ in range(_TRIES):
        named = _named(identities, await customers.recognise(actor, identities, unknown=Unknown.REFUSE))
        holder = await _holder(actor, identities, named, source)
        unheld = [each for each, known in zip(identities, named, strict=True) if known.holder is None]
        if holder is not None and await customers.known_by(actor, holder, unheld):
            return holder
    raise Refusal("These customers are being joined by somebody else just now: try again.", code=Code.CONFLICT)


async def _holder(actor: Actor, identities: Sequence[IdentityGiven], named: Sequence[Named], source: str | None) -> UUID | None:
    """Whose they are, made or joined where that has to be; None where somebody else was faster: look again."""
    known = list(dict.fromkeys(each.holder for each in named if each.holder is not None))
    if not known:
        first = [identities[rules.strongest(named)]]
        return (await customers.recognise(actor, first, unknown=Unknown.CREATE, source=source))[0].customer_id
    found = await customers.mergeable(actor, known)
    if len(found) < len(known) or any(each.merged_into_id is not None for each in found.values()):
        return None
    if len(known) == 1:
        return known[0]
    return await _joined(actor, named, [_holding(each) for each in found.values()])


def _named(identities: Sequence[IdentityGiven], found: Sequence[Recognised]) -> list[Named]:
    wrong = [
        Refusal(each.refusal.message, path=(number, *each.refusal.path), code=each.refusal.code)
        for number, each in enumerate(found)
        if each.refusal is not None and each.refusal.code is not Code.NOT_FOUND
    ]
    if wrong:
        raise Refusals(wrong)
    return [Named(given.kind, normal.code(given.app_id or ""), each.customer_id) for given, each in zip(identities, found, strict=True)]


def _holding(each: Mergeable) -> Holder:
    return Holder(each.id, each.anonymous, frozenset((kind, app_id) for kind, app_id, _ in each.identities))


async def _joined(actor: Actor, named: Sequence[Named], holders: Sequence[Holder]) -> UUID:
    by = {IdentityKind(kind) for kind in boot.current().settings.joining_kinds}
    chief = rules.chief(named, holders)
    for other in sorted((each for each in holders if each.id != chief.id), key=lambda each: (not each.anonymous, each.id)):
        if rules.one_person(named, chief, other, by):
            plan = await planned(actor, chief.id, other.id)
            if not plan.blocking:
                await carry_out(actor, plan)
                chief = Holder(chief.id, chief.anonymous and other.anonymous, chief.kinds | other.kinds)
                continue
        await duplicates.suspect(actor, chief.id, other.id, 1.0, [_REASON])
    return chief.id
