"""When identities that come together make one person of several. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from siyu.domain.customers import IdentityKind

#: From what tells most of who somebody is to what tells least.
STRENGTH: Final = (
    IdentityKind.EXTERNAL_ID,
    IdentityKind.MEMBER_NO,
    IdentityKind.WECHAT_UNIONID,
    IdentityKind.PHONE,
    IdentityKind.EMAIL,
    IdentityKind.WECHAT_OPENID,
    IdentityKind.WECHAT_EXTERNAL_USERID,
    IdentityKind.ANONYMOUS_ID,
)


@dataclass(frozen=True, slots=True)
class Named:
    """An identity that was given together with others, and whose it is, if anybody's."""

    kind: IdentityKind
    app_id: str
    holder: UUID | None


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who is known by one of them: whether as a visitor only, and the kinds of all their identities, with apps."""

    id: UUID
    anonymous: bool
    kinds: frozenset[tuple[IdentityKind, str]]


def strongest(named: Sequence[Named]) -> int:
    """The place of the identity that tells most; of equal ones the first."""
    return min(range(len(named)), key=lambda place: STRENGTH.index(named[place].kind))


def chief(named: Sequence[Named], holders: Collection[Holder]) -> Holder:
    """Into whom the others go: no visitor where anybody else is there, then whose identity is strongest, then who was there first."""

    def rank(holder: Holder) -> tuple[bool, int, UUID]:
        return holder.anonymous, min(STRENGTH.index(each.kind) for each in named if each.holder == holder.id), holder.id

    return min(holders, key=rank)


def one_person(named: Sequence[Named], chief: Holder, other: Holder, by: Collection[IdentityKind]) -> bool:
    """Whether the rule makes these two one at once.

    A visitor, always. Others where an identity of a kind in `by` came along, which nobody of the two has another of; and never two
    customers of the organisation's own system.
    """
    if other.anonymous:
        return True
    vouching = [each for each in named if each.kind in by]
    if not vouching or (_has(chief, IdentityKind.EXTERNAL_ID) and _has(other, IdentityKind.EXTERNAL_ID)):
        return False
    return not any(each.holder != holder.id and (each.kind, each.app_id) in holder.kinds for each in vouching for holder in (chief, other))


def _has(holder: Holder, kind: IdentityKind) -> bool:
    return any(held is kind for held, _ in holder.kinds)
