"""Saying who referred a customer: once, and for good."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from siyu.domain import customers, orders
from siyu.domain.customers import referrer
from siyu.domain.kernel import clock, database
from siyu.domain.kernel.dialect import Kind, Statement
from siyu.domain.kernel.operation import announce, operation
from siyu.domain.referrals import codes, rules
from siyu.domain.referrals.inputs import ReferralBind, ReferralProgramUpdate
from siyu.domain.referrals.known import BOUND
from siyu.domain.referrals.rules import Program
from siyu.domain.referrals.tables import Referral, ReferralFriend, ReferralProgram, ReferralState
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, NotFound, Refusal

_ONLY: Final = 1
#: Whoever binds does so alone: two who refer each other at the same moment are one after the other.
_LOCK: Final = "referrals"
#: Referrers of referrers are followed so far.
_CHAIN_MAX: Final = 100


@operation(Scope.POINTS_READ)
async def program(actor: Actor) -> Program:
    """When a referral qualifies."""
    return await read()


async def read() -> Program:
    """The same, for whoever may."""
    row = await ReferralProgram.get_or_none(id=_ONLY)
    return Program() if row is None else Program(row.minimum_e4, row.expire_after_days)


@operation(Scope.POINTS_WRITE, writes=True)
async def program_update(actor: Actor, wish: ReferralProgramUpdate) -> Program:
    """Change when referrals qualify; those that are expected keep the day on which they expire. Refuses what does not fit."""
    await database.alone(_LOCK)
    then = rules.changed(await read(), wish)
    row = ReferralProgram(id=_ONLY, minimum_e4=then.minimum_e4, expire_after_days=then.expire_after_days)
    await ReferralProgram.bulk_create([row], on_conflict=["id"], update_fields=["minimum_e4", "expire_after_days"])
    return then


@operation(Scope.CUSTOMERS_WRITE, writes=True)
async def bind(actor: Actor, wish: ReferralBind) -> UUID:
    """Say by whose code a customer came; the referral's id. The same again changes nothing.

    Refuses a code that is nobody's (`NOT_FOUND`), one's own, somebody whom the friend referred at first or second hand (`CONFLICT`), a
    friend who was referred by another (`CONFLICT`), and one who has paid for an order already (`WRONG_STATE`).
    """
    return await _bound(actor, wish.customer_id, wish.code, ("input", "customer_id"), ("input", "code"))


@referrer
@operation(Scope.CUSTOMERS_WRITE, writes=True)
async def referred(actor: Actor, customer_id: UUID, code: str, path: tuple[str, ...]) -> None:
    """The same for a customer who is being written."""
    await _bound(actor, customer_id, code, path, path)


async def _bound(actor: Actor, customer_id: UUID, code: str, person: tuple[str, ...], path: tuple[str, ...]) -> UUID:
    await database.alone(_LOCK)
    advocate = await codes.holder(actor, code)
    if advocate is None:
        raise NotFound("This is nobody's referral code.", path=path)
    friend = (await customers.hold(actor, [customer_id])).get(customer_id)
    if friend is None:
        raise NotFound("There is no such customer.", path=person)
    known = await ReferralFriend.get_or_none(customer_id=friend)
    if known is not None:
        return await _again(known, advocate, path)
    rules.bindable(friend, advocate, await _above(advocate), path)
    await _refuse_old(friend, person)
    return await _write(friend, advocate)


async def _again(known: ReferralFriend, advocate: UUID, path: tuple[str, ...]) -> UUID:
    if not await Referral.exists(id=known.referral_id, customer_id=advocate):
        raise Refusal("Somebody else referred this customer.", path=path, code=Code.CONFLICT)
    return known.referral_id


async def _refuse_old(friend: UUID, path: tuple[str, ...]) -> None:
    """Only who is new can be referred: without an order that was paid."""
    looking = Actor.worker("referrals", Scope.ORDERS_READ)
    if await orders.has_paid(looking, friend):
        raise Refusal("This customer has bought already, so nobody can refer them any more.", path=path, code=Code.WRONG_STATE)


async def _write(friend: UUID, advocate: UUID) -> UUID:
    now = clock.now()
    row = Referral(
        customer_id=advocate, state=ReferralState.PENDING, created_at=now, updated_at=now, expires_at=rules.expires(await read(), now)
    )
    await row.save(force_create=True)
    await ReferralFriend(customer_id=friend, referral_id=row.id, created_at=now).save(force_create=True)
    announce(BOUND)
    return row.id


async def _above(advocate: UUID) -> set[UUID]:
    """Who referred the advocate, and whoever referred them, and so on. One statement."""
    statement = Statement(database.dialect())
    rows = await database.rows(
        "with recursive above(id, steps) as ("  # noqa: S608  # bound values only
        f"select r.customer_id, 1 from referral_friends f join referrals r on r.id = f.referral_id"
        f" where f.customer_id = {statement.bind(advocate, Kind.ID)}"
        " union all select r.customer_id, a.steps + 1 from above a join referral_friends f on f.customer_id = a.id"
        f" join referrals r on r.id = f.referral_id where a.steps < {_CHAIN_MAX}) select distinct id from above",
        statement.args,
    )
    return {UUID(str(row[0])) for row in rows}
