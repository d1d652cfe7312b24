"""Defining attributes, and writing a customer's values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import orjson
from annotated_doc import Doc
from tortoise.exceptions import IntegrityError

from siyu.domain.attributes import rules
from siyu.domain.attributes.tables import AttributeDefinition, AttributeType, AttributeValue
from siyu.domain.kernel.operation import operation, touch
from siyu.domain.kernel.touching import Change
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, Refusal, Refusals, Taken


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeDefine:
    key: Annotated[str, Doc("Its name for programs: lower case letters, digits and underscores.")]
    title: Annotated[str, Doc("Its name for people.")]
    type: Annotated[AttributeType, Doc("Which values it takes. It can't be changed later.")]
    choices: Annotated[list[str] | None, Doc("The values of a choice. Later calls may add some.")] = None
    personal: Annotated[
        bool, Doc("Whether the values tell who somebody is: they are sealed, and no rule is computed on them. It can't be changed later.")
    ]
    searchable: Annotated[
        bool | None, Doc("Whether customers can be found by a sealed value; equality only. It can't be changed later.")
    ] = None
    retention_days: Annotated[int | None, Doc("After so many days a value goes; left out: it stays as long as the customer.")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeGiven:
    key: Annotated[str, Doc("The attribute.")]
    value: Annotated[object, Doc("Its value, by its type; a date as text; null clears it.")] = None


@operation(Scope.ATTRIBUTES_DEFINE, writes=True)
async def define(actor: Actor, wish: AttributeDefine) -> UUID:
    """Define an attribute, or change the title, the choices (only adding) and the retention of one. Its id."""
    searchable = bool(wish.searchable)
    rules.check_definition(wish.key, wish.title, wish.type, wish.choices, personal=wish.personal, searchable=searchable)
    if wish.retention_days is not None and wish.retention_days < 1:
        raise Refusal("Keep it for a day at least.", path=("input", "retention_days"))
    known = await AttributeDefinition.get_or_none(key=wish.key)
    if known is None:
        known = AttributeDefinition(key=wish.key, type=wish.type, personal=wish.personal, searchable=searchable)
    elif (known.type, known.personal, known.searchable) != (wish.type, wish.personal, searchable):
        raise Taken("This attribute is defined with another type, or another privacy; choose another key.", path=("input", "key"))
    elif set(known.choices or ()) - set(wish.choices or ()):
        raise Refusal("A choice can't be taken away while values may hold it; only add.", path=("input", "choices"), code=Code.IN_USE)
    known.title, known.choices, known.retention_days = wish.title.strip(), wish.choices, wish.retention_days
    try:
        await known.save()
    except IntegrityError:
        raise Taken("Somebody defined this attribute just now.", path=("input", "key")) from None
    return known.id


@operation(Scope.CUSTOMERS_WRITE, writes=True)
async def assign(actor: Actor, customer_id: UUID, values: Sequence[AttributeGiven], *, path: tuple[str, ...] = ()) -> None:
    """Set a customer's values; null clears one. Refuses unknown keys and wrong types, all of them at once."""
    definitions = {each.key: each for each in await AttributeDefinition.filter(key__in=[value.key for value in values])}
    refusals: list[Refusal] = []
    rows: dict[str, AttributeValue | None] = {}
    for number, given in enumerate(values):
        definition = definitions.get(given.key)
        at = (*path, str(number))
        if definition is None:
            refusals.append(Refusal("There is no such attribute; define it first.", path=(*at, "key"), code=Code.NOT_FOUND))
        else:
            try:
                rows[given.key] = _row(customer_id, definition, given.value)
            except Refusal as refusal:
                refusals.append(Refusal(refusal.message, path=(*at, *refusal.path), code=refusal.code))
    if refusals:
        raise Refusals(refusals)
    await AttributeValue.filter(customer_id=customer_id, key__in=list(rows)).delete()
    await AttributeValue.bulk_create([row for row in rows.values() if row is not None])
    touch(Change.ATTRIBUTE, [customer_id], *sorted(rows))


def _row(customer_id: UUID, definition: AttributeDefinition, value: object) -> AttributeValue | None:
    if value is None:
        return None
    checked = rules.check_value(definition.type, definition.choices, value, personal=definition.personal)
    row = AttributeValue(customer_id=customer_id, key=definition.key)
    if not definition.personal:
        row.clear = orjson.dumps(checked).decode()  # as JSON text, since the ORM takes a plain text for just that
    elif definition.searchable:
        row.searchable = orjson.dumps(checked).decode()
    else:
        row.sealed = checked  # type: ignore[assignment]  # a JSON value
    return row
