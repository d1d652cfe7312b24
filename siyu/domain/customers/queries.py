"""Finding customers."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from siyu.domain.customers import rules
from siyu.domain.customers.inputs import IdentityGiven
from siyu.domain.customers.source import CUSTOMER
from siyu.domain.customers.tables import Identity, IdentityKind
from siyu.domain.kernel import boot, database
from siyu.domain.kernel.dialect import Kind, encode
from siyu.domain.kernel.operation import operation
from siyu.domain.kernel.reading import Reader
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, NotFound, Refusal

#: What a caller must hold to look somebody up by it.
_LOOKUP = {IdentityKind.PHONE: Scope.CUSTOMER_PHONE_READ, IdentityKind.EMAIL: Scope.CUSTOMER_EMAIL_READ}


@operation(Scope.CUSTOMERS_READ)
async def find(actor: Actor, identity: IdentityGiven) -> UUID | None:
    """The customer who is known by it, in whatever spelling; None where there is none that the caller's purpose reaches."""
    actor.require((_LOOKUP.get(identity.kind, Scope.CUSTOMER_IDENTITY_READ),))
    holder = await holder_of(identity, ("identity",))
    return holder if holder is not None and await Reader(actor).reaches(CUSTOMER, holder) else None


@operation(Scope.CUSTOMERS_READ)
async def resolve(actor: Actor, customer_id: UUID | None, identity: IdentityGiven | None) -> UUID | None:
    """The customer named by an id or by an identity; exactly one of the two is given."""
    if (customer_id is None) == (identity is None):
        raise Refusal("Give an id or an identity.", path=("identity",))
    return customer_id if identity is None else await find(actor, identity)


@operation()
async def require(actor: Actor, customer_id: UUID, *, path: tuple[str, ...]) -> None:
    """Refuse, at `path`, an id that is no customer's, or one merged into another: for nouns that hang something on one.

    Until the transaction ends, if there is one, nobody merges or erases the customer.
    """
    held = " for key share" if database.within() and database.dialect() == "postgres" else ""
    key = encode(database.dialect(), Kind.ID, customer_id)
    found = await database.rows(f"select merged_into_id from customers where id = {database.mark(1)}{held}", [key])  # noqa: S608  # a mark only
    if not found:
        raise NotFound("There is no such customer.", path=path)
    refuse_merged(found[0]["merged_into_id"], path)


def refuse_merged(merged_into_id: object | None, path: tuple[str, ...]) -> None:
    """Refuse to change a customer who was merged into another."""
    if merged_into_id is not None:
        message = "This customer was merged into another: name that one, which `mergedInto` tells, or part them with customerUnmerge."
        raise Refusal(message, path=path, code=Code.WRONG_STATE)


async def holder_of(identity: IdentityGiven, path: tuple[str, ...]) -> UUID | None:
    """Whose identity it is, whoever asks."""
    kind, app_id, value = spell(identity, path)
    # The one column: who may look up by this kind need not be one who may read identities.
    held = Identity.get_or_none(kind=kind, app_id=app_id, value_index=value).values_list("customer_id", flat=True)
    return cast("UUID | None", await held)


def spell(identity: IdentityGiven, path: tuple[str, ...]) -> tuple[IdentityKind, str, str]:
    """Kind, app and value in their normal spelling; refused at `path` where they don't fit."""
    try:
        value = rules.identity_value(identity.kind, identity.value, boot.current().settings.region)
        return identity.kind, rules.identity_app(identity.kind, identity.app_id), value
    except Refusal as refusal:
        raise Refusal(refusal.message, path=(*path, *(refusal.path or ("value",))), code=refusal.code) from None
