"""Identities without their values: for nouns that wait for somebody whom nobody knows yet."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from siyu.domain.customers.inputs import IdentityGiven
from siyu.domain.customers.queries import spell
from siyu.domain.customers.recognising import Key, held_by, key_of
from siyu.domain.customers.tables import Identity
from siyu.domain.kernel.operation import operation
from siyu.privacy.actor import Actor


def keyed(given: IdentityGiven) -> Key:
    """Kind, app and keyed hash of an identity: the same for all its spellings; raises a refusal where it is none."""
    return key_of(*spell(given, ()))


@operation()
async def keys(actor: Actor, customer_ids: Collection[UUID]) -> dict[Key, UUID]:
    """By what these customers are known, and who is known by it; the caller has checked a scope of its own. One statement."""
    found = await Identity.filter(customer_id__in=list(customer_ids)).values_list("kind", "app_id", "value_index", "customer_id")
    return {(str(kind), app_id, bytes(token)): customer_id for kind, app_id, token, customer_id in found}


@operation()
async def keyholders(actor: Actor, wanted: Collection[Key]) -> dict[Key, UUID]:
    """Who is known by these, as far as anybody is; the caller has checked a scope of its own. One statement."""
    return await held_by(wanted)
